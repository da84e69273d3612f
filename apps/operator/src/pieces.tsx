// Small pieces that several views share: dialogs, the drawer, failures, empty states, unit names.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { CodeState, UnitRef } from '@tongche/contract';
import { Plate, Tag } from '@tongche/ui';
import { nameOf, type Context } from './context.ts';
import type { Loaded } from './hooks.ts';

export function UnitName({ context, unit }: { readonly context: Context; readonly unit: UnitRef }) {
  return unit.plate === null ? <>{nameOf(context, unit.label)}</> : <Plate plate={unit.plate} />;
}

const codeLooks = {
  active: ['plain', '●'],
  new: ['info', '＋'],
  dead: ['err', '✕'],
  unbound: ['warn', '?'],
  revoked: ['plain', '⊘'],
} as const;

export function CodeTag({ context, state }: { readonly context: Context; readonly state: CodeState }) {
  const [kind, icon] = codeLooks[state];
  return <Tag kind={kind} icon={icon} text={context.t(`code_${state}`)} />;
}

/** The failure of a load, with a way out. Data shown before stay. */
export function Problem({ context, loaded }: { readonly context: Context; readonly loaded: Loaded<unknown> }) {
  if (loaded.error === undefined) return null;
  return (
    <p class="problem" role="alert">
      {context.explain(loaded.error)} <button onClick={loaded.reload}>{context.t('retry')}</button>
    </p>
  );
}

/** Nothing here yet, and what to do about it. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="panel empty">
      <svg viewBox="0 0 64 48" aria-hidden="true">
        <path d="M8 12h36l10 12v12H8zM8 24h46M18 40a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM44 40a4 4 0 1 0 0-8 4 4 0 0 0 0 8z" />
      </svg>
      {children}
    </div>
  );
}

/** A native dialog that is open as long as it is drawn. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const onClose = useRef(props.onClose);
  onClose.current = props.onClose;
  useEffect(() => {
    const box = ref.current;
    const closed = () => onClose.current();
    box?.showModal();
    box?.addEventListener('close', closed);
    return () => {
      // Going away is not closing: another dialog may stand in this one's place.
      box?.removeEventListener('close', closed);
      box?.close();
    };
  }, []);
  return (
    <dialog ref={ref} aria-label={props.title}>
      <h2>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

export function Drawer(props: {
  readonly label: string;
  readonly closeText: string;
  readonly title: ComponentChildren;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.focus();
    return () => before instanceof HTMLElement && before.isConnected && before.focus();
  }, [props.label]);
  return (
    <aside ref={ref} class="drawer" tabIndex={-1} aria-label={props.label}>
      <div class="bar head">
        <h2>{props.title}</h2>
        <span class="space" />
        <button class="icon-button" aria-label={props.closeText} onClick={props.onClose}>
          ✕
        </button>
      </div>
      {props.children}
    </aside>
  );
}

/** When the numbers were counted, and a way to count again. */
export function Updated({
  context,
  time,
  loaded,
}: {
  readonly context: Context;
  readonly time: string;
  readonly loaded: Loaded<unknown>;
}) {
  return (
    <span class="updated quiet">
      {time !== '' && <span class="num">{context.t('updated', { time })}</span>}
      <button class="icon-button" aria-label={context.t('refresh')} disabled={loaded.busy} onClick={loaded.reload}>
        ↻
      </button>
    </span>
  );
}

/** A table that may be wider or longer than its place; reached by keys only when there is something to scroll. */
export function TableWrap(props: {
  readonly label: string;
  readonly tall?: boolean;
  readonly children: ComponentChildren;
}) {
  const ref = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useLayoutEffect(() => {
    const box = ref.current;
    if (box === null) return undefined;
    const look = () => setScrolls(box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight);
    look();
    const watcher = new ResizeObserver(look);
    watcher.observe(box);
    return () => watcher.disconnect();
  }, []);
  return (
    <div
      ref={ref}
      class={`table-wrap ${props.tall === true ? 'tall' : ''}`}
      role="group"
      aria-label={props.label}
      tabIndex={scrolls ? 0 : undefined}
    >
      {props.children}
    </div>
  );
}
