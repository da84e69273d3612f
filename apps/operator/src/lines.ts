// Which line needs somebody first. Pure, so that the order can be tested.
import type { LineDay } from '@tongche/contract';

/** Stands in addresses for vehicles and rides without a line. */
export const noLineId = '-';

export const orders = ['problems', 'heads', 'name'] as const;
export type Order = (typeof orders)[number];

/** Vehicles in service that nobody signed in to. */
export function unsigned({ inService, signedIn }: LineDay): number {
  return Math.max(0, inService - signedIn);
}

/**
 * How much is wrong on a line, in vehicles: one without any registration is out of the tracing altogether and weighs most,
 * a dead sticker loses some riders, a missing sign-in loses the driver's check.
 */
export function problemScore(line: LineDay): number {
  return line.noRegistration * 4 + line.deadCodes * 2 + unsigned(line);
}

const byText = new Intl.Collator('zh-CN', { numeric: true });

export function sortLines(lines: readonly LineDay[], order: Order): readonly LineDay[] {
  const name = ({ line }: LineDay): string => line?.shortName ?? '\uffff';
  const byName = (a: LineDay, b: LineDay): number => byText.compare(name(a), name(b));
  return lines.toSorted((a, b) => {
    if (order === 'problems') return problemScore(b) - problemScore(a) || b.heads - a.heads || byName(a, b);
    return order === 'heads' ? b.heads - a.heads || byName(a, b) : byName(a, b);
  });
}
