// Loading with a kept answer, and keys that work on the whole page but never while somebody types.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Loaded<T> {
  readonly data: T | undefined;
  /** The failure of the last attempt; the data before it stay shown. */
  readonly error: unknown;
  readonly busy: boolean;
  readonly reload: () => void;
}

/** Loads when `key` changes, again on `reload`, and every `everyMs` while the page is looked at (0: not by itself). */
export function useLoad<T>(key: string, load: () => Promise<T>, everyMs = 0): Loaded<T> {
  const [state, setState] = useState<{ key: string; data: T | undefined; error: unknown }>();
  const [busy, setBusy] = useState(false);
  const [turn, setTurn] = useState(0);
  const asked = useRef(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    asked.current += 1;
    const mine = asked.current;
    setBusy(true);
    latest.current().then(
      (data) => {
        if (mine !== asked.current) return;
        setState({ key, data, error: undefined });
        setBusy(false);
      },
      (error: unknown) => {
        if (mine !== asked.current) return;
        setState((now) => ({ key, data: now?.key === key ? now.data : undefined, error }));
        setBusy(false);
      },
    );
  }, [key, turn]);
  const reload = useCallback(() => setTurn((now) => now + 1), []);
  useEffect(() => {
    if (everyMs === 0) return undefined;
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);
  return { data: state?.key === key ? state.data : undefined, error: state?.error, busy, reload };
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type))
  );
}

/** Calls `onKey` for single keys outside of fields and dialogs; a true answer means that the key was ours. */
export function useKeys(onKey: (key: string) => boolean): void {
  const latest = useRef(onKey);
  latest.current = onKey;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.key !== 'Escape' && isTyping(event.target)) return;
      // A dialog of the browser's own keeps its keys.
      if (document.querySelector('dialog[open]') !== null) return;
      if (latest.current(event.key)) event.preventDefault();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}

/** What `value` was when it last stood still for `ms`. */
export function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
