// For this package's tests only: an authority with a log, a roster and people who sign, asking a platform for rides.
import { developmentAuthenticator, makeDevelopmentKey, signRoster } from '@tongche/approval';
import type { DevelopmentAuthenticator, Roster } from '@tongche/approval';
import type { LogHead, TraceReply, TraceWindow } from '@tongche/contract';
import { RemoteError } from '@tongche/http';
import {
  canonicalJson,
  concat,
  consistencyProof,
  inclusionProof,
  leafHash,
  MINUTE_MS,
  orderHash,
  rootOf,
  signCheckpoint,
  signRequest,
  toBase64Url,
  utf8,
} from '@tongche/protocol';
import type { Bytes, MadeRide, TraceOrder } from '@tongche/protocol';
import { nodeSha256, nodeSuite } from '@tongche/protocol/node';
import type { Static } from 'typebox';
import { startMs, today } from '../test-kit.ts';
import type { Bench } from '../test-kit.ts';

const page = { origin: 'http://casework.localhost:8620', rpId: 'casework.localhost' };
export const hour = 60 * MINUTE_MS;

export interface Asked {
  readonly order?: TraceOrder;
  readonly signers?: readonly string[];
  readonly tags?: readonly { day: number; tags: string }[];
  /** Changes the body before it is signed by the vault. */
  readonly change?: (body: Record<string, unknown>) => Record<string, unknown>;
  readonly issuedMs?: number;
  readonly sk?: Bytes;
}

type Reply = Static<typeof TraceReply>;
type SignedAssertion = Awaited<ReturnType<DevelopmentAuthenticator['sign']>>;

export interface Desk {
  readonly roster: Roster;
  /** Lines of the public log and their leaf hashes; a test may falsify them. */
  readonly lines: string[];
  readonly leaves: Bytes[];
  readonly orderOf: (change?: Partial<TraceOrder>) => TraceOrder;
  readonly signedBy: (order: TraceOrder, names: readonly string[]) => Promise<readonly SignedAssertion[]>;
  readonly requestOf: (asked: Asked) => Promise<object>;
  /** The public log as it is now, and that it continues what the platform knows. */
  readonly showLog: (change?: (head: LogHead) => LogHead) => Promise<void>;
  readonly match: (asked: Asked) => Promise<Reply>;
  readonly fetchOf: (order: TraceOrder, windows: readonly TraceWindow[], issuedMs?: number) => Promise<Reply>;
}

/** Four people with development keys on a roster the root key signed. */
async function makePeople(rootSk: Bytes) {
  const people = new Map<string, DevelopmentAuthenticator>();
  const keys = [];
  for (const [person, role] of [
    ['lin', 'tracer'],
    ['chen', 'approver'],
    ['gao', 'officer'],
    ['wu', 'tracer'],
  ] as const) {
    const key = await makeDevelopmentKey();
    people.set(person, developmentAuthenticator(key.privateKey, page));
    keys.push({ keyId: key.keyId, role, person, publicKey: key.publicKey, demo: true });
  }
  const roster = await signRoster({ iss: 1, version: 1, ...page, issuedMs: startMs, keys }, rootSk);
  return { people, roster };
}

export async function openDesk(bench: Bench): Promise<Desk> {
  const { authority, clock } = bench;
  const { people, roster } = await makePeople(authority.root.sk);
  await bench.inner.post('/internal/roster', roster);
  /** The public log, as the vault keeps it. */
  const lines: string[] = [];
  const leaves: Bytes[] = [];
  function append(line: string): number {
    lines.push(line);
    leaves.push(leafHash(nodeSha256, utf8(line)));
    return lines.length - 1;
  }
  function checkpoint(): Promise<string> {
    const head = { origin: 'log.test', size: leaves.length, root: rootOf(nodeSha256, leaves) };
    return signCheckpoint(nodeSuite, { name: 'log.test', ...authority.sign }, head);
  }

  async function showLog(change = (head: LogHead) => head): Promise<void> {
    const known = (await bench.inner.get('/internal/checkpoint')) as { size: number };
    const head = {
      checkpoint: await checkpoint(),
      consistency: consistencyProof(nodeSha256, leaves, known.size).map(toBase64Url),
      consistencyFrom: known.size,
    };
    await bench.inner.post('/internal/log-head', change(head));
  }

  let orders = 0;
  function orderOf(change: Partial<TraceOrder> = {}): TraceOrder {
    orders += 1;
    return {
      orderId: toBase64Url(new Uint8Array(16).fill(orders)),
      iss: 1,
      authority: '演示市卫健委',
      purpose: 'trace',
      status: 'confirmed',
      fromDay: today - 1,
      toDay: today,
      subjects: 1,
      maxRides: 100,
      maxRecords: 1000,
      maxExtraWindows: 2,
      watchUntilMs: clock.now() + 2 * 86_400_000,
      depth: 1,
      issuedMs: clock.now(),
      expiresMs: clock.now() + 86_400_000,
      caseCommitment: toBase64Url(new Uint8Array(32)),
      subjectCommitments: [toBase64Url(new Uint8Array(32))],
      ...change,
    };
  }

  async function signedBy(order: TraceOrder, names: readonly string[]) {
    const hash = await orderHash(nodeSuite, order);
    const all = [];
    for (const name of names) {
      const signer = people.get(name);
      if (signer === undefined) throw new Error(name);
      all.push(await signer.sign(hash));
    }
    return all;
  }

  async function requestOf({ order = orderOf(), signers = ['lin', 'chen'], tags = [], ...asked }: Asked) {
    const hash = await orderHash(nodeSuite, order);
    const logIndex = append(canonicalJson({ atMs: clock.now(), kind: 'order', orderHash: toBase64Url(hash) }));
    append(canonicalJson({ kind: 'opened', n: lines.length }));
    await showLog();
    const body = {
      order,
      assertions: await signedBy(order, signers),
      tags,
      logIndex,
      logEntry: lines[logIndex],
      logSize: leaves.length,
      inclusion: inclusionProof(nodeSha256, leaves, logIndex).map(toBase64Url),
    };
    const changed = asked.change?.(body) ?? body;
    return signRequest(nodeSuite, asked.sk ?? authority.sign.sk, changed, asked.issuedMs ?? clock.now());
  }

  async function fetchOf(order: TraceOrder, windows: readonly TraceWindow[], issuedMs = clock.now()): Promise<Reply> {
    const body = { orderHash: toBase64Url(await orderHash(nodeSuite, order)), windows };
    const signed = await signRequest(nodeSuite, authority.sign.sk, body, issuedMs);
    return (await bench.inner.post('/internal/fetch', signed)) as Reply;
  }
  async function match(asked: Asked): Promise<Reply> {
    return (await bench.inner.post('/internal/match', await requestOf(asked))) as Reply;
  }
  return { roster, lines, leaves, orderOf, signedBy, requestOf, showLog, match, fetchOf };
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'granted';
  } catch (error) {
    if (error instanceof RemoteError) return error.code;
    throw error;
  }
}

export const tagsOf = (...rides: readonly MadeRide[]) => [
  { day: today, tags: toBase64Url(concat(...rides.map(({ tag }) => tag))) },
];
export const around = (unitId: string, ms: number, reason: 'ride' | 'interview' = 'ride'): TraceWindow => ({
  unitId,
  fromMs: ms - hour,
  toMs: ms + hour,
  reason,
});
