// Missing rides of a case: how many are suggested, how many suggestions are wrong (A10); and whether rides registered on a wrong
// vehicle stand out (A12): by what the investigator is shown of them, at its own least confidence.
import { gapsOf, wrongVehicles } from '@tongche/tracing';
import { unitOf } from '../city/city.ts';
import { at, rowsOf } from '../kit/columns.ts';
import type { Asking } from '../ladder/engine.ts';
import { ruleFor } from '../ladder/policy.ts';
import { personIdOf } from '../observe/presences.ts';
import { lineIdOf, ZONE } from '../observe/timelines.ts';
import type { TrueCase } from '../score/truth.ts';

export interface GapGrade {
  /** Rides of commuters that nobody registered, the share of them that is suggested; all suggestions, the wrong share. */
  readonly missing: number;
  readonly suggested: number;
  readonly suggestions: number;
  readonly wrong: number;
  /** Registrations on a wrong vehicle, and right ones; the shares that are shown as probably wrong. */
  readonly wrongVehicle: number;
  readonly wrongVehicleFlagged: number;
  readonly rightFlagged: number;
}

/** Of suggestions that count (A10). */
const LEAST_CONFIDENCE = 0.5;

interface Counts {
  missing: number;
  found: number;
  suggestions: number;
  right: number;
  wrongRows: number;
  wrongFlagged: number;
  rightRows: number;
  rightFlagged: number;
}

function suggestionsFor({ presences, timelines, city }: Asking, { key }: TrueCase, rows: readonly number[]) {
  const { lastDay } = ruleFor(city.parameters.demand.days, city.parameters.overlapS);
  return gapsOf({
    zone: ZONE,
    person: personIdOf(key),
    presences: rows.map((row) => presences.presence(row)),
    world: timelines,
    days: { from: lastDay - city.parameters.demand.days + 1, to: lastDay },
    minConfidence: LEAST_CONFIDENCE,
  });
}

function countCase(it: Asking, of: TrueCase, counts: Counts): void {
  const { city, registrations } = it;
  const { stays, runs } = city;
  const rows = [...rowsOf(registrations.ofKey, of.key)];
  const { lastDay } = ruleFor(city.parameters.demand.days, city.parameters.overlapS);
  const firstDay = lastDay - city.parameters.demand.days + 1;
  const placeOf = (stay: number) => {
    const run = at(stays.run, stay);
    return `${at(runs.day, run) + firstDay}/${lineIdOf(at(runs.line, run))}/${at(runs.dir, run)}`;
  };
  const isWrong = (row: number) => at(registrations.unit, row) !== unitOf(city, at(registrations.stay, row));
  const own = [...rowsOf(city.staysOfPerson, of.person)];
  const rightly = new Set(rows.filter((row) => !isWrong(row)).map((row) => at(registrations.stay, row)));
  const missing = own.filter((stay) => !rightly.has(stay)).map(placeOf);
  if (at(city.population.isCommuter, of.person) === 1) {
    const left = [...missing];
    for (const { day, lineId, dir } of suggestionsFor(it, of, rows)) {
      counts.suggestions += 1;
      const index = left.indexOf(`${day}/${lineId}/${dir}`);
      if (index < 0) continue;
      left.splice(index, 1);
      counts.right += 1;
    }
    counts.missing += missing.length;
    counts.found += missing.length - left.length;
  }
  const shown = shownAsWrong(it, rows);
  for (const row of rows) {
    const isFlagged = shown.has(String(row));
    if (isWrong(row)) {
      counts.wrongRows += 1;
      if (isFlagged) counts.wrongFlagged += 1;
    } else {
      counts.rightRows += 1;
      if (isFlagged) counts.rightFlagged += 1;
    }
  }
}

function shownAsWrong({ presences, timelines }: Asking, rows: readonly number[]): ReadonlySet<string> {
  const own = rows.map((row) => presences.presence(row));
  const found = wrongVehicles({ zone: ZONE, presences: own, world: timelines });
  return new Set(found.map(({ presenceId }) => presenceId));
}

export function gradeGaps(it: Asking, cases: readonly TrueCase[]): GapGrade {
  const counts: Counts = {
    missing: 0,
    found: 0,
    suggestions: 0,
    right: 0,
    wrongRows: 0,
    wrongFlagged: 0,
    rightRows: 0,
    rightFlagged: 0,
  };
  for (const one of cases) countCase(it, one, counts);
  const of = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    missing: counts.missing,
    suggested: of(counts.found, counts.missing),
    suggestions: counts.suggestions,
    wrong: of(counts.suggestions - counts.right, counts.suggestions),
    wrongVehicle: counts.wrongRows,
    wrongVehicleFlagged: of(counts.wrongFlagged, counts.wrongRows),
    rightFlagged: of(counts.rightFlagged, counts.rightRows),
  };
}
