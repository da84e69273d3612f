// Calibration: what rides are like, how far chains are believed and what probabilities mean, learned from cities whose seeds no
// test has. The result is the priors file that ships with the engine.
import type { Priors } from '@tongche/tracing';
import { makeCity } from '../city/city.ts';
import { lineOf } from '../city/network.ts';
import { at } from '../kit/columns.ts';
import { askingOf, settingOf } from '../ladder/setting.ts';
import type { Setting } from '../ladder/setting.ts';
import { VIA } from '../observe/registrations.ts';
import { runKeyOf } from '../observe/timelines.ts';
import type { Parameters } from '../parameters.ts';
import type { Seen } from '../score/isotonic.ts';
import { beliefIn, priorAhead } from './chains.ts';
import type { Belief, KnownChain, SeenChain } from './chains.ts';
import { numbersIn, sharesOf } from './sharing.ts';
import type { SeenNumbers } from './sharing.ts';
import { drawAhead, knownRides, lastingShares, stopWeights } from './rides.ts';
import type { KnownRide } from './rides.ts';
import { seenIn, tablesOf } from './tables.ts';

/** Every so many-th ride, and registration, is enough to learn from. */
const RIDE_STEP = 37;
const CHAIN_STEP = 41;
const KINDS = ['bus', 'carriage'] as const;

export interface CalibrationOptions {
  readonly seeds: readonly number[];
  readonly compliance: number;
  readonly parameters: Parameters;
  /** What is not learned stays as it is here. */
  readonly base: Priors;
  readonly progress: (line: string) => void;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function chainsIn(setting: Setting, base: Priors): readonly SeenChain[] {
  const { city, registrations, attraction } = setting;
  const { stays, runs } = city;
  const { presences } = askingOf(setting, base, 1, 'all');
  const chains: SeenChain[] = [];
  for (let row = 0; row < registrations.count; row += CHAIN_STEP) {
    if (at(registrations.via, row) !== VIA.scan) continue;
    const { evidence, runKey } = presences.presence(row);
    const stay = at(registrations.stay, row);
    const run = at(stays.run, stay);
    const [note] = evidence;
    // Scans of a wrong vehicle are another share of the priors.
    if (note === undefined || runKey !== runKeyOf(run)) continue;
    const board = at(stays.board, stay);
    const kind = lineOf(city.network, at(runs.line, run)).isMetro ? 'carriage' : 'bus';
    chains.push({ note, kind, board, alight: at(stays.alight, stay), draw: drawAhead(city, attraction, run, board) });
  }
  return chains;
}

/** Beliefs by what told the note; from afar as a factor on what is near. */
function beliefs(
  all: readonly KnownChain[],
  { chained, habitual, settled }: Priors,
): Pick<Priors, 'chained' | 'habitual' | 'settled'> {
  const { farWalkM } = chained;
  const habits = all.filter(({ note }) => note.basis === 'habitual');
  const sureOf = (some: readonly KnownChain[], otherwise: number) =>
    some.length === 0 ? otherwise : rounded(beliefIn(some).sure);
  const isSettled = ({ note }: KnownChain) => note.settled === true;
  const agreed = all.filter(isSettled);
  const named = all.filter((chain) => chain.note.link !== undefined && !isSettled(chain));
  const isFar = ({ note }: KnownChain) => (note.walkM ?? 0) > farWalkM;
  const of = (link: string): Belief => beliefIn(named.filter((chain) => chain.note.link === link && !isFar(chain)));
  const [next, wrap, nextDay] = [of('next'), of('wrap'), of('next-day')];
  const near = beliefIn(named.filter((chain) => !isFar(chain)));
  const far = beliefIn(named.filter(isFar));
  return {
    chained: {
      sure: rounded(next.sure),
      wrap: rounded(wrap.sure),
      nextDay: rounded(nextDay.sure),
      farWalkM,
      farFactor: rounded(far.sure / near.sure),
      exact: rounded(near.exact),
    },
    habitual: sureOf(
      habits.filter((chain) => !isSettled(chain)),
      habitual,
    ),
    settled: {
      chained: sureOf(
        agreed.filter(({ note }) => note.link !== undefined),
        settled.chained,
      ),
      habitual: sureOf(habits.filter(isSettled), settled.habitual),
      exact: agreed.length === 0 ? settled.exact : rounded(beliefIn(agreed).exact),
    },
  };
}

/** Pure, and the same on every machine: the seeds decide. Takes some minutes. */
export function calibrate({ seeds, compliance, parameters, base, progress }: CalibrationOptions): Priors {
  const open = (seed: number) => settingOf(makeCity(seed, parameters), compliance);
  const rides: KnownRide[] = [];
  const numbers: SeenNumbers[] = [];
  const notes: SeenChain[] = [];
  for (const seed of seeds) {
    const setting = open(seed);
    for (const ride of knownRides(setting.city, setting.attraction, RIDE_STEP)) rides.push(ride);
    for (const chain of chainsIn(setting, base)) notes.push(chain);
    numbers.push(numbersIn(setting, base));
    progress(`seed ${seed}: ${rides.length} rides and ${notes.length} notes looked at`);
  }
  const byKind = KINDS.map((kind) => [kind, rides.filter((ride) => ride.kind === kind)] as const);
  const learned: Priors = {
    ...base,
    stayMinutes: { ...base.stayMinutes, ...Object.fromEntries(byKind.map(([kind, of]) => [kind, lastingShares(of)])) },
    rideStops: { ...base.rideStops, ...Object.fromEntries(byKind.map(([kind, of]) => [kind, stopWeights(of)])) },
    calibration: {},
  };
  const chains = notes.map(({ note, kind, board, alight, draw }): KnownChain => {
    return { note, board, alight, prior: priorAhead(draw, learned.rideStops[kind]) };
  });
  const raw: Priors = { ...learned, ...beliefs(chains, base), shared: sharesOf(numbers) };
  progress(
    `chains are believed so: ${JSON.stringify(raw.chained)}, habits ${raw.habitual}, settled ${JSON.stringify(raw.settled)}, numbers of two ${JSON.stringify(raw.shared)}`,
  );
  const seen: ReadonlyMap<string, readonly Seen[]>[] = [];
  for (const seed of seeds) {
    seen.push(seenIn(open(seed), raw));
    progress(`seed ${seed}: exposures looked at`);
  }
  return { ...raw, version: `city-${seeds.join('-')}`, calibration: tablesOf(seen) };
}
