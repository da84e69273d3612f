// Shared by the tests of this package: small runs and rides.
import type { Presence, Run, StopBounds } from './model.ts';

export const minuteMs = 60_000;

/** Stops 0..count-1, four minutes apart, standing for one. */
export function run(runKey: string, count = 8, startMs = 0): Run {
  return {
    runKey,
    line: { zh: 'M133路', en: 'M133' },
    stops: Array.from({ length: count }, (_, seq) => ({
      seq,
      name: { zh: `站${seq}`, en: `Stop ${seq}` },
      arrMs: startMs + seq * 4 * minuteMs,
      depMs: startMs + (seq * 4 + 1) * minuteMs,
    })),
  };
}

export function ride(id: string, fields: Partial<Presence> = {}): Presence {
  const boardSeq = fields.boardSeq === undefined ? 0 : fields.boardSeq;
  return {
    id,
    person: `p-${id}`,
    unit: 'bus1',
    runKey: 'r1',
    boardedMs: (boardSeq ?? 0) * 4 * minuteMs,
    boardSeq,
    notes: [],
    party: 0,
    ...fields,
  };
}

export function fromTo(board: number, alight: number, basis: StopBounds['basis'] = 'off-tap'): StopBounds {
  return { basis, boardLo: board, boardHi: board, alightLo: alight, alightHi: alight };
}
