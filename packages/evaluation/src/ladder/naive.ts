// What contact tracers do without timelines: everybody who scanned the same vehicle within some time of the case.
import { DAY_S } from '../city/runs.ts';
import { at, rowsOf } from '../kit/columns.ts';
import type { Registrations } from '../observe/registrations.ts';
import type { Timelines } from '../observe/timelines.ts';

/** Numbers named for one case, each with a probability. */
export type Named = ReadonlyMap<number, number>;

type Near = (caseRow: number, otherRow: number) => boolean;

function sharing(registrations: Registrations, key: number, isNear: Near): Named {
  const named = new Map<number, number>();
  for (const mine of rowsOf(registrations.ofKey, key)) {
    for (const other of rowsOf(registrations.ofUnit, at(registrations.unit, mine)))
      if (at(registrations.key, other) !== key && isNear(mine, other)) named.set(at(registrations.key, other), 1);
  }
  return named;
}

export function sameDay(registrations: Registrations, key: number): Named {
  const day = (row: number) => Math.floor(at(registrations.second, row) / DAY_S);
  return sharing(registrations, key, (mine, other) => day(mine) === day(other));
}

export function within(registrations: Registrations, key: number, minutes: number): Named {
  const { second } = registrations;
  return sharing(registrations, key, (mine, other) => Math.abs(at(second, mine) - at(second, other)) <= minutes * 60);
}

/** Needs a timeline to know where a run begins and ends. */
export function sameRun(registrations: Registrations, timelines: Timelines, key: number): Named {
  const run = (row: number) => timelines.runOf(at(registrations.unit, row), at(registrations.second, row));
  return sharing(registrations, key, (mine, other) => {
    const mineRun = run(mine);
    return mineRun >= 0 && mineRun === run(other);
  });
}
