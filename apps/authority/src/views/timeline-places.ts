// Where the rides of a day are drawn, in pixels of a lane: bars by their minutes, words in or beside them, and nothing over
// anything else.

export interface Drawn {
  /** Minutes of the day, which may go beyond 1,440. */
  readonly fromMin: number;
  readonly toMin: number;
  /** Words for it, the fullest first: where they have no room, fewer are said. */
  readonly labels: readonly [string, ...string[]];
}

/** The hours that are drawn, over so many pixels. */
export interface Frame {
  readonly fromHour: number;
  readonly toHour: number;
  readonly widthPx: number;
}

export interface Bar<Ride> {
  readonly ride: Ride;
  readonly x: number;
  readonly width: number;
  readonly label: string;
  /** Words stand in a bar that holds them, else after it, before it where it is near the end, and cut off where neither has room. */
  readonly words: 'in' | 'after' | 'before' | 'cut';
  readonly row: number;
}

/** A bar is at least this wide, so that a short ride can be seen and pressed. */
const leastPx = 10;
const [paddingPx, gapPx] = [6, 8];
/** An hour's figures and some air. */
const tickPx = 52;
const steps = [1, 2, 3, 6, 12];
/** Of 11 px: Chinese characters are square, letters and digits about half of that. */
const [squarePx, letterPx] = [11.5, 6.6];
const nowhere = { label: '', words: 'cut', from: 0, to: 0 } as const;

export function wordsPx(text: string): number {
  let px = 0;
  for (const sign of text) px += /[⺀-￿]/u.test(sign) ? squarePx : letterPx;
  return px;
}

/** Hours that are named on the axis. */
export function ticksOf({ fromHour, toHour, widthPx }: Frame): readonly number[] {
  const span = toHour - fromHour;
  const step = steps.find((one) => (widthPx / span) * one >= tickPx) ?? 24;
  const first = Math.ceil(fromHour / step) * step;
  return Array.from({ length: Math.floor((toHour - first) / step) + 1 }, (_, n) => first + n * step);
}

export function xOf({ fromHour, toHour, widthPx }: Frame, minute: number): number {
  return ((minute / 60 - fromHour) / (toHour - fromHour)) * widthPx;
}

/** Where words find room beside or in a bar from `x` to `end`. */
function wordsOf(label: string, x: number, end: number, { widthPx }: Frame): Pick<Bar<unknown>, 'words'> & Span {
  const needed = wordsPx(label) + 2 * paddingPx;
  if (end - x >= needed) return { words: 'in', from: x, to: end };
  if (end + needed <= widthPx) return { words: 'after', from: x, to: end + needed };
  if (x >= needed) return { words: 'before', from: x - needed, to: end };
  return { words: 'cut', from: x, to: end };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Bars and words that would hide one another stand in rows of their own. `rides` of one day, in order of time. */
export function barsOf<Ride>(rides: readonly Ride[], drawn: (ride: Ride) => Drawn, frame: Frame): readonly Bar<Ride>[] {
  const rows: Span[][] = [];
  return rides.map((ride) => {
    const { fromMin, toMin, labels } = drawn(ride);
    const x = Math.min(Math.max(0, xOf(frame, fromMin)), frame.widthPx - leastPx);
    const width = Math.min(Math.max(leastPx, xOf(frame, toMin) - x), frame.widthPx - x);
    const tried = labels.map((label) => ({ label, ...wordsOf(label, x, x + width, frame) }));
    const { label, words, from, to } = tried.find((one) => one.words !== 'cut') ?? tried.at(-1) ?? nowhere;
    const free = rows.findIndex((taken) => taken.every((one) => to + gapPx <= one.from || one.to + gapPx <= from));
    const row = free < 0 ? rows.push([]) - 1 : free;
    rows[row]?.push({ from, to });
    return { ride, x, width, label, words, row };
  });
}
