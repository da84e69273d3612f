// A city of commuters for the tests of common exposure: made here, the same for the same seed.
import type { ClusterCase, RidersOn } from './cluster-types.ts';

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Town {
  readonly population: number;
  readonly runs: readonly RidersOn[];
  /** By rider: indices of the runs they were on. */
  readonly rides: readonly (readonly number[])[];
  /** By run: its riders. */
  readonly aboard: readonly (readonly number[])[];
}

interface Shape {
  readonly riders: number;
  readonly lines: number;
  /** Runs of one line, both ways, in a day. */
  readonly perDay: number;
}

const DAYS = 5;

/** Monday to Friday. Two in three commute: the same line out and home four days of five or so, about the same run. */
export function townOf(seed: number, { riders, lines, perDay }: Shape): Town {
  const random = randomOf(seed);
  const runOf = (day: number, line: number, slot: number): number => (day * lines + line) * perDay + slot;
  const runs = Array.from({ length: DAYS * lines * perDay }, (_, i): RidersOn => {
    const slot = i % perDay;
    const line = Math.floor(i / perDay) % lines;
    const [day, hour] = [Math.floor(i / perDay / lines), 6 + Math.floor((slot * 16) / perDay)];
    const unit = `v${line}-${slot % 4}`;
    return {
      runKey: `r${i}`,
      unit,
      vehicle: unit,
      lineId: `l${line}`,
      dir: slot % 2 === 0 ? 0 : 1,
      day,
      hour,
      heads: 0,
    };
  });
  const aboard: number[][] = runs.map(() => []);
  /** Three in five times the usual run, else the next one that way. */
  const late = (): number => (random() < 0.6 ? 0 : 2);
  const rides = Array.from({ length: riders }, (_, rider) => {
    const own = new Set<number>();
    const commutes = random() < 0.65;
    // Some lines carry far more than others, and most people leave at the same hours.
    const line = Math.floor(random() ** 2 * lines);
    const out = Math.floor((perDay * (random() + random() + random())) / 9);
    const home = Math.floor((perDay * (2 + (random() + random() + random()) / 3)) / 3);
    for (let day = 0; day < DAYS; day += 1) {
      if (commutes && random() < 0.88) {
        own.add(runOf(day, line, out + late()));
        if (random() < 0.78) own.add(runOf(day, line, Math.min(home + late(), perDay - 1)));
      } else if (!commutes && random() < 0.5) {
        own.add(runOf(day, Math.floor(random() * lines), Math.floor(random() * perDay)));
      }
    }
    for (const run of own) aboard[run]?.push(rider);
    return [...own];
  });
  return { population: riders, runs: runs.map((run, i) => ({ ...run, heads: aboard[i]?.length ?? 0 })), rides, aboard };
}

/** `count` different ones of `from`. */
export function sampleOf<T>(from: readonly T[], count: number, random: () => number): readonly T[] {
  const rest = [...from];
  return Array.from({ length: count }, () => rest.splice(Math.floor(random() * rest.length), 1)).flat();
}

export function casesOf(town: Town, riders: Iterable<number>): readonly ClusterCase[] {
  return [...new Set(riders)].map((rider) => ({
    person: `p${rider}`,
    onset: null,
    rides: (town.rides[rider] ?? []).flatMap((i) => town.runs[i] ?? []),
  }));
}

/** A run that `heads` people or so were on. */
export function runWith(town: Town, heads: number, random: () => number): number {
  const fit = town.aboard.flatMap((riders, i) => (Math.abs(riders.length - heads) <= 3 ? i : []));
  return fit[Math.floor(random() * fit.length)] ?? -1;
}
