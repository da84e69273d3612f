// How counts, sizes and times are written on the console.
import { dayText, timeText } from '@tongche/ui';
import type { Language } from './words.ts';

const grouped = new Intl.NumberFormat('en-US');

/** 12,345 */
export function countText(n: number): string {
  return grouped.format(n);
}

/** For narrow cells: 0 is empty, 1240 is 1.2k. */
export function shortCount(n: number): string {
  if (n === 0) return '';
  if (n < 1_000) return String(n);
  return n < 10_000 ? `${(n / 1_000).toFixed(1).replace('.0', '')}k` : `${Math.round(n / 1_000)}k`;
}

/** 48 KB, 1.2 MB */
export function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1).replace('.0', '')} ${units[unit] ?? ''}`;
}

/** 93%; above everything counted by others it stays as it is: 104% says that their counts are too low. */
export function shareText(part: number, whole: number | null): string {
  return whole === null || whole === 0 ? '' : `${Math.round((part / whole) * 100)}%`;
}

/** Steps of shade for a cell, 0 (nothing) to 5 (the most of its table), by square root: quiet hours stay visible. */
export function shade(n: number, most: number): number {
  return n <= 0 || most <= 0 ? 0 : Math.max(1, Math.ceil(Math.sqrt(n / most) * 5));
}

/** A round number at or above the highest bar, and the lines below it. */
export function axisOf(most: number): readonly number[] {
  const step = [1, 2, 5].flatMap((n) => [0, 1, 2, 3, 4, 5, 6].map((power) => n * 10 ** power)).sort((a, b) => a - b);
  const by = step.find((each) => each * 4 >= most) ?? 1;
  const top = Math.max(1, Math.ceil(most / by));
  return Array.from({ length: top + 1 }, (_, n) => n * by);
}

export function shiftDate(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Day of the week of a date, 0 Monday to 6 Sunday. */
export function weekday(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

const locale = (language: Language): string => (language === 'zh' ? 'zh-CN' : 'en');

/** 11月20日, 20 Nov */
export function dateOf(date: string, language: Language): string {
  return dayText(Date.parse(`${date}T00:00:00Z`), locale(language), 'UTC');
}

/** 11月20日 08:12 */
export function momentOf(ms: number, language: Language, zone: string): string {
  return `${dayText(ms, locale(language), zone)} ${timeText(ms, zone)}`;
}
