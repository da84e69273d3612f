// Positions become stretches of runs and measured stop times: what rides are assigned by, and what a trace trusts.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { runMatcher, timelineOf } from '@tongche/network';
import type { Point, RunTimeline, VehiclePosition } from '@tongche/network';
import { dayOf, MINUTE_MS } from '@tongche/protocol';
import type { City } from '../city/city.ts';
import { POSITION_SLACK_MS } from '../rides/assign.ts';
import { ridesMoved, withRelabels } from '../runs/relabel.ts';
import { runsById, runsByKeys, runsOfLines, runsOfVehicleDays } from '../store/runs.ts';
import type { RunRow, VehicleSpan } from '../store/runs.ts';
import { measuredOf, positionSegmentsOf, putMeasured, replacePositionSegments } from '../store/segments.ts';
import type { MeasuredRow, Segment } from '../store/segments.ts';
import type { Sql } from '../store/sql.ts';
import { isExtension, mergeSegments } from './merge.ts';

/** A run may have begun this long before the first position looked at, and be this late. */
const reachMs = 90 * MINUTE_MS;
/** Runs a vehicle may have made, of one batch: a metropolis's lines within three hours. */
const maxCandidates = 20_000;
/** Vehicles matched before others have their turn. */
const turnVehicles = 10;

export interface MatchWorld {
  readonly zone: string;
  readonly city: City;
  readonly nowMs: number;
  /** Whether the positions come out of a file of the vehicles' own system, not live. */
  readonly isFile?: boolean;
}
/** One vehicle's positions of the last while, in order of time. */
export interface Track {
  readonly vehicleId: string;
  readonly positions: readonly VehiclePosition[];
}
export interface Matched {
  /** Vehicles whose runs are known otherwise now. */
  readonly changed: readonly string[];
  /** Vehicles of which only more of the same is known: their measured stretches from `fromMs` on. */
  readonly extended: readonly {
    readonly vehicleId: string;
    readonly fromMs: number;
    readonly segments: readonly Segment[];
  }[];
  readonly relabelled: number;
}

interface Found {
  readonly track: Track;
  readonly span: VehicleSpan;
  readonly fresh: readonly Segment[];
  readonly timelines: readonly { readonly row: RunRow; readonly timeline: RunTimeline }[];
}

function spanOf({ vehicleId, positions }: Track): VehicleSpan {
  return { vehicleId, fromMs: positions[0]?.atMs ?? 0, toMs: (positions.at(-1)?.atMs ?? 0) + 1 };
}

/** Lines the vehicle may be on: those its positions name, its units' usual ones, those of its timetable. */
function linesOf(city: City, { vehicleId, positions }: Track, own: readonly RunRow[]): ReadonlySet<string> {
  const lines = new Set(own.map(({ run }) => run.lineId));
  for (const { routeId } of positions) if (routeId !== undefined) lines.add(routeId);
  for (const { usualLineId } of city.unitsOf(vehicleId)) if (usualLineId !== undefined) lines.add(usualLineId);
  return lines;
}

interface Candidates {
  of(track: Track): readonly RunRow[];
}

async function candidatesFor(sql: Sql, { zone, city }: MatchWorld, tracks: readonly Track[]): Promise<Candidates> {
  const spans = tracks.map(spanOf);
  const fromMs = Math.min(...spans.map((span) => span.fromMs)) - reachMs;
  const toMs = Math.max(...spans.map((span) => span.toMs)) + reachMs;
  const days: number[] = [];
  for (let day = dayOf(fromMs, zone) - 1; day <= dayOf(toMs, zone); day += 1) days.push(day);
  const keys = tracks.flatMap(({ vehicleId }) => days.map((day) => ({ vehicleId, day })));
  const own = Map.groupBy(await runsOfVehicleDays(sql, keys), ({ run }) => run.vehicleId);
  const named = new Set(tracks.flatMap(({ positions }) => positions.flatMap(({ tripId }) => tripId ?? [])));
  const trips = await runsByKeys(
    sql,
    [...named].flatMap((tripId) => days.map((day) => `${day}:${tripId}`)),
  );
  const lines = new Set(tracks.flatMap((track) => [...linesOf(city, track, own.get(track.vehicleId) ?? [])]));
  const asked = { lineIds: [...lines], days, fromMs, toMs, limit: maxCandidates };
  const ofLine = Map.groupBy(await runsOfLines(sql, asked), ({ run }) => run.lineId);
  return {
    of(track) {
      const mine = own.get(track.vehicleId) ?? [];
      const { fromMs: first, toMs: last } = spanOf(track);
      const tripIds = new Set(track.positions.flatMap(({ tripId }) => tripId ?? []));
      const rows = [
        ...mine,
        ...trips.filter(({ run }) => tripIds.has(run.runKey.slice(run.runKey.indexOf(':') + 1))),
        ...[...linesOf(city, track, mine)].flatMap((lineId) => ofLine.get(lineId) ?? []),
      ];
      const near = rows.filter(({ run }) => {
        const begins = run.stops[0]?.depMs ?? 0;
        const ends = run.stops.at(-1)?.arrMs ?? 0;
        return begins < last + reachMs && ends > first - reachMs && !run.runKey.startsWith('trip:');
      });
      return [...new Map(near.map((row) => [row.runId, row])).values()];
    },
  };
}

function placesOf(city: City, rows: readonly RunRow[]): ReadonlyMap<string, Point> {
  const places = new Map<string, Point>();
  for (const { run } of rows) {
    for (const { stopId } of run.stops) {
      const stop = places.has(stopId) ? undefined : city.stop(stopId);
      if (stop !== undefined) places.set(stopId, stop);
    }
  }
  return places;
}

function matchTrack({ city, nowMs }: MatchWorld, track: Track, rows: readonly RunRow[]): Found {
  const { vehicleId, positions } = track;
  const places = placesOf(city, rows);
  const byKey = new Map(rows.map((row) => [row.run.runKey, row]));
  const matches = runMatcher(
    rows.map(({ run }) => run),
    places,
  )(positions);
  const fresh: Segment[] = [];
  const timelines: { row: RunRow; timeline: RunTimeline }[] = [];
  for (const { runKey, fromMs, toMs, confidence } of matches) {
    const row = byKey.get(runKey);
    if (row === undefined) continue;
    const common = { vehicleId, runId: row.runId, basis: 'positions' } as const;
    fresh.push({ ...common, fromMs, toMs: toMs + 1, confidence, saidMs: nowMs });
    const during = positions.filter(({ atMs }) => fromMs <= atMs && atMs <= toMs);
    timelines.push({ row, timeline: timelineOf(row.run, during, places) });
  }
  return { track, span: spanOf(track), fresh, timelines };
}

const letters = { observed: 'o', interpolated: 'i', scheduled: 's' } as const;

/** Times seen earlier stay where the last positions do not reach. */
function measuredRow(
  vehicleId: string,
  { runId }: RunRow,
  timeline: RunTimeline,
  { before, isFile }: { readonly before: MeasuredRow | undefined; readonly isFile: boolean },
): MeasuredRow {
  const arrS: number[] = [];
  const depS: number[] = [];
  let basis = '';
  let lastS = 0;
  for (const [n, stop] of timeline.stops.entries()) {
    const letter = letters[stop.basis];
    const isOlder = letter === 's' && (before?.basis[n] ?? 's') !== 's';
    const arr = isOlder ? (before?.arrS[n] ?? 0) : Math.round(stop.arrMs / 1000);
    const dep = isOlder ? (before?.depS[n] ?? 0) : Math.round(stop.depMs / 1000);
    arrS.push(Math.max(lastS, arr));
    depS.push(Math.max(lastS, arr, dep));
    lastS = Math.max(lastS, arr, dep);
    const fresh = isFile && letter !== 's' ? letter.toUpperCase() : letter;
    basis += isOlder ? (before?.basis[n] ?? 's') : fresh;
  }
  return { runId, vehicleId, arrS, depS, basis };
}

async function writeMeasured(tx: Sql, found: readonly Found[], isFile: boolean): Promise<void> {
  const asked = found.flatMap(({ track, timelines }) =>
    timelines.map(({ row }) => ({ runId: row.runId, vehicleId: track.vehicleId })),
  );
  const before = new Map((await measuredOf(tx, asked)).map((row) => [`${row.runId}|${row.vehicleId}`, row]));
  const rows = found.flatMap(({ track: { vehicleId }, timelines }) =>
    timelines.flatMap(({ row, timeline }) =>
      timeline.pingCount === 0
        ? []
        : measuredRow(vehicleId, row, timeline, { before: before.get(`${row.runId}|${vehicleId}`), isFile }),
    ),
  );
  await putMeasured(tx, rows);
}

/** Within the caller's transaction, so that what was moved and what moved it stand together. */
export async function matchTracks(tx: Sql, world: MatchWorld, tracks: readonly Track[]): Promise<Matched> {
  const { zone, nowMs, isFile = false } = world;
  const candidates = await candidatesFor(tx, world, tracks);
  const found: Found[] = [];
  for (const [n, track] of tracks.entries()) {
    if (n % turnVehicles === 0) await nextTurn();
    const one = matchTrack(world, track, candidates.of(track));
    if (one.fresh.length > 0) found.push(one);
  }
  if (found.length === 0) return { changed: [], extended: [], relabelled: 0 };
  const stored = await positionSegmentsOf(
    tx,
    found.map(({ span }) => wider(span)),
  );
  const before = Map.groupBy(stored, ({ vehicleId }) => vehicleId);
  const merged = found.map((one) => {
    const known = (before.get(one.track.vehicleId) ?? []).toSorted((a, b) => a.fromMs - b.fromMs);
    const after = mergeSegments(known, one.fresh);
    return { ...one, known, after, isChanged: !isExtension(known, after) };
  });
  const changes = merged.filter(({ isChanged }) => isChanged);
  const spans = await touchedBy(
    tx,
    changes.flatMap(({ known, after }) => [...known, ...after]),
  );
  const moved = await withRelabels(tx, { zone, cause: 'positions', nowMs, spans }, async () => {
    for (const { track, known, after } of merged) {
      await replacePositionSegments(tx, spanOfAll(track.vehicleId, [...known, ...after]), after);
    }
    await writeMeasured(tx, found, isFile);
  });
  return {
    changed: [...new Set(spans.map(({ vehicleId }) => vehicleId))],
    extended: merged.flatMap(({ track: { vehicleId }, after, isChanged }) =>
      isChanged ? [] : [{ vehicleId, fromMs: after[0]?.fromMs ?? 0, segments: after }],
    ),
    relabelled: ridesMoved(moved),
  };
}

/** Times at which runs may be known otherwise: of the vehicles measured, and of those whom the timetable gives the runs. */
async function touchedBy(tx: Sql, segments: readonly Segment[]): Promise<readonly VehicleSpan[]> {
  const rows = await runsById(tx, [...new Set(segments.map(({ runId }) => runId))]);
  const planned = new Map(rows.map(({ runId, run }) => [runId, run.vehicleId]));
  const touched = segments.flatMap((segment) => {
    const { vehicleId, runId, fromMs, toMs } = segment;
    const near = { fromMs: fromMs - POSITION_SLACK_MS, toMs: toMs + POSITION_SLACK_MS };
    return [...new Set([vehicleId, planned.get(runId) ?? vehicleId])].map((one) => ({ vehicleId: one, ...near }));
  });
  const byVehicle = Map.groupBy(touched, ({ vehicleId }) => vehicleId);
  return [...byVehicle].map(([vehicleId, spans]) => spanOfAll(vehicleId, spans));
}

/** Stretches that a join could reach. */
function wider({ vehicleId, fromMs, toMs }: VehicleSpan): VehicleSpan {
  return { vehicleId, fromMs: fromMs - reachMs, toMs: toMs + reachMs };
}

function spanOfAll(
  vehicleId: string,
  segments: readonly { readonly fromMs: number; readonly toMs: number }[],
): VehicleSpan {
  return {
    vehicleId,
    fromMs: Math.min(...segments.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...segments.map(({ toMs }) => toMs)),
  };
}
