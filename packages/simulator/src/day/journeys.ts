// Who rides what: commuters out and mostly back, others whenever the city moves, some changing lines on the way.
import { serviceStartMs } from '@tongche/network';
import type { Run, UnitId } from '@tongche/network';
import type { Draws } from './draws.ts';
import type { RiderId } from './model.ts';
import type { DayParameters } from './parameters.ts';
import { ridingMs, runFrom } from './ways.ts';
import type { Timetable, Way } from './ways.ts';

/** A ride somebody takes, before it is known whether anybody registers it. */
export interface Leg {
  readonly riderId: RiderId;
  readonly unitId: UnitId;
  readonly run: Run;
  readonly boardSeq: number;
  readonly alightSeq: number;
}

/** A stretch of a way. */
interface Stretch {
  readonly way: Way;
  readonly board: number;
  readonly alight: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** 95 % of a normal distribution lie below this many deviations. */
const z95 = 1.645;
/** From one vehicle to the next at the same place, and the least time spent at work. */
const changeMs = 2 * minuteMs;
const stayMs = 30 * minuteMs;
const noon = 12;

export function drawStretch(way: Way, draws: Draws, parameters: DayParameters, from?: number): Stretch | undefined {
  const sigma = Math.log(parameters.rideP95Min / parameters.rideMedianMin) / z95;
  const wantedMs = parameters.rideMedianMin * Math.exp(sigma * draws.normal()) * minuteMs;
  const last = way.stops.length - 1;
  const fitting = Array.from({ length: last }, (_, seq) => seq).filter((seq) => ridingMs(way, seq, last) >= wantedMs);
  const board = from ?? (fitting.length === 0 ? 0 : draws.pick(fitting));
  if (board >= last) return undefined;
  let alight = board + 1;
  while (
    alight < last &&
    Math.abs(ridingMs(way, board, alight + 1) - wantedMs) <= Math.abs(ridingMs(way, board, alight) - wantedMs)
  )
    alight += 1;
  return { way, board, alight };
}

/** The leg of a stretch that leaves at `ms` or soon after. Undefined where nothing leaves any more. */
export function legAt(timetable: Timetable, draws: Draws, riderId: RiderId, stretch: Stretch, ms: number) {
  const run = runFrom(stretch.way, stretch.board, ms);
  if (run === undefined) return undefined;
  const { unitId } = draws.pick(timetable.unitsOf(run));
  return { riderId, unitId, run, boardSeq: stretch.board, alightSeq: stretch.alight } satisfies Leg;
}

/** When a leg is over. */
export function endOf({ run, alightSeq }: Leg): number {
  return run.stops[alightSeq]?.arrMs ?? 0;
}

/** One or two stretches: the second goes on where the first ends, with another line. */
function drawWay(timetable: Timetable, draws: Draws, parameters: DayParameters): readonly Stretch[] {
  const way = timetable.ways[draws.weighted(timetable.ways.map(({ weight }) => weight))];
  const first = way === undefined ? undefined : drawStretch(way, draws, parameters);
  if (first === undefined) return [];
  const onward = timetable.onward(first.way, first.alight);
  if (onward.length === 0 || !draws.happens(parameters.transferShare)) return [first];
  const next = onward[draws.weighted(onward.map((one) => one.way.weight))];
  const second = next === undefined ? undefined : drawStretch(next.way, draws, parameters, next.seq);
  return second === undefined ? [first] : [first, second];
}

/** The same stretches the other way round; undefined where a line does not come back the same way. */
function wayBack(timetable: Timetable, stretches: readonly Stretch[]): readonly Stretch[] | undefined {
  const back = stretches.toReversed().map(({ way, board, alight }): Stretch | undefined => {
    const other = timetable.back(way);
    const last = way.stops.length - 1;
    return other === undefined ? undefined : { way: other, board: last - alight, alight: last - board };
  });
  const whole = back.filter((stretch) => stretch !== undefined);
  return whole.length === back.length ? whole : undefined;
}

type Half = 'morning' | 'afternoon';
interface Wish {
  readonly riderId: RiderId;
  readonly stretches: readonly Stretch[];
  readonly half: Half | undefined;
}

function wishes(timetable: Timetable, draws: Draws, parameters: DayParameters): readonly Wish[] {
  return Array.from({ length: parameters.riders }, (_, riderId) => riderId).flatMap((riderId): readonly Wish[] => {
    const stretches = drawWay(timetable, draws, parameters);
    if (!draws.happens(parameters.commuterShare)) {
      const again = draws.happens(parameters.transferShare) ? drawWay(timetable, draws, parameters) : [];
      return [stretches, again].map((one) => ({ riderId, stretches: one, half: undefined }));
    }
    const out: Wish = { riderId, stretches, half: 'morning' };
    const back = draws.happens(parameters.returnShare) ? wayBack(timetable, stretches) : undefined;
    return back === undefined ? [out] : [out, { riderId, stretches: back, half: 'afternoon' }];
  });
}

/** How many of the free wishes fall into the morning, so that the whole day has its shape. */
function morningShare(all: readonly Wish[], hourShares: readonly number[]): number {
  const legs = (half: Half | undefined): number =>
    all.reduce((sum, wish) => sum + (wish.half === half ? wish.stretches.length : 0), 0);
  const wanted = hourShares.slice(0, noon).reduce((sum, share) => sum + share, 0);
  const free = legs(undefined);
  const missing = wanted * (free + legs('morning') + legs('afternoon')) - legs('morning');
  return free === 0 ? 0 : Math.min(1, Math.max(0, missing / free));
}

/** Everybody's legs of a service day, person by person; a person is never in two places. */
export function drawLegs(timetable: Timetable, draws: Draws, parameters: DayParameters, day: number, zone: string) {
  const startMs = serviceStartMs(day, zone);
  const all = wishes(timetable, draws, parameters);
  const early = morningShare(all, parameters.hourShares);
  const busyUntil = new Map<RiderId, number>();
  const legs: Leg[] = [];
  const planned = all.map((wish) => {
    const half = wish.half ?? (draws.happens(early) ? 'morning' : 'afternoon');
    const weights = parameters.hourShares.map((share, hour) => ((half === 'morning') === hour < noon ? share : 0));
    return { wish, atMs: startMs + (draws.weighted(weights) + draws.unit()) * hourMs };
  });
  for (const { wish, atMs } of planned.toSorted((a, b) => a.atMs - b.atMs)) {
    const { riderId } = wish;
    let readyMs = Math.max(atMs, (busyUntil.get(riderId) ?? -Infinity) + stayMs);
    for (const stretch of wish.stretches) {
      const leg = legAt(timetable, draws, riderId, stretch, readyMs);
      if (leg === undefined) break;
      legs.push(leg);
      readyMs = endOf(leg) + changeMs;
      busyUntil.set(riderId, endOf(leg));
    }
  }
  return legs;
}
