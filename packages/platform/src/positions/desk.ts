// Takes positions in as they come: maps them to our vehicles, thins them, stores them for some days, and has those matched
// that have moved on. Matching happens here, never when a ride arrives.
import type { PositionsTaken } from '@tongche/contract';
import type { VehiclePosition } from '@tongche/network';
import { dayOf, DAY_MS, MINUTE_MS } from '@tongche/protocol';
import type { Database } from '@tongche/postgres';
import type { Clock, Log } from '@tongche/runtime';
import type { CityHolder } from '../city/city.ts';
import type { VehicleDays } from '../city/vehicle-days.ts';
import { events } from '../events.ts';
import type { PeerNews } from '../peers/news.ts';
import { lockInTx, LOCKS } from '../store/peers.ts';
import { insertPositions, positionsOf, positionsSince } from '../store/positions.ts';
import { vehicleFinder } from './identity.ts';
import { matchTracks } from './match.ts';
import type { Matched, Track } from './match.ts';

/** What a reader of positions found: `rows` of any vehicles, in any order. */
export interface PositionsRead {
  readonly rows: readonly VehiclePosition[];
  readonly errorCount: number;
}

export interface PositionRules {
  readonly zone: string;
  readonly retentionDays: number;
  /** Positions nearer in time than this to the one before are left out. */
  readonly thinMs: number;
}

export interface PositionDesk {
  /** One batch after the other. Batches may reach back as far as rides are kept. */
  take(read: PositionsRead): Promise<PositionsTaken>;
  /** Where the vehicle was seen between the two instants, in order of time, of what is in memory. */
  seen(vehicleId: string, fromMs: number, toMs: number): readonly VehiclePosition[];
  /** Another process took positions of these vehicles. */
  heard(vehicleIds: readonly string[]): Promise<void>;
  /** Others may have taken positions of any vehicle. */
  forget(): void;
  /** Waits for the batch under way. */
  close(): Promise<void>;
}

export interface DeskOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly city: CityHolder;
  readonly days: VehicleDays;
  readonly rules: PositionRules;
  readonly peers: Pick<PeerNews, 'tx'>;
  /** Days with a partition for positions. */
  hasPartition(day: number): boolean;
  /** Runs of these vehicles are known otherwise now. */
  onChanged(vehicleIds: ReadonlySet<string>): Promise<void>;
}

/** How far back a vehicle's way is looked at: one long run. */
const trackMs = 90 * MINUTE_MS;
/** A radio's clock runs ahead a little; what is further in the future is wrong. */
const aheadMs = 5 * MINUTE_MS;
/** Vehicles of one transaction. */
const chunkVehicles = 200;
/** Longest age of a position that a ride is judged by, and the minutes a phone's clock may be behind. */
const followedMs = 20 * MINUTE_MS;
/** More than any city has: a source that makes up vehicles must not eat the memory. */
const maxTracks = 30_000;
const nowhere: readonly VehiclePosition[] = [];

export function positionDesk(options: DeskOptions): PositionDesk {
  const { db, clock, log, city, days, rules, peers } = options;
  const { zone, thinMs } = rules;
  /** The last while of each vehicle that moves now. */
  const tracks = new Map<string, readonly VehiclePosition[]>();
  /** The last minutes of vehicles whose positions other processes take. */
  const elsewhere = new Map<string, readonly VehiclePosition[]>();
  let turn: Promise<unknown> = Promise.resolve();

  /** Ours by vehicle, in order of time. */
  function sorted(rows: readonly VehiclePosition[]) {
    const find = vehicleFinder(city.current);
    const nowMs = clock.now();
    const oldestMs = nowMs - rules.retentionDays * DAY_MS;
    const ours: VehiclePosition[] = [];
    let [unknown, bad] = [0, 0];
    for (const row of rows) {
      const vehicleId = find(row);
      if (vehicleId === undefined) unknown += 1;
      else if (row.atMs < oldestMs || row.atMs > nowMs + aheadMs) bad += 1;
      else ours.push({ ...row, vehicleId });
    }
    ours.sort((a, b) => a.atMs - b.atMs);
    return { byVehicle: Map.groupBy(ours, ({ vehicleId }) => vehicleId), unknown, bad };
  }

  /** `fresh` is in order of time; those too near to the last one kept go. */
  function thinned(fresh: readonly VehiclePosition[], lastMs: number): VehiclePosition[] {
    const kept: VehiclePosition[] = [];
    let beforeMs = lastMs;
    for (const position of fresh) {
      if (position.atMs < beforeMs + thinMs && position.atMs > beforeMs - thinMs) continue;
      kept.push(position);
      beforeMs = position.atMs;
    }
    return kept;
  }

  /** What came before the batch, of vehicles whose way is not in memory: after a restart, and for days gone by. */
  async function recall(fresh: ReadonlyMap<string, readonly VehiclePosition[]>): Promise<void> {
    const unknown = [...fresh].filter(([vehicleId, rows]) => {
      const known = tracks.get(vehicleId);
      return known === undefined || (rows[0]?.atMs ?? 0) < (known[0]?.atMs ?? 0);
    });
    for (let at = 0; at < unknown.length; at += chunkVehicles) {
      const part = unknown.slice(at, at + chunkVehicles);
      const times = part.flatMap(([, rows]) => [rows[0]?.atMs ?? 0, rows.at(-1)?.atMs ?? 0]);
      const fromMs = Math.min(...times) - trackMs;
      const stored = await positionsOf(
        db,
        part.map(([vehicleId]) => vehicleId),
        fromMs,
        Math.max(...times) + trackMs,
      );
      const byVehicle = Map.groupBy(stored, ({ vehicleId }) => vehicleId);
      for (const [vehicleId] of part) tracks.set(vehicleId, byVehicle.get(vehicleId) ?? []);
    }
  }

  /** The vehicle's way with the new positions in it. */
  function joined(vehicleId: string, fresh: readonly VehiclePosition[]): readonly VehiclePosition[] {
    const known = tracks.get(vehicleId) ?? [];
    const all = [...known, ...fresh].sort((a, b) => a.atMs - b.atMs);
    return all.filter(({ atMs }, n) => n === 0 || atMs !== all[n - 1]?.atMs);
  }

  function remember(vehicleId: string, way: readonly VehiclePosition[]): void {
    const lastMs = way.at(-1)?.atMs ?? 0;
    tracks.delete(vehicleId);
    tracks.set(
      vehicleId,
      way.filter(({ atMs }) => atMs > lastMs - trackMs),
    );
    for (const oldest of tracks.keys()) {
      if (tracks.size <= maxTracks) break;
      tracks.delete(oldest);
    }
  }

  async function work(read: PositionsRead): Promise<PositionsTaken> {
    const { byVehicle, unknown, bad } = sorted(read.rows);
    await recall(byVehicle);
    const ways: Track[] = [];
    const fresh: VehiclePosition[] = [];
    for (const [vehicleId, rows] of byVehicle) {
      const known = tracks.get(vehicleId) ?? [];
      const lastMs = known.findLast(({ atMs }) => atMs <= (rows[0]?.atMs ?? 0))?.atMs ?? -Infinity;
      const kept = thinned(rows, lastMs);
      if (kept.length === 0) continue;
      fresh.push(...kept);
      ways.push({ vehicleId, positions: joined(vehicleId, kept) });
    }
    let relabelled = 0;
    for (let at = 0; at < ways.length; at += chunkVehicles) {
      const part = ways.slice(at, at + chunkVehicles);
      const ids = new Set(part.map(({ vehicleId }) => vehicleId));
      const rows = fresh.filter(({ vehicleId, atMs }) => ids.has(vehicleId) && options.hasPartition(dayOf(atMs, zone)));
      const matched = await peers.tx('positions', async (tx, say) => {
        // Two processes that match one vehicle at a time would both write its stretches.
        await lockInTx(tx, LOCKS.positions);
        await insertPositions(tx, rows);
        const found = await matchTracks(tx, { zone, city: city.current, nowMs: clock.now() }, part);
        const vehicles = found.extended.map(({ vehicleId, fromMs: since }) => [vehicleId, since] as const);
        if (vehicles.length > 0) await say({ kind: 'measured', vehicles });
        if (found.changed.length > 0) await say({ kind: 'runs', vehicleIds: found.changed });
        const told = new Set([...found.changed, ...vehicles.map(([vehicleId]) => vehicleId)]);
        const seen = [...ids].filter((vehicleId) => !told.has(vehicleId));
        if (seen.length > 0) await say({ kind: 'seen', vehicleIds: seen });
        return found;
      });
      for (const { vehicleId, positions } of part) remember(vehicleId, positions);
      await tell(matched);
      relabelled += matched.relabelled;
    }
    const taken = { positions: fresh.length, vehicles: ways.length, unknown, bad: bad + read.errorCount, relabelled };
    const { positions, vehicles } = taken;
    log.event(events.positionsTaken, { positions, vehicles, unknown, bad: taken.bad, rides: relabelled });
    return taken;
  }

  /** What a vehicle is matched by is read again when it is needed; what rides are judged by, now. */
  async function heard(vehicleIds: readonly string[]): Promise<void> {
    const oldestMs = clock.now() - followedMs;
    const asked = vehicleIds.map((vehicleId) => ({
      vehicleId,
      fromMs: Math.max(oldestMs, 1 + (elsewhere.get(vehicleId)?.at(-1)?.atMs ?? 0)),
    }));
    for (const vehicleId of vehicleIds) tracks.delete(vehicleId);
    const fresh = Map.groupBy(await positionsSince(db, asked), ({ vehicleId }) => vehicleId);
    for (const [vehicleId, rows] of fresh) {
      const known = elsewhere.get(vehicleId) ?? nowhere;
      const way = [...known.filter(({ atMs }) => atMs >= oldestMs), ...rows];
      elsewhere.delete(vehicleId);
      elsewhere.set(vehicleId, way);
    }
    for (const oldest of elsewhere.keys()) {
      if (elsewhere.size <= maxTracks) break;
      elsewhere.delete(oldest);
    }
  }

  async function tell({ changed, extended }: Matched): Promise<void> {
    for (const { vehicleId, fromMs, segments } of extended) days.putSegments(vehicleId, fromMs, segments);
    if (changed.length > 0) await options.onChanged(new Set(changed));
  }

  return {
    seen(vehicleId, fromMs, toMs) {
      const way = tracks.get(vehicleId) ?? elsewhere.get(vehicleId) ?? nowhere;
      // Rides are nearly always of now: the end of the way is looked at first.
      const last = way.findLastIndex(({ atMs }) => atMs <= toMs);
      let first = last + 1;
      while (first > 0 && (way[first - 1]?.atMs ?? 0) >= fromMs) first -= 1;
      return first > last ? nowhere : way.slice(first, last + 1);
    },
    take(read) {
      const next = turn.catch(() => undefined).then(() => work(read));
      turn = next;
      return next;
    },
    heard,
    forget() {
      tracks.clear();
      elsewhere.clear();
    },
    async close() {
      await turn.catch(() => undefined);
    },
  };
}
