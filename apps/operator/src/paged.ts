// Rows that come page by page, each page after the last row of the one before; a new question begins anew.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
  readonly total: number;
}

export interface Paged<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly loaded: boolean;
  readonly busy: boolean;
  readonly error: unknown;
  readonly more: () => void;
  /** Asks again for as many rows as are shown: what they say may have changed. */
  readonly reload: () => void;
}

interface State<Row> extends Page<Row> {
  readonly key: string;
}

/** `load` asks for the rows after a cursor. */
export function usePaged<Row>(key: string, load: (after: string | undefined) => Promise<Page<Row>>): Paged<Row> {
  const [state, setState] = useState<State<Row>>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const turn = useRef(0);
  const latest = useRef(load);
  latest.current = load;
  const shown = useRef(0);
  shown.current = state?.key === key ? state.rows.length : 0;

  const begin = useCallback(
    (least: number) => {
      turn.current += 1;
      const mine = turn.current;
      setBusy(true);
      setError(undefined);
      void (async () => {
        const rows: Row[] = [];
        try {
          let after: string | undefined;
          for (;;) {
            const page = await latest.current(after);
            if (mine !== turn.current) return;
            rows.push(...page.rows);
            if (page.next === null || rows.length >= least) {
              setState({ key, rows, next: page.next, total: page.total });
              break;
            }
            after = page.next;
          }
        } catch (failure) {
          if (mine === turn.current) setError(failure);
        }
        if (mine === turn.current) setBusy(false);
      })();
    },
    [key],
  );

  useEffect(() => begin(0), [begin]);
  const current = state?.key === key ? state : undefined;
  const more = useCallback(() => {
    if (busy || current === undefined || current.next === null) return;
    const mine = turn.current;
    setBusy(true);
    latest.current(current.next).then(
      (page) => {
        if (mine !== turn.current) return;
        setState({ ...current, rows: [...current.rows, ...page.rows], next: page.next, total: page.total });
        setBusy(false);
      },
      (failure: unknown) => {
        if (mine !== turn.current) return;
        setError(failure);
        setBusy(false);
      },
    );
  }, [busy, current]);
  return {
    rows: current?.rows ?? [],
    total: current?.total ?? 0,
    loaded: current !== undefined,
    busy,
    error,
    more,
    reload: () => begin(shown.current),
  };
}
