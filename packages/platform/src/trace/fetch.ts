// Fetch: everybody who boarded in the windows of an order. Windows lie near a matched ride of their vehicle or are counted.
import { Refusal } from '@tongche/contract';
import type { FetchRequest, TraceReply } from '@tongche/contract';
import { fromBase64Url } from '@tongche/protocol';
import type { Static } from 'typebox';
import type { Platform } from '../platform.ts';
import { IMPLAUSIBLE } from '../rides/flags.ts';
import { countOfSpans, ridesOfSpans } from '../store/rides.ts';
import type { CodeSpan, StoredRide } from '../store/rides.ts';
import type { Sql } from '../store/sql.ts';
import { lockOrder, putWindows, windowsOf } from '../store/trace.ts';
import type { OrderRow, WindowRow } from '../store/trace.ts';
import type { Answered } from './access.ts';
import { crewEnds } from './crew.ts';
import { flagsNow, unitOfRide } from './doubts.ts';
import { traceReply } from './reply.ts';
import { besideRides } from './trains.ts';
import { codeSpans, isAboardIn, judgeWindows, openingRides, sameWindow } from './windows.ts';

/**
 * Doubtful rides of one answer. They come beside the others, so that a tracer can look at them; but junk must neither make
 * an order fail nor use it up.
 */
export const MAX_DOUBTFUL = 2_000;

async function orderUnderWay(platform: Platform, order: OrderRow | undefined): Promise<OrderRow> {
  if (order === undefined) throw new Refusal('not-found');
  if (platform.clock.now() > Math.max(order.expiresMs, order.watchUntilMs)) throw new Refusal('order-expired');
  if (order.purpose === 'itinerary') throw new Refusal('order-limit');
  return order;
}

/** A ride and the windows it lies in, by number: it is a record of each of them. */
interface Found {
  readonly ride: StoredRide;
  readonly in: readonly number[];
}
interface AllFound {
  readonly sure: readonly Found[];
  readonly doubtful: readonly Found[];
  /** Doubtful rides beyond what is read. */
  readonly beyond: number;
}

/** As they were flagged at arrival. */
interface Read {
  readonly unflagged: readonly StoredRide[];
  /** At most MAX_DOUBTFUL. */
  readonly flagged: readonly StoredRide[];
  /** How many there are more. */
  readonly beyond: number;
}

/** In one pass where it is not too much; else those without doubt come first, whatever junk there is. */
async function readSpans(sql: Sql, spans: readonly CodeSpan[], limit: number): Promise<Read> {
  const all = await ridesOfSpans(sql, spans, limit + MAX_DOUBTFUL);
  const isFlagged = ({ flags }: StoredRide): boolean => (flags & IMPLAUSIBLE) !== 0;
  if (all.length <= limit + MAX_DOUBTFUL) {
    const flagged = all.filter(isFlagged);
    return {
      unflagged: all.filter((ride) => !isFlagged(ride)),
      flagged: flagged.slice(0, MAX_DOUBTFUL),
      beyond: Math.max(0, flagged.length - MAX_DOUBTFUL),
    };
  }
  const unflagged = await ridesOfSpans(sql, spans, limit, false);
  const flagged = await ridesOfSpans(sql, spans, MAX_DOUBTFUL, true);
  const beyond = flagged.length > MAX_DOUBTFUL ? (await countOfSpans(sql, spans, true)) - MAX_DOUBTFUL : 0;
  return { unflagged, flagged: flagged.slice(0, MAX_DOUBTFUL), beyond };
}

/** Who boarded in the windows, judged by what is known now. Throws where those without doubt are too many to be read. */
async function ridesIn(sql: Sql, platform: Platform, windows: readonly WindowRow[], limit: number): Promise<AllFound> {
  const { unflagged, flagged, beyond } = await readSpans(sql, codeSpans(platform, windows), limit);
  if (unflagged.length > limit) throw new Refusal('order-limit');
  const read = [...unflagged, ...flagged];
  const flags = await flagsNow(sql, platform, read);
  const unitIds = read.map((ride) => unitOfRide(platform, ride)?.unitId);
  const ends = await crewEnds(
    sql,
    read.map(({ boardedMs, flags: bits }, n) => ({ unitId: unitIds[n], boardedMs, flags: bits })),
  );
  const ofUnit = Map.groupBy(windows.entries(), ([, { unitId }]) => unitId);
  const found = read.flatMap((ride, n): readonly Found[] => {
    const own = ofUnit.get(unitIds[n] ?? '') ?? [];
    const untilMs = ends[n] ?? null;
    const numbers = own.flatMap(([number, window]) => (isAboardIn(window, ride, untilMs) ? [number] : []));
    return numbers.length === 0 ? [] : [{ ride: { ...ride, flags: flags[n] ?? ride.flags }, in: numbers }];
  });
  const isDoubtful = ({ ride }: Found): boolean => (ride.flags & IMPLAUSIBLE) !== 0;
  return {
    sure: found.filter((one) => !isDoubtful(one)),
    doubtful: found.filter(isDoubtful),
    beyond,
  };
}

function recordsOf(found: readonly Found[]): number {
  return found.reduce((sum, { in: numbers }) => sum + numbers.length, 0);
}

/** The first that fit into what is left of the order. */
function fitting(found: readonly Found[], room: number): readonly Found[] {
  let left = room;
  const end = found.findIndex(({ in: numbers }) => (left -= numbers.length) < 0);
  return found.slice(0, Math.min(end < 0 ? found.length : end, MAX_DOUBTFUL));
}

export async function fetchWindows(
  tx: Sql,
  platform: Platform,
  request: FetchRequest,
): Promise<Answered<Static<typeof TraceReply>>> {
  const hash = fromBase64Url(request.orderHash);
  if (!hash.ok) throw new Refusal('bad-request');
  const order = await orderUnderWay(platform, await lockOrder(tx, hash.value));
  const opening = await openingRides(tx, platform, hash.value);
  const asked = judgeWindows(platform, order, request.windows, opening, await besideRides(tx, platform, opening));
  const windows = asked.filter((window, n) => asked.findIndex((other) => sameWindow(window, other)) === n);
  const earlier = (await windowsOf(tx, hash.value)).filter((known) => !windows.some((one) => sameWindow(known, one)));
  const extra = [...earlier, ...windows].filter((window) => window.extra).length;
  if (extra > order.maxExtra) throw new Refusal('order-limit');
  const used = earlier.reduce((sum, { records }) => sum + records, 0);
  // A minute in which a sticker was moved is read for both units, and the first of a flood came before it was one.
  const limit = order.maxRecords * 2 + MAX_DOUBTFUL;
  const { sure, doubtful, beyond } = await ridesIn(tx, platform, windows, limit);
  const room = order.maxRecords - used - recordsOf(sure);
  if (room < 0) throw new Refusal('order-limit');
  const taken = fitting(doubtful, room);
  const found = [...sure, ...taken];
  const records = windows.map(() => 0);
  for (const { in: numbers } of found) for (const n of numbers) records[n] = (records[n] ?? 0) + 1;
  await putWindows(
    tx,
    hash.value,
    windows.map((window, n) => ({ ...window, records: records[n] ?? 0 })),
  );
  const rides = found.map(({ ride }) => ride);
  const withheld = doubtful.length - taken.length + beyond;
  const reply = await traceReply(tx, platform, { rides, withheld }, windows);
  return { reply, orderHash: hash.value, isNewOrder: false, rides: rides.length, windows: windows.length };
}
