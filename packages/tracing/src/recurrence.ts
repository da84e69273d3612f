// "Every weekday", as days of a calendar: with the holidays an investigator leaves out, and the weekend days that were
// worked instead.
import { weekdayOf } from './calendar.ts';
import type { Weekday } from './calendar.ts';
import type { Name } from './types.ts';

export const WORKDAYS: readonly Weekday[] = [0, 1, 2, 3, 4];

/** Local days from `from` to `to`, both included, that fall on `weekdays`; without `except`, and with `also`. */
export interface Recurrence {
  readonly from: number;
  readonly to: number;
  readonly weekdays: readonly Weekday[];
  /** Public holidays, days off, days the case says they stayed at home. */
  readonly except: readonly number[];
  /** Days on which the case rode all the same, such as a weekend worked before a holiday; never outside from..to. */
  readonly also: readonly number[];
}

/** No case is asked about more than this. */
const MAX_DAYS = 400;

/** Days in order, each once. `except` wins over `also`. Throws a RangeError where `from` is behind `to`, or years before it. */
export function daysOf({ from, to, weekdays, except, also }: Recurrence): readonly number[] {
  if (!Number.isInteger(from) || !Number.isInteger(to) || to < from || to - from > MAX_DAYS)
    throw new RangeError(`days ${from} to ${to} are no stretch of a calendar`);
  const [wanted, added, out] = [new Set<number>(weekdays), new Set(also), new Set(except)];
  return Array.from({ length: to - from + 1 }, (_, i) => from + i).filter(
    (day) => !out.has(day) && (added.has(day) || wanted.has(weekdayOf(day))),
  );
}

const NAMES: readonly Name[] = [
  { zh: '周一', en: 'Mondays' },
  { zh: '周二', en: 'Tuesdays' },
  { zh: '周三', en: 'Wednesdays' },
  { zh: '周四', en: 'Thursdays' },
  { zh: '周五', en: 'Fridays' },
  { zh: '周六', en: 'Saturdays' },
  { zh: '周日', en: 'Sundays' },
];

/** "工作日", "weekdays"; "每天", "daily"; else the days by name. */
export function weekdayWords(weekdays: readonly Weekday[]): Name {
  const days = [...new Set(weekdays)].sort((a, b) => a - b);
  if (days.length === 7) return { zh: '每天', en: 'daily' };
  if (days.join() === WORKDAYS.join()) return { zh: '工作日', en: 'weekdays' };
  if (days.join() === '5,6') return { zh: '周末', en: 'weekends' };
  const names = days.map((day) => NAMES[day] ?? { zh: '', en: '' });
  return { zh: names.map(({ zh }) => zh).join('、'), en: names.map(({ en }) => en).join(', ') };
}
