// Windows of an order: whether they lie near a ride of the case, and which codes and minutes they ask for.
import { Refusal } from '@tongche/contract';
import type { TraceWindow } from '@tongche/contract';
import { dayStartMs, MINUTE_MS } from '@tongche/protocol';
import type { Platform } from '../platform.ts';
import { IMPLAUSIBLE } from '../rides/flags.ts';
import type { CodeSpan } from '../store/rides.ts';
import type { Sql } from '../store/sql.ts';
import { matchesOf } from '../store/trace.ts';
import type { MatchedRide, OrderRow, WindowRow } from '../store/trace.ts';
import { crewSpan } from './crew.ts';
import { flagsNow } from './doubts.ts';
import type { UnitSpan } from './reply.ts';
import type { Beside } from './trains.ts';

/** No vehicle's fellow riders are asked for longer at a time. */
export const MAX_WINDOW_MS = 6 * 3_600_000;
/** A ride lasts at most this; what the case left behind in the air comes on top. */
export const NEAR_MS = 180 * MINUTE_MS;

/** In time; of which vehicle is another matter. */
function isNear({ fromMs, toMs }: TraceWindow, { boardedMs }: MatchedRide, nearMs: number): boolean {
  return fromMs >= boardedMs - nearMs && toMs <= boardedMs + nearMs;
}

/**
 * Rides of the case that open windows: those without doubt by what is known now. One that was erased since stays what it
 * was when it was matched.
 */
export async function openingRides(
  sql: Sql,
  platform: Platform,
  orderHash: Uint8Array,
): Promise<readonly MatchedRide[]> {
  const matches = await matchesOf(sql, orderHash);
  const known = matches.map((match) => ({ ...match, flags: match.flags ?? 0 }));
  const flags = await flagsNow(sql, platform, known);
  return matches.filter((match, n) => match.flags === undefined || ((flags[n] ?? 0) & IMPLAUSIBLE) === 0);
}

/**
 * Windows of the request with whether they count against the order's extra ones. `beside`: what else rides of the
 * case open (`besideRides`). Throws what is out of bounds.
 */
export function judgeWindows(
  platform: Platform,
  order: OrderRow,
  windows: readonly TraceWindow[],
  matches: readonly MatchedRide[],
  beside: ReadonlyMap<MatchedRide, readonly Beside[]>,
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
    const isBeside = (one: Beside): boolean => one.vehicleId === vehicleId && fromMs >= one.fromMs && toMs <= one.toMs;
    const isOpenedBy = (ride: MatchedRide): boolean =>
      isNear(window, ride, nearMs) && (ride.vehicleId === vehicleId || (beside.get(ride) ?? []).some(isBeside));
    const near = vehicleId !== undefined && matches.some(isOpenedBy);
    return { unitId, fromMs, toMs, extra: reason !== 'ride' || !near, records: 0 };
  });
}

/**
 * Where the codes of a unit were, minute by minute: a moved sticker is looked for on the unit it was stuck to. Codes of crew
 * are looked for so much earlier as a shift may last.
 */
export function codeSpans(platform: Platform, windows: readonly UnitSpan[]): CodeSpan[] {
  const { city } = platform;
  const spans = new Map<number, CodeSpan[]>();
  for (const window of windows) {
    const { unitId } = window;
    for (const code of city.current.codesOf(unitId)) {
      const { fromMs, toMs } = code.purpose === 'crew' ? crewSpan(window) : window;
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
export function isIn({ fromMs, toMs }: UnitSpan, { boardedMs }: { readonly boardedMs: number }): boolean {
  return boardedMs + MINUTE_MS > fromMs && boardedMs <= toMs;
}

/** The same of crew, who were there before and until the instant; null: a passenger, of whom the boarding alone counts. */
export function isAboardIn(window: UnitSpan, ride: { readonly boardedMs: number }, untilMs: number | null): boolean {
  if (untilMs === null) return isIn(window, ride);
  return ride.boardedMs <= window.toMs && untilMs > window.fromMs;
}

export function sameWindow(a: WindowRow, b: WindowRow): boolean {
  return a.unitId === b.unitId && a.fromMs === b.fromMs && a.toMs === b.toMs;
}
