// Match: the rides of a case by its tags. The order is held to its limits before a single ride leaves.
import { hash as cryptoHash } from 'node:crypto';
import { Refusal } from '@tongche/contract';
import type { MatchRequest, TraceReply } from '@tongche/contract';
import { dayStartMs, maxTagsOf, MINUTE_MS, TAG_BYTES } from '@tongche/protocol';
import type { Bytes, TraceOrder } from '@tongche/protocol';
import { fromBase64UrlSync } from '@tongche/protocol/node';
import type { Static } from 'typebox';
import type { Platform } from '../platform.ts';
import { matchSpans, matchTags } from '../store/rides.ts';
import type { StoredRide, TagSpan } from '../store/rides.ts';
import type { Sql } from '../store/sql.ts';
import { addMatches, addTags, insertOrder, lockOrder, TAG_DIGEST_BYTES } from '../store/trace.ts';
import type { OrderRow } from '../store/trace.ts';
import type { Answered } from './access.ts';
import { flagsNow, unitOfRide } from './doubts.ts';
import { traceReply } from './reply.ts';
import { checkApproval, checkFirst, checkLogProof } from './requests.ts';

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
    // Written now, it is locked as well; of two first matches at once the later waits here, and locks the other's row.
    if (!(await insertOrder(sql, hash, limitsOf(request.order), nowMs))) await lockOrder(sql, hash);
    return true;
  }
  if (nowMs > Math.max(known.expiresMs, known.watchUntilMs)) throw new Refusal('order-expired');
  return false;
}

/** What was asked for of a day, tags one behind the other. */
interface DayTags {
  readonly day: number;
  readonly tags: Uint8Array;
}

function tagsIn({ tags }: MatchRequest): readonly DayTags[] {
  return tags.map(({ day, tags: text }) => {
    const packed = fromBase64UrlSync(text);
    if (!packed.ok || packed.value.length % TAG_BYTES !== 0) throw new Refusal('bad-request');
    return { day, tags: packed.value };
  });
}

/** SHA-256(order, day, tag) of each, cut as `addTags` takes it: a fortnight has thousands, so out of one buffer into another. */
function digestsOf(hash: Bytes, asked: readonly DayTags[]): Buffer {
  const input = Buffer.alloc(hash.length + 2 + TAG_BYTES);
  input.set(hash);
  const tags = asked.reduce((sum, one) => sum + one.tags.length / TAG_BYTES, 0);
  const digests = Buffer.alloc(tags * TAG_DIGEST_BYTES);
  let end = 0;
  for (const { day, tags: packed } of asked) {
    input.writeUInt16BE(day, hash.length);
    for (let at = 0; at < packed.length; at += TAG_BYTES) {
      for (let i = 0; i < TAG_BYTES; i += 1) input[hash.length + 2 + i] = packed[at + i] ?? 0;
      end += digests.write(cryptoHash('sha256', input, 'latin1'), end, TAG_DIGEST_BYTES, 'latin1');
    }
  }
  return digests;
}

async function checkTags(sql: Sql, { order }: MatchRequest, asked: readonly DayTags[], hash: Bytes): Promise<void> {
  const { fromDay, toDay, maxTags } = limitsOf(order);
  if (asked.some(({ day }) => day < fromDay || day > toDay)) throw new Refusal('order-limit');
  if (!(await addTags(sql, hash, digestsOf(hash, asked), maxTags))) throw new Refusal('order-limit');
}

async function ridesOf(sql: Sql, platform: Platform, asked: readonly DayTags[], max: number): Promise<StoredRide[]> {
  const { zone, form } = platform;
  const spans = asked.map(({ day, tags }): TagSpan => ({
    tags,
    fromMs: dayStartMs(day, zone),
    toMs: dayStartMs(day + 1, zone) - MINUTE_MS,
  }));
  const rides: StoredRide[] = [];
  if (form === 'arrays') rides.push(...(await matchSpans(sql, spans, max)));
  else for (const { tags, fromMs, toMs } of spans) rides.push(...(await matchTags(sql, tags, fromMs, toMs, max)));
  if (rides.length > max) throw new Refusal('order-limit');
  return rides;
}

export async function match(
  tx: Sql,
  platform: Platform,
  request: MatchRequest,
): Promise<Answered<Static<typeof TraceReply>>> {
  const hash = await checkApproval(tx, platform, request);
  await checkLogProof(tx, request, hash);
  const isNew = await takeOrder(tx, platform, request, hash);
  const asked = tagsIn(request);
  // The server looks for the rides while the tags are counted here; none of them leaves before both are done.
  // Both are waited for, also where one refuses: what is still asked would run when the transaction has ended.
  const [found, counted] = await Promise.allSettled([
    ridesOf(tx, platform, asked, request.order.maxRides),
    checkTags(tx, request, asked, hash),
  ]);
  if (found.status === 'rejected') throw found.reason;
  if (counted.status === 'rejected') throw counted.reason;
  const rides = found.value;
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
}
