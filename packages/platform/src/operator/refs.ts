// Units, lines and days as the console's answers name them.
import type { LineRef, UnitRef } from '@tongche/contract';
import { MAX_PAGE_ROWS, Refusal } from '@tongche/contract';
import type { Line, Unit } from '@tongche/network';
import { dayFromText, dayOf, dayText } from '@tongche/protocol';
import type { City } from '../city/city.ts';
import type { Platform } from '../platform.ts';

const defaultRows = 50;

export function unitRef(unit: Unit): UnitRef {
  return { unitId: unit.unitId, kind: unit.kind, plate: unit.plate ?? null, label: unit.label };
}

export function lineRef(line: Line): LineRef {
  return { id: line.id, shortName: line.shortName, name: line.name, colour: line.colour };
}

export function lineRefOf(city: City, lineId: string | undefined): LineRef | null {
  const line = lineId === undefined ? undefined : city.line(lineId);
  return line === undefined ? null : lineRef(line);
}

/** The day asked for, today when none. Throws Refusal 'bad-request' for a day that does not exist or is still to come. */
export function askedDay({ clock, zone }: Platform, date: string | undefined): number {
  const today = dayOf(clock.now(), zone);
  if (date === undefined) return today;
  const read = dayFromText(date);
  if (!read.ok) throw new Refusal('bad-request');
  if (read.value > today) throw new Refusal('bad-request', { today: dayText(today) });
  return read.value;
}

/** Search words: capital letters and figures, without dots and blanks, so that 粤b 12345d finds 粤B·12345D. */
export function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[\s·•.\-_]/g, '');
}

/** Rows asked for: at most the contract's page. */
export function pageSize(limit: string | undefined): number {
  return Math.min(Math.max(Number(limit ?? defaultRows), 1), MAX_PAGE_ROWS);
}
