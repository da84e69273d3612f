// The bytes a trace stands for: everything that went in, and everything that came out, each spelt in one way only. Hash them
// (SHA-256) to prove that a list was made from these inputs by this engine; never store them, they name people.
import { utf8 } from '@tongche/protocol/formats';
import { compare } from './contacts.ts';
import { ENGINE } from './trace.ts';
import type { Attraction, Presence, PresenceSource, RunTimes, Space, Trace, TraceInput, World } from './types.ts';

/** The members of an object: keys as they stand, and in the order in which they are spelt, each with what stands before its value. */
interface Shape {
  readonly keys: readonly string[];
  readonly spelt: readonly (readonly [key: string, before: string])[];
}

/** Most shapes that are remembered; a trace spells a dozen, thousands of times each. */
const maxShapes = 500;
const shapes = new Map<string, Shape>();

function shapeOf(keys: readonly string[]): Shape {
  const name = keys.join('\0');
  const known = shapes.get(name);
  // A key may hold what stands between them.
  if (known?.keys.length === keys.length && known.keys.every((key, n) => key === keys[n])) return known;
  // Without a comparator keys are sorted by code units.
  const shape = { keys, spelt: keys.toSorted().map((key) => [key, `${JSON.stringify(key)}:`] as const) };
  if (shapes.size < maxShapes) shapes.set(name, shape);
  return shape;
}

/** Keys sorted by code units, no spaces, absent members left out; numbers as ECMAScript prints them. Refuses what JSON cannot say. */
export function canonicalText(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('there is no one spelling of a number that is not finite');
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonicalText(item)).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`there is no one spelling of a ${typeof value}`);
  const members = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const [key, before] of shapeOf(Object.keys(members)).spelt) {
    const item = members[key];
    if (item !== undefined) text += `${text === '' ? '' : ','}${before}${canonicalText(item)}`;
  }
  return `{${text}}`;
}

/** Same inputs, policy and engine: the same bytes. */
export function traceBytes(trace: Trace): Uint8Array {
  return utf8(canonicalText(trace));
}

export interface Recorded {
  /** Trace this one: it reads through the record. */
  readonly input: TraceInput;
  /** After the trace: engine, policy, priors, case, and every presence, run, space and weight that was looked at. */
  bytes(): Uint8Array;
  /** The same as the text these bytes are the UTF-8 of, for who can hash a text as it is. */
  text(): string;
}

class Texts {
  readonly all = new Set<string>();
  /** A trace looks at the same objects again and again: each is spelt once. */
  readonly #spelt = new WeakSet();

  add<T extends object>(value: T): T {
    if (this.#spelt.has(value)) return value;
    this.#spelt.add(value);
    this.all.add(canonicalText(value));
    return value;
  }

  sorted(): readonly string[] {
    return [...this.all].toSorted(compare);
  }
}

function recordedSource(source: PresenceSource, seen: Texts): PresenceSource {
  function noted(presences: Iterable<Presence>): readonly Presence[] {
    return Array.from(presences, (one) => seen.add(one));
  }
  return {
    on: (unit, fromMs, toMs) => noted(source.on(unit, fromMs, toMs)),
    of: (person, fromMs, toMs) => noted(source.of(person, fromMs, toMs)),
    staff: (unit, fromMs, toMs) => noted(source.staff?.(unit, fromMs, toMs) ?? []),
  };
}

/** What is known of stations, where anything is. */
function recordedStations(world: World, runs: Texts, spaces: Texts): Pick<World, 'runsAt' | 'stationsAt'> {
  if (world.runsAt === undefined) return {};
  return {
    runsAt: (stopIds, fromMs, toMs) => Array.from(world.runsAt?.(stopIds, fromMs, toMs) ?? [], (run) => runs.add(run)),
    stationsAt(stopId) {
      const stations = (world.stationsAt?.(stopId) ?? []).toSorted();
      if (stations.length > 0) spaces.add({ stopId, stations });
      return stations;
    },
  };
}

function recordedWorld(world: World, runs: Texts, spaces: Texts): World {
  return {
    ...recordedStations(world, runs, spaces),
    run(runKey): RunTimes | undefined {
      const run = world.run(runKey);
      return run === undefined ? undefined : runs.add(run);
    },
    space(unit): Space | undefined {
      const space = world.space(unit);
      return space === undefined ? undefined : spaces.add(space);
    },
    unitsOf(vehicle) {
      const units = world.unitsOf(vehicle).toSorted();
      spaces.add({ vehicle, units });
      return units;
    },
  };
}

/** An input that remembers what a trace looks at. Costs about as much again as the trace. */
export function recorded(input: TraceInput): Recorded {
  const [presences, runs, spaces, weights] = [new Texts(), new Texts(), new Texts(), new Texts()];
  const { attraction } = input;
  const noted: Attraction | undefined =
    attraction === undefined
      ? undefined
      : (lineId, dir, stopId, hour) => {
          const weight = attraction(lineId, dir, stopId, hour);
          weights.add([lineId, dir, stopId, hour, weight ?? null]);
          return weight;
        };
  function text(): string {
    const { policy, priors, zone, facts, untilMs } = input;
    const own = {
      ...facts,
      persons: facts.persons.toSorted(),
      legs: facts.legs.toSorted((a, b) => compare(a.id, b.id)),
    };
    const head = canonicalText({ engine: ENGINE, policy, priors, zone, facts: own, untilMs });
    const parts = [presences, runs, spaces, weights].map((texts) => `[${texts.sorted().join(',')}]`);
    return `[${head},${parts.join(',')}]`;
  }
  return {
    input: {
      ...input,
      source: recordedSource(input.source, presences),
      world: recordedWorld(input.world, runs, spaces),
      ...(noted === undefined ? {} : { attraction: noted }),
    },
    bytes: () => utf8(text()),
    text,
  };
}
