// Match: the rides of a case by its tags. The order is held to its limits before a single ride leaves.
import { Refusal } from '@tongche/contract';
import type { MatchRequest, TraceReply } from '@tongche/contract';
import { concat, dayStartMs, fromBase64Url, maxTagsOf, MINUTE_MS, u16, unwrap, uuidText } from '@tongche/protocol';
import type { Bytes, TraceOrder } from '@tongche/protocol';
import { nodeSha256 } from '@tongche/protocol/node';
import type { Static } from 'typebox';
import type { Platform } from '../platform.ts';
import { matchTags } from '../store/rides.ts';
import type { StoredRide } from '../store/rides.ts';
import type { Sql } from '../store/sql.ts';
import { addMatches, countTags, insertOrder, lockOrder } from '../store/trace.ts';
import type { OrderRow } from '../store/trace.ts';
import type { Answered } from './access.ts';
import { flagsNow, unitOfRide } from './doubts.ts';
import { traceReply } from './reply.ts';
import { checkApproval, checkEnvelope, checkFirst, checkLogProof } from './requests.ts';

function limitsOf(order: TraceOrder): OrderRow {
  return {
    purpose: order.purpose,
    fromDay: order.fromDay,
    toDay: order.toDay,
    maxRides: order.maxRides,
    maxRecords: order.maxRecords,
    maxExtra: order.maxExtraWindows,
    maxTags: maxTagsOf(order),
    expiresMs: order.expiresMs,
    watchUntilMs: order.watchUntilMs,
  };
}

/** The order under lock; true when this is its first match. */
async function takeOrder(sql: Sql, platform: Platform, request: MatchRequest, hash: Bytes): Promise<boolean> {
  const nowMs = platform.clock.now();
  const known = await lockOrder(sql, hash);
  if (known === undefined) {
    checkFirst(platform, request.order);
    await insertOrder(sql, hash, limitsOf(request.order), nowMs);
    await lockOrder(sql, hash);
    return true;
  }
  if (nowMs > Math.max(known.expiresMs, known.watchUntilMs)) throw new Refusal('order-expired');
  return false;
}

async function checkTags(sql: Sql, request: MatchRequest, hash: Bytes): Promise<void> {
  const { order, tags } = request;
  const { fromDay, toDay, maxTags } = limitsOf(order);
  if (tags.some(({ day }) => day < fromDay || day > toDay)) throw new Refusal('order-limit');
  const digests = tags.flatMap(({ day, tags: ofDay }) =>
    ofDay.map((tag) => nodeSha256(concat(hash, u16(day), unwrap(fromBase64Url(tag)))).subarray(0, 16)),
  );
  if ((await countTags(sql, hash, digests)) > maxTags) throw new Refusal('order-limit');
}

async function ridesOf(sql: Sql, platform: Platform, request: MatchRequest): Promise<StoredRide[]> {
  const { zone } = platform;
  const { maxRides } = request.order;
  const rides: StoredRide[] = [];
  for (const { day, tags } of request.tags) {
    const texts = tags.map((tag) => uuidText(unwrap(fromBase64Url(tag))));
    const lastMs = dayStartMs(day + 1, zone) - MINUTE_MS;
    rides.push(...(await matchTags(sql, texts, dayStartMs(day, zone), lastMs, maxRides)));
    if (rides.length > maxRides) throw new Refusal('order-limit');
  }
  return rides;
}

export async function match(platform: Platform, request: MatchRequest): Promise<Answered<Static<typeof TraceReply>>> {
  await checkEnvelope(platform, request);
  const hash = await checkApproval(platform, request);
  await checkLogProof(platform, request, hash);
  return platform.db.tx('match', async (tx) => {
    const isNew = await takeOrder(tx, platform, request, hash);
    await checkTags(tx, request, hash);
    const rides = await ridesOf(tx, platform, request);
    const matched = rides.map((ride) => ({
      codeId: ride.codeId,
      rideId: ride.rideId,
      vehicleId: unitOfRide(platform, ride)?.vehicleId ?? null,
      boardedMs: ride.boardedMs,
    }));
    if ((await addMatches(tx, hash, matched)) > request.order.maxRides) throw new Refusal('order-limit');
    const flags = await flagsNow(tx, platform, rides);
    const judged = rides.map((ride, n) => ({ ...ride, flags: flags[n] ?? ride.flags }));
    const reply = await traceReply(tx, platform, { rides: judged, withheld: 0 }, []);
    return { reply, orderHash: hash, isNewOrder: isNew, rides: rides.length, windows: 0 };
  });
}
