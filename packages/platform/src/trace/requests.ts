// Checks that need no ride: who signed, whether it is fresh, what two people approved, what the public log shows.
// Each throws the Refusal the vault is to see; nothing is read of any ride before all have passed.
import { checkTwoPeople, verifyAssertion, verifyRoster } from '@tongche/approval';
import type { Roster as ApprovalRoster } from '@tongche/approval';
import { Refusal } from '@tongche/contract';
import type { LogHead, MatchRequest, Roster } from '@tongche/contract';
import {
  checkOrder,
  dayOf,
  fromBase64Url,
  leafHash,
  MAX_REQUEST_AGE_MS,
  orderHash,
  toBase64Url,
  utf8,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
  verifyRequest,
} from '@tongche/protocol';
import type { Bytes, Checkpoint, OrderRefusal, RequestEnvelope, TraceOrder } from '@tongche/protocol';
import { nodeSha256 } from '@tongche/protocol/node';
import type { ErrorCode } from '@tongche/contract';
import { events } from '../events.ts';
import type { Platform } from '../platform.ts';
import type { Sql } from '../store/sql.ts';
import { rollDay } from '../calendar.ts';
import {
  knownCheckpoint,
  lockCheckpoints,
  putCheckpoint,
  putRoster,
  rosterBody,
  rosterVersion,
  useNonce,
} from '../store/trace.ts';

function bytes(text: string): Bytes {
  const value = fromBase64Url(text);
  if (!value.ok) throw new Refusal('bad-request');
  return value.value;
}

/** The nonce of a request that the vault signed at most five minutes ago. */
export async function signedNonce(platform: Platform, request: RequestEnvelope): Promise<Bytes> {
  const { suite, config, clock } = platform;
  const checked = await verifyRequest(suite, bytes(config.authority.signEd25519), request, clock.now());
  if (!checked.ok) throw new Refusal(checked.code === 'stale-request' ? 'stale-request' : 'signature-invalid');
  return bytes(request.nonce);
}

/** Never seen before; looked for after the signature, so that a stranger cannot fill the table. */
export async function useOnce(sql: Sql, nonce: Bytes, nowMs: number): Promise<void> {
  if (!(await useNonce(sql, nonce, nowMs))) throw new Refusal('stale-request');
}

function refusalOf(code: OrderRefusal): ErrorCode {
  switch (code) {
    case 'bad-span':
      return 'span-too-long';
    case 'bad-watch':
    case 'bad-expiry':
    case 'bad-subjects':
      return 'order-limit';
    default:
      throw new Error(`unknown refusal ${String(code satisfies never)}`);
  }
}

/** The order itself: ours, its limits sane, approved by two people in two roles. Returns its hash. */
export async function checkApproval(sql: Sql, platform: Platform, request: MatchRequest): Promise<Bytes> {
  const { config, suite } = platform;
  const { order, assertions } = request;
  if (order.iss !== config.authority.iss) throw new Refusal('wrong-authority');
  const sane = checkOrder(order, assertions.length);
  if (!sane.ok) throw new Refusal(refusalOf(sane.code));
  const hash = await orderHash(suite, order);
  const roster = await livingRoster(sql);
  const approvals = [];
  for (const assertion of assertions) {
    const checked = await verifyAssertion({ roster, hash, assertion, mode: config.mode });
    if (!checked.ok) throw new Refusal(checked.code);
    approvals.push(checked.value);
  }
  if (!checkTwoPeople(approvals).ok) throw new Refusal('same-signer');
  return hash;
}

/**
 * What only a first match is held to: signed not long ago, days inside retention. A watched order that comes again may
 * reach back to days that are gone by now; it finds nothing there.
 */
export function checkFirst({ config, clock, zone }: Platform, order: TraceOrder): void {
  const nowMs = clock.now();
  if (order.issuedMs > nowMs + MAX_REQUEST_AGE_MS || nowMs > order.expiresMs) throw new Refusal('order-expired');
  const oldest = rollDay(nowMs, zone) - config.retentionDays + 1;
  if (order.fromDay < oldest || order.toDay > dayOf(nowMs, zone)) throw new Refusal('outside-retention');
}

async function livingRoster(sql: Sql): Promise<ApprovalRoster> {
  const body = await rosterBody(sql);
  if (body === undefined) throw new Refusal('signature-invalid');
  return JSON.parse(body) as ApprovalRoster;
}

/** A newer roster under the root key's signature takes the place of the last one. */
export async function takeRoster(platform: Platform, roster: Roster): Promise<void> {
  const { config, db, log } = platform;
  const refuse = (reason: ErrorCode): Refusal => {
    log.event(events.rosterRefused, { reason });
    return new Refusal(reason);
  };
  if (roster.iss !== config.authority.iss) throw refuse('wrong-authority');
  const checked = await verifyRoster(roster, bytes(config.authority.rootEd25519));
  if (!checked.ok) throw refuse('signature-invalid');
  await db.tx('roster', async (tx) => {
    const version = await rosterVersion(tx);
    if (version !== undefined && version > roster.version) throw refuse('conflict');
    if (version !== roster.version) await putRoster(tx, roster.iss, roster.version, JSON.stringify(roster));
  });
  log.event(events.rosterAccepted, { version: roster.version, keys: roster.keys.length });
}

/** The log's line must be about this very order. */
function isEntryOf(line: string, hash: Bytes): boolean {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== 'object' || entry === null) return false;
    const { kind, orderHash: named } = entry as Record<string, unknown>;
    return kind === 'order' && named === toBase64Url(hash);
  } catch {
    return false;
  }
}

async function signedCheckpoint(platform: Platform, note: string): Promise<Checkpoint> {
  const { suite, config } = platform;
  const { log, witnesses, minWitnesses, signEd25519 } = config.authority;
  const checked = await verifyCheckpoint(suite, note, {
    origin: log.origin,
    log: { name: log.name, pk: bytes(log.ed25519 ?? signEd25519) },
    witnesses: witnesses.map(({ name, ed25519 }) => ({ name, pk: bytes(ed25519) })),
    minWitnesses,
  });
  if (!checked.ok) throw new Refusal('proof-invalid');
  return checked.value;
}

/**
 * Remembers a head of the public log that continues the largest seen. In a moment of its own, so that of many requests at once
 * none waits for another's look-up.
 */
export async function takeLogHead(platform: Platform, shown: LogHead): Promise<void> {
  const refuse = (): Refusal => {
    platform.log.event(events.logRefused, {});
    return new Refusal('proof-invalid');
  };
  const head = await signedCheckpoint(platform, shown.checkpoint).catch((error: unknown) => {
    throw error instanceof Refusal ? refuse() : error;
  });
  const consistency = shown.consistency.map(bytes);
  await platform.db.tx('log-head', async (tx) => {
    await lockCheckpoints(tx);
    const known = await knownCheckpoint(tx);
    if (known !== undefined) {
      const older = { size: known.size, root: new Uint8Array(known.root) };
      const isFromKnown = shown.consistencyFrom === known.size;
      if (!isFromKnown || !verifyConsistency(nodeSha256, older, head, consistency)) throw refuse();
    }
    await putCheckpoint(tx, head.size, head.root);
  });
}

/** The order stands in the public log as it was shown before. */
export async function checkLogProof(sql: Sql, request: MatchRequest, hash: Bytes): Promise<void> {
  if (!isEntryOf(request.logEntry, hash)) throw new Refusal('proof-invalid');
  const head = await knownCheckpoint(sql, request.logSize);
  if (head === undefined) throw new Refusal('proof-invalid');
  const leaf = leafHash(nodeSha256, utf8(request.logEntry));
  const claim = { index: request.logIndex, size: head.size, leaf, root: new Uint8Array(head.root) };
  if (!verifyInclusion(nodeSha256, claim, request.inclusion.map(bytes))) throw new Refusal('proof-invalid');
}
