// Ways through the network: one line, or two with a change where they meet.
import type { Draws } from '@tongche/simulator';
import { at, item } from '../kit/columns.ts';
import type { DemandParameters, NetworkParameters } from '../parameters.ts';
import { lineOf, placeAt } from './network.ts';
import type { Network, Visit } from './network.ts';

/** Stop numbers count along the direction. */
export interface Leg {
  readonly line: number;
  readonly dir: 0 | 1;
  readonly board: number;
  readonly alight: number;
}
export type Way = readonly Leg[];

export interface Ways {
  /** A place where somebody lives. */
  home(): number;
  /** From a place to somewhere people go. */
  from(place: number): Way;
  /** From anywhere else straight to a place; undefined where every line begins there. */
  to(place: number): Way | undefined;
}

/** An index drawn by rising sums of weights. */
function drawn(draws: Draws, sums: Float64Array): number {
  const target = draws.unit() * at(sums, sums.length - 1);
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(sums, middle) <= target) low = middle + 1;
    else high = middle;
  }
  return low;
}

function summed(weights: Float64Array): Float64Array {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
}

const CHANGE_TRIES = 6;

export function openWays(network: Network, draws: Draws, demand: DemandParameters, pull: NetworkParameters): Ways {
  const homeSums = summed(network.homes.map((weight, p) => (item(network.visits, p).length > 0 ? weight : 0)));
  const longest = Math.max(...network.lines.map((line) => line.places.length));
  const lengths = new Float64Array(longest).map((_, stops) =>
    stops === 0 ? 0 : Math.exp(-((Math.log(stops / demand.rideMedianStops) / demand.rideSpread) ** 2) / 2) / stops,
  );
  const ahead = new Map<number, Float64Array>();

  /** Rising sums over the stops ahead of `board`, by how far and how much is there. */
  function sumsAhead(line: number, dir: 0 | 1, board: number): Float64Array {
    const key = (line * 2 + dir) * 64 + board;
    const known = ahead.get(key);
    if (known !== undefined) return known;
    const it = lineOf(network, line);
    const left = it.places.length - 1 - board;
    const sums = summed(
      new Float64Array(left).map((_, i) => at(lengths, i + 1) * at(network.works, placeAt(it, dir, board + 1 + i))),
    );
    ahead.set(key, sums);
    return sums;
  }

  function pickVisit(visits: readonly Visit[]): Visit {
    const weights = visits.map(({ line }) => (lineOf(network, line).isMetro ? pull.metroPull : 1));
    return item(visits, draws.weighted(weights));
  }

  function legFrom({ line, position }: Visit): Leg {
    const last = lineOf(network, line).places.length - 1;
    const seqs = [position, last - position] as const;
    const sums = ([0, 1] as const).map((dir) => (seqs[dir] < last ? sumsAhead(line, dir, seqs[dir]) : undefined));
    const weights = sums.map((each) => (each === undefined ? 0 : at(each, each.length - 1)));
    const dir = draws.weighted(weights) === 0 ? 0 : 1;
    const board = seqs[dir];
    return { line, dir, board, alight: board + 1 + drawn(draws, sumsAhead(line, dir, board)) };
  }

  function onward(leg: Leg): Leg | undefined {
    const place = placeAt(lineOf(network, leg.line), leg.dir, leg.alight);
    const others = item(network.visits, place).filter((visit) => visit.line !== leg.line);
    return others.length === 0 ? undefined : legFrom(pickVisit(others));
  }

  return {
    home: () => drawn(draws, homeSums),
    from(place) {
      const start = pickVisit(item(network.visits, place));
      if (!draws.happens(demand.transferShare)) return [legFrom(start)];
      for (let tries = 0; tries < CHANGE_TRIES; tries += 1) {
        const first = legFrom(start);
        const second = onward(first);
        if (second !== undefined) return [first, second];
      }
      return [legFrom(start)];
    },
    to(place) {
      const { line, position } = pickVisit(item(network.visits, place));
      const it = lineOf(network, line);
      const last = it.places.length - 1;
      const seqs = [position, last - position] as const;
      const dir = seqs[0] === 0 ? 1 : seqs[1] === 0 ? 0 : draws.happens(0.5) ? 0 : 1;
      const alight = seqs[dir];
      if (alight === 0) return undefined;
      const sums = summed(
        new Float64Array(alight).map(
          (_, board) => at(lengths, alight - board) * at(network.works, placeAt(it, dir, board)),
        ),
      );
      return [{ line, dir, board: drawn(draws, sums), alight }];
    },
  };
}

/** The same way back. */
export function mirrored(network: Network, way: Way): Way {
  return way.toReversed().map(({ line, dir, board, alight }): Leg => {
    const last = lineOf(network, line).places.length - 1;
    return { line, dir: dir === 0 ? 1 : 0, board: last - alight, alight: last - board };
  });
}
