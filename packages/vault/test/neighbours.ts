// Small servers that speak the platform's and the registrar's internal contract, as far as a vault sees them.
import assert from 'node:assert/strict';
import { verifyRoster } from '@tongche/approval';
import {
  FetchRequest,
  LogHead,
  ListPush,
  LogPush,
  MatchRequest,
  NoticePush,
  Refusal,
  RegistrarKeys,
  Roster,
  RunsRequest,
} from '@tongche/contract';
import type { ErrorCode, TraceReply, TraceRide, TraceRun, TraceUnit } from '@tongche/contract';
import type { App } from '@tongche/http';
import {
  equalBytes,
  fromBase64Url,
  Frontier,
  leafHash,
  parseCheckpoint,
  toBase64Url,
  unwrap,
  utf8,
  verifyBundle,
  verifyConsistency,
  verifyInclusion,
  verifyJson,
  verifyRequest,
} from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { nodeSha256, nodeSuite } from '@tongche/protocol/node';
import type { SettableClock } from '@tongche/runtime';
import { Type, type Static } from 'typebox';

type KeysOfDay = RegistrarKeys['days'][number];

/** The registrar as far as a vault sees it. */
export interface FakeRegistrar {
  readonly days: Map<number, KeysOfDay>;
  readonly log: string[];
  readonly notices: Map<string, string>;
  readonly lists: Static<typeof ListPush>[];
  readonly receipts: { id: string; outcome: string; atMs: number }[];
  isDown: boolean;
}

/** The tags of a day, of which the request says 16 bytes each. */
export function tagsIn(packed: string): ReadonlySet<string> {
  const bytes = unwrap(fromBase64Url(packed));
  return new Set(Array.from({ length: bytes.length / 16 }, (_, n) => toBase64Url(bytes.subarray(n * 16, n * 16 + 16))));
}

/** The platform as far as a vault sees it. */
export interface FakePlatform {
  readonly rides: TraceRide[];
  readonly runs: TraceRun[];
  readonly units: TraceUnit[];
  roster: Roster | undefined;
  readonly matches: MatchRequest[];
  readonly fetches: FetchRequest[];
  isDown: boolean;
  refusal: ErrorCode | undefined;
  /** Last relabelling, and how many rides it moved. */
  relabelled: { revision: number; rides: number };
  /** Doubtful rides not handed over. */
  withheld: number;
  /** Records that one request for windows may have: it is refused as beyond the order where there are more. */
  room: number;
  /** States of the log it was shown, the newest last. */
  readonly heads: { size: number; root: string }[];
}

const emptyRoot = toBase64Url(nodeSha256(new Uint8Array(0)));

function up(fake: { readonly isDown: boolean }): void {
  if (fake.isDown) throw new Refusal('busy');
}

export async function registrarRoutes(
  app: App,
  fake: FakeRegistrar,
  pk: { ed25519: Bytes; p256: Bytes },
): Promise<void> {
  app.post('/internal/keys', { schema: { body: RegistrarKeys } }, async (request, reply) => {
    up(fake);
    for (const day of request.body.days) {
      assert.equal((await verifyBundle(nodeSuite, day.bundle, pk)).ok, true);
      assert.equal(await verifyJson(nodeSuite, pk.ed25519, day.admission), true);
      const before = fake.days.get(day.day);
      assert.ok(before === undefined || before.kTag === day.kTag, 'keys of a day never change');
      fake.days.set(day.day, day);
    }
    return reply.code(204).send();
  });
  app.get('/internal/log', async () => {
    up(fake);
    return { size: fake.log.length };
  });
  app.post('/internal/log', { schema: { body: LogPush } }, async (request, reply) => {
    up(fake);
    const { from, entries, checkpoint } = request.body;
    if (from !== fake.log.length) throw new Refusal('conflict');
    fake.log.push(...entries);
    const { size, root } = unwrap(parseCheckpoint(checkpoint)).checkpoint;
    const frontier = new Frontier(nodeSha256);
    for (const line of fake.log.slice(0, size)) frontier.append(leafHash(nodeSha256, utf8(line)));
    if (frontier.size === size) assert.ok(equalBytes(frontier.root(), root), 'the checkpoint fits the entries');
    return reply.code(204).send();
  });
  app.post('/internal/notices', { schema: { body: NoticePush } }, async (request, reply) => {
    up(fake);
    for (const { id, blob } of request.body.notices) fake.notices.set(id, blob);
    return reply.code(204).send();
  });
  app.post('/internal/lists', { schema: { body: ListPush } }, async (request, reply) => {
    up(fake);
    fake.lists.push(request.body);
    return reply.code(204).send();
  });
  const querystring = Type.Object({ afterMs: Type.String() });
  app.get('/internal/receipts', { schema: { querystring } }, async (request) => {
    up(fake);
    return { receipts: fake.receipts.filter(({ atMs }) => atMs >= Number(request.query.afterMs)) };
  });
}

interface PlatformKeys {
  readonly ed25519: Bytes;
  readonly root: Bytes;
  readonly relayPk: string;
}

export async function platformRoutes(
  app: App,
  fake: FakePlatform,
  keys: PlatformKeys,
  clock: SettableClock,
): Promise<void> {
  function reply(rides: readonly TraceRide[], withheld = 0): TraceReply {
    const { revision } = fake.relabelled;
    return {
      revision,
      withheld,
      rides: [...rides],
      runs: fake.runs,
      units: fake.units,
      bindings: [],
      shifts: [],
      boardings: [],
    };
  }
  function ready(): void {
    up(fake);
    if (fake.refusal !== undefined) throw new Refusal(fake.refusal);
  }
  app.get('/internal/identity', async () => {
    up(fake);
    return { relayPk: keys.relayPk, platformUrl: 'http://platform.example', assistPk: 'A'.repeat(43) };
  });
  app.get('/internal/checkpoint', async () => {
    up(fake);
    return fake.heads.at(-1) ?? { size: 0, root: null };
  });
  app.post('/internal/log-head', { schema: { body: LogHead } }, async ({ body }, answer) => {
    ready();
    const { size, root } = unwrap(parseCheckpoint(body.checkpoint)).checkpoint;
    // Nothing is remembered that does not continue the log as it was seen last.
    const consistency = body.consistency.map((text) => unwrap(fromBase64Url(text)));
    const known = fake.heads.at(-1) ?? { size: 0, root: emptyRoot };
    const older = { size: known.size, root: unwrap(fromBase64Url(known.root)) };
    const isFromKnown = body.consistencyFrom === older.size;
    if (!isFromKnown || !verifyConsistency(nodeSha256, older, { size, root }, consistency)) {
      throw new Refusal('proof-invalid');
    }
    fake.heads.push({ size, root: toBase64Url(root) });
    return answer.code(204).send();
  });
  const since = Type.Object({ since: Type.String() });
  app.get('/internal/orders/:orderHash/revision', { schema: { querystring: since } }, async (request) => {
    ready();
    const { revision, rides } = fake.relabelled;
    return revision > Number(request.query.since)
      ? { revision, rides }
      : { revision: Number(request.query.since), rides: 0 };
  });
  app.post('/internal/roster', { schema: { body: Roster } }, async (request, answer) => {
    up(fake);
    assert.equal((await verifyRoster(request.body, keys.root)).ok, true);
    fake.roster = request.body;
    return answer.code(204).send();
  });
  app.post('/internal/match', { schema: { body: MatchRequest } }, async (request) => {
    ready();
    const { body } = request;
    assert.equal((await verifyRequest(nodeSuite, keys.ed25519, body, clock.now())).ok, true);
    const head = fake.heads.find(({ size }) => size === body.logSize);
    if (head === undefined) throw new Refusal('proof-invalid');
    const { size, root } = { size: head.size, root: unwrap(fromBase64Url(head.root)) };
    const leaf = leafHash(nodeSha256, utf8(body.logEntry));
    const proof = body.inclusion.map((text) => unwrap(fromBase64Url(text)));
    assert.ok(verifyInclusion(nodeSha256, { index: body.logIndex, size, leaf, root }, proof));
    fake.matches.push(body);
    const tags = new Map(body.tags.map(({ day, tags: packed }) => [day, tagsIn(packed)]));
    return reply(fake.rides.filter((ride) => tags.get(ride.day)?.has(ride.tag)));
  });
  app.post('/internal/runs', { schema: { body: RunsRequest } }, async (request) => {
    ready();
    const { body } = request;
    assert.equal((await verifyRequest(nodeSuite, keys.ed25519, body, clock.now())).ok, true);
    const runs = fake.runs.filter(
      ({ lineId, unitIds, stops }) =>
        (body.lineIds.includes(lineId ?? '') || unitIds.some((unitId) => body.unitIds.includes(unitId))) &&
        (stops[0]?.depMs ?? 0) <= body.toMs &&
        (stops.at(-1)?.arrMs ?? 0) >= body.fromMs,
    );
    return { runs, units: fake.units, more: false };
  });
  app.get('/internal/network', async () => ({ lines: [], units: [] }));
  app.post('/internal/fetch', { schema: { body: FetchRequest } }, async (request) => {
    ready();
    assert.equal((await verifyRequest(nodeSuite, keys.ed25519, request.body, clock.now())).ok, true);
    fake.fetches.push(request.body);
    const { windows } = request.body;
    const found = fake.rides.filter((ride) =>
      windows.some((w) => w.unitId === ride.unitId && ride.boardedMs >= w.fromMs && ride.boardedMs < w.toMs),
    );
    if (found.length > fake.room) throw new Refusal('order-limit');
    return reply(found, fake.withheld);
  });
}

export function nobodyYet(): { readonly registrar: FakeRegistrar; readonly platform: FakePlatform } {
  return {
    registrar: { days: new Map(), log: [], notices: new Map(), lists: [], receipts: [], isDown: false },
    platform: {
      rides: [],
      runs: [],
      units: [],
      roster: undefined,
      matches: [],
      fetches: [],
      isDown: false,
      refusal: undefined,
      relabelled: { revision: 0, rides: 0 },
      withheld: 0,
      room: Infinity,
      heads: [],
    },
  };
}
