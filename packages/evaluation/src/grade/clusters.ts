// Common exposure (A11): people infected on one run among other cases, and other cases alone.
import { findClusters } from '@tongche/tracing';
import type { ClusterCase, Clusters, RidersOn } from '@tongche/tracing';
import { at, item, rowsOf } from '../kit/columns.ts';
import { noise } from '../kit/noise.ts';
import { personIdOf } from '../observe/presences.ts';
import { lineIdOf, runKeyOf, unitIdOf } from '../observe/timelines.ts';
import type { Setting } from '../ladder/setting.ts';
import { UNITS_PER_VEHICLE } from '../city/runs.ts';

export interface ClusterGrade {
  readonly infected: number;
  readonly background: number;
  readonly trials: number;
  /** The true run was named, as an alarm, as a watch; a run that infected nobody as an alarm. */
  readonly alarmed: number;
  readonly watched: number;
  readonly falseAlarms: number;
}

const PURPOSE = { run: 101, infected: 102, background: 103 } as const;

interface Ground {
  readonly runs: readonly RidersOn[];
  readonly population: number;
  /** Registered numbers by `run/unit`. */
  readonly aboard: ReadonlyMap<string, ReadonlySet<number>>;
  readonly crowded: readonly string[];
}

function groundOf({ city, registrations, timelines }: Setting): Ground {
  const aboard = new Map<string, Set<number>>();
  for (let row = 0; row < registrations.count; row += 1) {
    const unit = at(registrations.unit, row);
    const run = timelines.runOf(unit, at(registrations.second, row));
    if (run < 0) continue;
    const place = `${run}/${unit}`;
    const keys = aboard.get(place);
    if (keys === undefined) aboard.set(place, new Set([at(registrations.key, row)]));
    else keys.add(at(registrations.key, row));
  }
  const runs = [...aboard].map(([place, keys]): RidersOn => {
    const [run = 0, unit = 0] = place.split('/').map(Number);
    return {
      runKey: runKeyOf(run),
      unit: unitIdOf(unit),
      vehicle: `v${Math.floor(unit / UNITS_PER_VEHICLE)}`,
      lineId: lineIdOf(at(city.runs.line, run)),
      dir: at(city.runs.dir, run) === 0 ? 0 : 1,
      day: at(city.runs.day, run),
      hour: Math.floor((at(city.runs.plannedS, run) % 86_400) / 3_600),
      heads: keys.size,
    };
  });
  const least = city.parameters.epidemic.ridersAtLeast;
  const crowded = [...aboard].flatMap(([place, keys]) => (keys.size >= least ? [place] : [])).sort();
  const population = new Set(registrations.key).size;
  return { runs, population, aboard, crowded };
}

function drawn(
  seed: number,
  purpose: number,
  trial: number,
  keys: readonly number[],
  count: number,
): readonly number[] {
  const luck = new Map(keys.map((key) => [key, noise(seed, purpose, key, trial)]));
  return keys.toSorted((a, b) => (luck.get(a) ?? 0) - (luck.get(b) ?? 0) || a - b).slice(0, count);
}

function caseOf({ registrations, timelines }: Setting, key: number): ClusterCase {
  const rides = [...rowsOf(registrations.ofKey, key)].flatMap((row) => {
    const unit = at(registrations.unit, row);
    const run = timelines.runOf(unit, at(registrations.second, row));
    return run < 0 ? [] : { runKey: runKeyOf(run), unit: unitIdOf(unit) };
  });
  return { person: personIdOf(key), onset: null, rides };
}

function find(setting: Setting, { runs, population }: Ground, keys: ReadonlySet<number>): Clusters {
  return findClusters({ countedIn: 'persons', population, runs, cases: [...keys].map((key) => caseOf(setting, key)) });
}

/** `trials` outbreaks of `infected` riders of one run, among `background` other cases; 0 infected: only those. */
export function gradeClusters(setting: Setting, infected: number, trials: number): ClusterGrade {
  const { city, registrations } = setting;
  const { background } = city.parameters.epidemic;
  const ground = groundOf(setting);
  const everybody = [...new Set(registrations.key)].sort((a, b) => a - b);
  let [alarmed, watched, falseAlarms] = [0, 0, 0];
  for (let trial = 0; trial < trials; trial += 1) {
    const place = item(
      ground.crowded,
      Math.floor(noise(city.seed, PURPOSE.run, trial, infected) * ground.crowded.length),
    );
    const riders = [...(ground.aboard.get(place) ?? [])];
    const there = drawn(city.seed, PURPOSE.infected, trial, riders, infected);
    const others = drawn(city.seed, PURPOSE.background, trial, everybody, background);
    const { found } = find(setting, ground, new Set([...there, ...others]));
    const runKey = runKeyOf(Number(place.split('/')[0]));
    const named = infected > 0 ? found.find((cluster) => cluster.runKeys.includes(runKey)) : undefined;
    if (named?.status === 'alarm') alarmed += 1;
    if (named?.status === 'watch') watched += 1;
    if (found.some((cluster) => cluster.status === 'alarm' && cluster !== named)) falseAlarms += 1;
  }
  const share = (count: number) => count / trials;
  return {
    infected,
    background,
    trials,
    alarmed: share(alarmed),
    watched: share(watched),
    falseAlarms: share(falseAlarms),
  };
}
