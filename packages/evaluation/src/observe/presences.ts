// The engine's view of the week: presences by space and time, and by person. Made when asked for; a million objects would not fit.
import type { Presence, PresenceSource, Via } from '@tongche/tracing';
import { at, item, lowerBound, rowsOf } from '../kit/columns.ts';
import type { Notes } from './notes.ts';
import type { Registrations } from './registrations.ts';
import { msOf, runKeyOf, unitIdOf, WEEK_STARTS_MS } from './timelines.ts';
import type { Timelines } from './timelines.ts';

const VIAS: readonly Via[] = ['scan', 'driver', 'paper'];

export interface Presences extends PresenceSource {
  presence(row: number): Presence;
}

export function personIdOf(key: number): string {
  return `p${key}`;
}

/** Row of a presence id made here. */
export function rowOf(id: string): number {
  return Number(id);
}

function secondOf(ms: number): number {
  return (ms - WEEK_STARTS_MS) / 1_000;
}

export function presencesOf(registrations: Registrations, timelines: Timelines, notes: Notes): Presences {
  const made = new Map<number, Presence>();

  function make(row: number): Presence {
    const [unit, second] = [at(registrations.unit, row), at(registrations.second, row)];
    const run = timelines.runOf(unit, second);
    return {
      id: String(row),
      person: personIdOf(at(registrations.key, row)),
      unit: unitIdOf(unit),
      runKey: run >= 0 && timelines.knows(run) ? runKeyOf(run) : null,
      via: item(VIAS, at(registrations.via, row)),
      boardedMs: msOf(second),
      boardSeq: null,
      goneMs: null,
      evidence: notes(row),
      row: null,
      party: 0,
      staff: false,
      doubtful: false,
    };
  }

  function presence(row: number): Presence {
    let known = made.get(row);
    if (known === undefined) made.set(row, (known = make(row)));
    return known;
  }

  return {
    presence,
    on(unit, fromMs, toMs) {
      const rows = rowsOf(registrations.ofUnit, Number(unit.slice(1)));
      const seconds = rows.map((row) => at(registrations.second, row));
      const from = lowerBound(seconds, secondOf(fromMs));
      const to = lowerBound(seconds, secondOf(toMs), from);
      return Array.from(rows.subarray(from, to), presence);
    },
    of(person, fromMs, toMs) {
      const rows = rowsOf(registrations.ofKey, Number(person.slice(1)));
      return [...rows].map(presence).filter(({ boardedMs }) => boardedMs >= fromMs && boardedMs < toMs);
    },
  };
}
