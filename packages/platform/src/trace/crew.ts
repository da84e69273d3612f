// Until when somebody who scanned a crew code was on board: to the end of the shift that was on, as far as the operator knows.
import { MINUTE_MS } from '@tongche/protocol';
import { CREW } from '../rides/flags.ts';
import type { Sql } from '../store/sql.ts';
import { shiftsOfWindows } from '../store/staff.ts';
import type { UnitSpan } from './reply.ts';

/** Crew who nobody signed out are taken to have worked a day of eight hours. */
export const CREW_DAY_MS = 8 * 60 * MINUTE_MS;
/** No shift is longer: one that was never ended is not believed beyond. */
export const LONGEST_SHIFT_MS = 16 * 60 * MINUTE_MS;
/** Crew scan before they sign in to the staff page, or a little after. */
const NEAR_SIGN_IN_MS = 30 * MINUTE_MS;

export interface ShiftSpan {
  readonly unitId: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
}

/** `shifts` are those of the unit, in any order. */
export function crewUntilMs(boardedMs: number, shifts: readonly Omit<ShiftSpan, 'unitId'>[]): number {
  let untilMs: number | undefined;
  for (const { startedMs, endedMs } of shifts) {
    const endMs = Math.min(endedMs ?? Infinity, startedMs + LONGEST_SHIFT_MS);
    const isOn = startedMs - NEAR_SIGN_IN_MS <= boardedMs && boardedMs < endMs;
    if (isOn) untilMs = Math.max(untilMs ?? 0, endMs);
  }
  return untilMs ?? boardedMs + CREW_DAY_MS;
}

export interface OnUnit {
  readonly unitId: string | undefined;
  readonly boardedMs: number;
  readonly flags: number;
}

/** For each ride until when it counts; null of passengers. One statement, none where nobody is crew. */
export async function crewEnds(sql: Sql, rides: readonly OnUnit[]): Promise<readonly (number | null)[]> {
  const spans = rides.flatMap(({ unitId, boardedMs, flags }) =>
    (flags & CREW) === 0 || unitId === undefined
      ? []
      : [{ unitId, fromMs: boardedMs - LONGEST_SHIFT_MS, toMs: boardedMs + NEAR_SIGN_IN_MS }],
  );
  const shifts = spans.length === 0 ? [] : await shiftsOfWindows(sql, spans);
  const ofUnit = Map.groupBy(shifts, ({ unitId }) => unitId);
  return rides.map(({ unitId, boardedMs, flags }) =>
    (flags & CREW) === 0 ? null : crewUntilMs(boardedMs, ofUnit.get(unitId ?? '') ?? []),
  );
}

/** Where crew who are on board in the span may have scanned: so much earlier. */
export function crewSpan(span: UnitSpan): UnitSpan {
  return { ...span, fromMs: span.fromMs - LONGEST_SHIFT_MS };
}
