// Opens what an order gathered so far, each ride once: the case's own rides are opened to choose windows, everybody's after
// they were fetched.
import type { TraceRide } from '@tongche/contract';
import type { Database } from '@tongche/postgres';
import type { DaySlots } from '../keys/day-slots.ts';
import type { DayToOpen, OpenedRide } from '../opening/packed.ts';
import type { OpenPool } from '../opening/pool.ts';
import { dayKeysFrom } from '../store/day-keys.ts';
import type { Gathered } from './gathered.ts';

export type OpenedRides = ReadonlyMap<string, OpenedRide | null>;

/** In the order of what was gathered; null for a ride that does not open. */
export type OpenGathered = (gathered: Gathered) => Promise<OpenedRides>;

interface OpenGatheredParts {
  readonly iss: number;
  readonly db: Database;
  readonly days: DaySlots;
  readonly pool: OpenPool;
}

interface Kept {
  readonly ride: TraceRide;
  readonly opened: OpenedRide | null;
}

/** A later answer may bring the same ride with a note that has come in meanwhile. */
function isSameEnvelope(a: TraceRide, b: TraceRide): boolean {
  const isSameHeader = a.w2 === b.w2 && a.eraseC === b.eraseC && a.suite === b.suite && a.iss === b.iss;
  const isSameDay = a.day === b.day && a.sealed === b.sealed && a.notes.length === b.notes.length;
  return (
    isSameHeader && isSameDay && a.notes.every(({ idx, ct }, n) => b.notes[n]?.idx === idx && b.notes[n]?.ct === ct)
  );
}

export function openGathered({ iss, db, days, pool }: OpenGatheredParts): OpenGathered {
  /** Lives as long as what was gathered: for one trace. */
  const kept = new WeakMap<Gathered, ReadonlyMap<string, Kept>>();

  async function keysOf(rides: readonly TraceRide[]): Promise<readonly DayToOpen[]> {
    const wanted = new Set(rides.map((ride) => ride.day));
    const keys: DayToOpen[] = [];
    for (const { day, keyId } of await dayKeysFrom(db, Math.min(...wanted, 0xffff))) {
      const secrets = wanted.has(day) ? days.secrets(day) : undefined;
      if (secrets !== undefined) keys.push({ day, keyId, ...secrets });
    }
    return keys;
  }

  async function open(rides: readonly TraceRide[]): Promise<readonly (OpenedRide | null)[]> {
    if (rides.length === 0) return [];
    const keys = await keysOf(rides);
    try {
      return await pool.open({ iss, days: keys, rides });
    } finally {
      for (const { skEnv, kTag } of keys) {
        skEnv.fill(0);
        kTag.fill(0);
      }
    }
  }

  return async (gathered) => {
    const before = kept.get(gathered);
    const isKnown = (id: string, ride: TraceRide): boolean => {
      const known = before?.get(id)?.ride;
      return known !== undefined && isSameEnvelope(known, ride);
    };
    const all = [...gathered.rides];
    const fresh = all.filter(([id, ride]) => !isKnown(id, ride));
    const results = await open(fresh.map(([, ride]) => ride));
    const found = new Map(fresh.map(([id], n) => [id, results[n] ?? null]));
    const now = new Map(
      all.map(([id, ride]): [string, Kept] => {
        const opened = found.has(id) ? found.get(id) : before?.get(id)?.opened;
        return [id, { ride, opened: opened ?? null }];
      }),
    );
    kept.set(gathered, now);
    return new Map([...now].map(([id, { opened }]) => [id, opened]));
  };
}
