// For interviews: lines and vehicles as people call them, and which runs there were, so that "line 4, about half past seven"
// finds its run. Nothing here is about a rider; runs are told under an order all the same.
import { Refusal } from '@tongche/contract';
import type { NetworkReply, RunsReply, RunsRequest } from '@tongche/contract';
import { firstDepartureMs, formatPlate, lastArrivalMs } from '@tongche/network';
import { dayOf, dayStartMs, fromBase64Url } from '@tongche/protocol';
import type { City } from '../city/city.ts';
import type { Platform } from '../platform.ts';
import { runsOfLines } from '../store/runs.ts';
import { lockOrder } from '../store/trace.ts';
import type { UnitSpan } from './reply.ts';
import { unitViews } from './reply.ts';
import { signedNonce, useOnce } from './requests.ts';
import { madeBy, runsAround, runViews } from './run-views.ts';
import type { Made } from './run-views.ts';

const MAX_FOUND = 20;
const MAX_RUNS = 300;
const MAX_SPAN_MS = 30 * 3_600_000;

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s·路线号-]/gu, '');
}

/** How well a name fits: the whole, its beginning, or any part of it; undefined: not at all. */
function rankOf(q: string, ...names: readonly string[]): number | undefined {
  const found = names.map(plain).filter((name) => name.includes(q));
  if (found.length === 0) return undefined;
  return found.includes(q) ? 0 : found.some((name) => name.startsWith(q)) ? 1 : 2;
}

function best<Value>(values: readonly Value[], rank: (value: Value) => number | undefined): readonly Value[] {
  return values
    .flatMap((value) => {
      const at = rank(value);
      return at === undefined ? [] : [{ value, at }];
    })
    .sort((a, b) => a.at - b.at)
    .slice(0, MAX_FOUND)
    .map(({ value }) => value);
}

function lineViews(city: City, q: string): NetworkReply['lines'] {
  const lines = city.lines.filter(({ goneMs }) => goneMs === undefined);
  return best(lines, ({ name, shortName }) => rankOf(q, name.zh, name.en, shortName)).map(
    ({ id, name, shortName }) => ({
      id,
      name,
      shortName,
      directions: city.directionsOf(id).map(({ dir, headsign, stops }) => ({
        dir,
        headsign,
        stops: stops.slice(0, 255).map((stopId) => ({ stopId, name: city.stopName(stopId) })),
      })),
    }),
  );
}

export function network({ city }: Pick<Platform, 'city'>, text: string): NetworkReply {
  const q = plain(text);
  if (q === '') return { lines: [], units: [] };
  const { current } = city;
  const units = best(current.units, ({ plate, label }) =>
    rankOf(q, plate ?? '', plate === undefined ? '' : formatPlate(plate), label.zh, label.en),
  );
  return {
    lines: lineViews(current, q),
    units: units.map(({ unitId, kind, label, plate, usualLineId }) => ({
      unitId,
      kind,
      label,
      plate: plate ?? null,
      line: usualLineId === undefined ? null : (current.line(usualLineId)?.name ?? null),
    })),
  };
}

async function runsOf(platform: Platform, request: RunsRequest): Promise<readonly Made[]> {
  const { db, zone, days } = platform;
  const { lineIds, fromMs, toMs } = request;
  const asked = [];
  for (let day = dayOf(fromMs, zone) - 1; day <= dayOf(toMs, zone); day += 1) asked.push(day);
  const rows =
    lineIds.length === 0 ? [] : await runsOfLines(db, { lineIds, days: asked, fromMs, toMs, limit: MAX_RUNS + 1 });
  const keys = rows.flatMap(({ run }) => days.keysOf(run.vehicleId, firstDepartureMs(run)));
  return days.using(keys, () => rows.map((row) => madeBy(days, row)));
}

/** Throws Refusal 'not-found', 'order-expired', or 'order-limit' for times beyond the order's days. */
export async function runsFor(platform: Platform, request: RunsRequest): Promise<RunsReply> {
  const { db, clock, zone } = platform;
  await useOnce(db, await signedNonce(platform, request), clock.now());
  const hash = fromBase64Url(request.orderHash);
  if (!hash.ok) throw new Refusal('bad-request');
  const order = await db.tx('runs', (tx) => lockOrder(tx, hash.value));
  if (order === undefined) throw new Refusal('not-found');
  if (clock.now() > Math.max(order.expiresMs, order.watchUntilMs)) throw new Refusal('order-expired');
  const { fromMs, toMs, unitIds } = request;
  const isWithin = fromMs >= dayStartMs(order.fromDay - 1, zone) && toMs <= dayStartMs(order.toDay + 2, zone);
  if (fromMs > toMs || toMs - fromMs > MAX_SPAN_MS || !isWithin) throw new Refusal('order-limit');
  const spans = unitIds.map((unitId): UnitSpan => ({ unitId, fromMs, toMs }));
  const found = [...(await runsOf(platform, request)), ...(await runsAround(platform, [], spans))];
  const made = [...new Map(found.map((one) => [one.row.runId, one])).values()]
    .filter(({ row: { run } }) => firstDepartureMs(run) <= toMs && lastArrivalMs(run) >= fromMs)
    .sort((a, b) => firstDepartureMs(a.row.run) - firstDepartureMs(b.row.run) || a.row.runId - b.row.runId);
  const told = made.slice(0, MAX_RUNS);
  return {
    runs: await runViews(db, platform, told),
    units: unitViews(
      platform,
      told.map(({ vehicleId }) => vehicleId),
    ),
    more: made.length > MAX_RUNS,
  };
}
