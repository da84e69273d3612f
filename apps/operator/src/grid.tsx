// A table of any length: only the rows on the screen are drawn. j/k walk the rows' links, Enter or o opens one, and the end
// of what is loaded asks for more.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from './hooks.ts';
import { scrollToRow, visibleRange } from './visible.ts';

const rowPx = 38;
/** Asks for more when fewer rows than this are left below. */
const nearEnd = 15;

export interface Column<Row> {
  readonly key: string;
  readonly head: ComponentChildren;
  readonly cell: (row: Row) => ComponentChildren;
  readonly num?: boolean;
  /** Class of the cell. */
  readonly kind?: (row: Row) => string;
}

export interface GridProps<Row> {
  readonly label: string;
  /** Class that sets the widths of the columns. */
  readonly kind: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** All rows there are, also those not loaded. */
  readonly total: number;
  readonly rowKey: (row: Row) => string;
  /** Key of the row that is open beside the table. */
  readonly openKey?: string;
  readonly onOpen: (row: Row) => void;
  readonly onMore?: () => void;
  /** Shows itself at the left, where something can be done with many rows at once. */
  readonly choose?: {
    readonly chosen: ReadonlySet<string>;
    readonly label: string;
    readonly toggle: (row: Row) => void;
  };
}

function isControl(element: Element | null): boolean {
  return element !== null && element.closest('a, button, summary, input') !== null;
}

function useScroll() {
  const box = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const area = box.current;
    if (area === null) return undefined;
    const read = () => setScroll({ top: area.scrollTop, height: area.clientHeight });
    read();
    const watcher = new ResizeObserver(read);
    watcher.observe(area);
    return () => watcher.disconnect();
  }, []);
  return { box, scroll, setScroll };
}

export function Grid<Row>(props: GridProps<Row>) {
  const { columns, rows, rowKey, onMore, choose } = props;
  const { box, scroll, setScroll } = useScroll();
  const [focus, setFocus] = useState(-1);
  const wanted = useRef(false);

  function walk(step: number): boolean {
    if (rows.length === 0) return false;
    const next = Math.max(0, Math.min(rows.length - 1, focus + step));
    wanted.current = true;
    setFocus(next);
    const area = box.current;
    if (area !== null) area.scrollTop = scrollToRow(next, area.scrollTop, area.clientHeight - rowPx, rowPx);
    return true;
  }
  useKeys((key) => {
    const row = rows[focus];
    if (key === 'j' || key === 'k') return walk(key === 'j' ? 1 : -1);
    // On a link or a button Enter is the browser's own.
    const isOpening = key === 'o' || (key === 'Enter' && !isControl(document.activeElement));
    if (isOpening && row !== undefined) props.onOpen(row);
    else if (key === 'x' && row !== undefined && choose !== undefined) choose.toggle(row);
    else return false;
    return true;
  });
  useEffect(() => {
    if (!wanted.current) return;
    wanted.current = false;
    box.current?.querySelector<HTMLElement>('.row.focused a, .row.focused button.link')?.focus({ preventScroll: true });
  }, [focus, scroll]);

  const { from, to } = visibleRange(scroll.top, scroll.height, rowPx, rows.length);
  useEffect(() => {
    if (rows.length < props.total && to + nearEnd >= rows.length) onMore?.();
  }, [to, rows.length, props.total]);

  return (
    <div
      ref={box}
      class="grid-wrap"
      onScroll={(event) => setScroll({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}
    >
      <div role="table" aria-label={props.label} aria-rowcount={props.total} class={`grid ${props.kind}`}>
        <div role="row" class="row head" aria-rowindex={1}>
          {choose !== undefined && <span role="columnheader" aria-label={choose.label} />}
          {columns.map((column) => (
            <span key={column.key} role="columnheader" class={column.num === true ? 'num' : ''}>
              {column.head}
            </span>
          ))}
        </div>
        <div role="rowgroup" class="spacer" style={{ height: `${rows.length * rowPx}px` }}>
          {rows.slice(from, to).map((row, index) => {
            const key = rowKey(row);
            const state = `${from + index === focus ? 'focused' : ''} ${key === props.openKey ? 'open' : ''}`;
            return (
              <div
                key={key}
                role="row"
                aria-rowindex={from + index + 2}
                class={`row ${state}`}
                style={{ transform: `translateY(${(from + index) * rowPx}px)` }}
                onClick={(event) => {
                  setFocus(from + index);
                  const target = event.target as HTMLElement;
                  if (target.closest('a, button, input') === null) props.onOpen(row);
                }}
              >
                {choose !== undefined && (
                  <span role="cell">
                    <input
                      type="checkbox"
                      aria-label={`${choose.label} ${key}`}
                      checked={choose.chosen.has(key)}
                      onChange={() => choose.toggle(row)}
                    />
                  </span>
                )}
                {columns.map((column) => (
                  <span
                    key={column.key}
                    role="cell"
                    class={`${column.num === true ? 'num' : ''} ${column.kind?.(row) ?? ''}`}
                  >
                    {column.cell(row)}
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
