// Fetch: everybody who boarded in the windows of an order. Windows lie near a matched ride of their vehicle or are counted.
import { Refusal } from '@tongche/contract';
import type { FetchRequest, TraceReply, TraceWindow } from '@tongche/contract';
import { dayStartMs, fromBase64Url, MINUTE_MS } from '@tongche/protocol';
import type { Static } from 'typebox';
import type { Platform } from '../platform.ts';
import { ridesOfSpans } from '../store/rides.ts';
import type { CodeSpan, StoredRide } from '../store/rides.ts';
import { lockOrder, matchesOf, putWindows, windowsOf } from '../store/trace.ts';
import type { MatchedRide, OrderRow, WindowRow } from '../store/trace.ts';
import type { Answered } from './access.ts';
import { traceReply, unitOfRide } from './reply.ts';
import type { UnitSpan } from './reply.ts';
import { checkEnvelope } from './requests.ts';

/** No vehicle's fellow riders are asked for longer at a time. */
export const MAX_WINDOW_MS = 6 * 3_600_000;
/** A ride lasts at most this; what the case left behind in the air comes on top. */
export const NEAR_MS = 180 * MINUTE_MS;

function isNear(window: TraceWindow, vehicleId: string | undefined, ride: MatchedRide, nearMs: number): boolean {
  const { fromMs, toMs } = window;
  return ride.vehicleId === vehicleId && fromMs >= ride.boardedMs - nearMs && toMs <= ride.boardedMs + nearMs;
}

/** Windows of the request with whether they count against the order's extra ones. Throws what is out of bounds. */
function judge(
  platform: Platform,
  order: OrderRow,
  windows: readonly TraceWindow[],
  matches: readonly MatchedRide[],
): WindowRow[] {
  const { zone, config, city } = platform;
  const nearMs = NEAR_MS + config.persistenceMs;
  const firstMs = dayStartMs(order.fromDay, zone) - nearMs;
  const lastMs = dayStartMs(order.toDay + 1, zone) + nearMs;
  return windows.map((window) => {
    const { unitId, fromMs, toMs, reason } = window;
    const isBounded = fromMs <= toMs && toMs - fromMs <= MAX_WINDOW_MS && fromMs >= firstMs && toMs <= lastMs;
    if (!isBounded) throw new Refusal('order-limit');
    const vehicleId = city.current.unit(unitId)?.vehicleId;
    const near = vehicleId !== undefined && matches.some((ride) => isNear(window, vehicleId, ride, nearMs));
    return { unitId, fromMs, toMs, extra: reason === 'interview' || !near, records: 0 };
  });
}

/** Where the codes of a unit were, minute by minute: a moved sticker is looked for on the unit it was stuck to. */
function codeSpans(platform: Platform, windows: readonly UnitSpan[]): CodeSpan[] {
  const { city } = platform;
  const spans = new Map<number, CodeSpan[]>();
  for (const { unitId, fromMs, toMs } of windows) {
    for (const code of city.current.codesOf(unitId)) {
      for (const binding of code.bindings) {
        if (binding.unitId !== unitId) continue;
        const from = Math.max(fromMs, binding.fromMs);
        const to = Math.min(toMs, binding.toMs ?? toMs);
        if (from <= to)
          spans.set(code.codeId, [...(spans.get(code.codeId) ?? []), { codeId: code.codeId, fromMs: from, toMs: to }]);
      }
    }
  }
  return [...spans.values()].flatMap(merged);
}

/** Overlapping spans of one code become one, so that no ride is read twice. */
function merged(spans: readonly CodeSpan[]): CodeSpan[] {
  const out: CodeSpan[] = [];
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = out.at(-1);
    // Identifiers carry minutes: spans that meet within one would both read it.
    if (last !== undefined && span.fromMs < last.toMs + MINUTE_MS) {
      out[out.length - 1] = { ...last, toMs: Math.max(last.toMs, span.toMs) };
    } else out.push(span);
  }
  return out;
}

/** A ride is in a window when its boarding minute touches it. */
function isIn({ fromMs, toMs }: UnitSpan, { boardedMs }: StoredRide): boolean {
  return boardedMs + MINUTE_MS > fromMs && boardedMs <= toMs;
}

function sameWindow(a: WindowRow, b: WindowRow): boolean {
  return a.unitId === b.unitId && a.fromMs === b.fromMs && a.toMs === b.toMs;
}

async function orderUnderWay(platform: Platform, order: OrderRow | undefined): Promise<OrderRow> {
  if (order === undefined) throw new Refusal('not-found');
  if (platform.clock.now() > Math.max(order.expiresMs, order.watchUntilMs)) throw new Refusal('order-expired');
  if (order.purpose === 'itinerary') throw new Refusal('order-limit');
  return order;
}

export async function fetchWindows(
  platform: Platform,
  request: FetchRequest,
): Promise<Answered<Static<typeof TraceReply>>> {
  await checkEnvelope(platform, request);
  const hash = fromBase64Url(request.orderHash);
  if (!hash.ok) throw new Refusal('bad-request');
  return platform.db.tx('fetch', async (tx) => {
    const order = await orderUnderWay(platform, await lockOrder(tx, hash.value));
    const asked = judge(platform, order, request.windows, await matchesOf(tx, hash.value));
    const windows = asked.filter((window, n) => asked.findIndex((other) => sameWindow(window, other)) === n);
    const earlier = (await windowsOf(tx, hash.value)).filter((known) => !windows.some((one) => sameWindow(known, one)));
    const extra = [...earlier, ...windows].filter((window) => window.extra).length;
    if (extra > order.maxExtra) throw new Refusal('order-limit');
    const used = earlier.reduce((sum, { records }) => sum + records, 0);
    // A minute in which a sticker was moved is read for both units: a few rows more than records.
    const limit = order.maxRecords * 2;
    const read = await ridesOfSpans(tx, codeSpans(platform, windows), limit);
    if (read.length > limit) throw new Refusal('order-limit');
    const ofUnit = Map.groupBy(read, (ride) => unitOfRide(platform, ride)?.unitId ?? '');
    const counted = windows.map((window): WindowRow => {
      const records = (ofUnit.get(window.unitId) ?? []).filter((ride) => isIn(window, ride)).length;
      return { unitId: window.unitId, fromMs: window.fromMs, toMs: window.toMs, extra: window.extra, records };
    });
    if (used + counted.reduce((sum, { records }) => sum + records, 0) > order.maxRecords) {
      throw new Refusal('order-limit');
    }
    await putWindows(tx, hash.value, counted);
    const rides = read.filter((ride) => {
      const unitId = unitOfRide(platform, ride)?.unitId;
      return windows.some((window) => window.unitId === unitId && isIn(window, ride));
    });
    const reply = await traceReply(tx, platform, rides, windows);
    return { reply, orderHash: hash.value, isNewOrder: false, rides: rides.length, windows: windows.length };
  });
}
