// Which rows of a long list are drawn: those on the screen and some beside them.

/** Rows drawn beyond the visible ones, so that scrolling shows no gaps. */
const overscan = 10;

export function visibleRange(
  topPx: number,
  heightPx: number,
  rowPx: number,
  count: number,
): { readonly from: number; readonly to: number } {
  const from = Math.min(Math.max(0, Math.floor(topPx / rowPx) - overscan), Math.max(0, count - 1));
  return { from, to: Math.min(count, Math.ceil((topPx + heightPx) / rowPx) + overscan) };
}

/** Where a list must be scrolled to, so that the row is wholly seen; the same place when it is. */
export function scrollToRow(index: number, topPx: number, heightPx: number, rowPx: number): number {
  const at = index * rowPx;
  if (at < topPx) return at;
  return at + rowPx > topPx + heightPx ? at + rowPx - heightPx : topPx;
}
