// For the tests of this package: a vault over a real database, and small servers that speak the platform's and the
// registrar's internal contract.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { developmentAuthenticator, makeDevelopmentKey, verifyRoster } from '@tongche/approval';
import type { DevelopmentAuthenticator } from '@tongche/approval';
import {
  FetchRequest,
  ListPush,
  LogPush,
  MatchRequest,
  NoticePush,
  Refusal,
  RegistrarKeys,
  Roster,
  RunsRequest,
} from '@tongche/contract';
import type { Assertion, ErrorCode, TraceReply, TraceRide, TraceRun, TraceUnit } from '@tongche/contract';
import { createServer, internalClient, listen, RemoteError } from '@tongche/http';
import type { App, InternalClient } from '@tongche/http';
import {
  bundleInfo,
  dayOf,
  decodeRecord,
  equalBytes,
  fromBase64Url,
  Frontier,
  leafHash,
  makeRide,
  packSealed,
  packWindow,
  parseCheckpoint,
  parsePhone,
  sealNote,
  slotOf,
  toBase64Url,
  toBytes,
  unwrap,
  utf8,
  verifyBundle,
  verifyInclusion,
  verifyJson,
  verifyRequest,
} from '@tongche/protocol';
import type { Bytes, Contact } from '@tongche/protocol';
import { assistTagSync, hmacKey, makeNodeSuite, nodeSha256, nodeSuite, rideTagSync } from '@tongche/protocol/node';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';
import type { TestDatabase } from '@tongche/postgres/test-kit';
import { memoryLog, parseConfig, seededRandom, settableClock } from '@tongche/runtime';
import type { SettableClock } from '@tongche/runtime';
import { Type, type Static } from 'typebox';
import { buildVault, Config, vaultPublicKeys } from '../src/index.ts';
import type { Secrets, Vault } from '../src/index.ts';

export const zone = 'Asia/Shanghai';
export const iss = 1;
export const page = { origin: 'http://casework.localhost:8620', rpId: 'casework.localhost' };
/** 2026-05-12, 10:00 in Shanghai. */
export const startMs = Date.UTC(2026, 4, 12, 2);
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

const random = seededRandom('vault tests');
export const suite = makeNodeSuite((n) => toBytes(random(n)));

/** A random Chinese mobile; personal data of nobody. */
export function somePhone(): string {
  const digits = Array.from(random(9), (byte) => byte % 10).join('');
  return `1${3 + ((random(1)[0] ?? 0) % 7)}${digits}`;
}

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
  known: { size: number; root: string | null };
}

function up(fake: { readonly isDown: boolean }): void {
  if (fake.isDown) throw new Refusal('busy');
}

async function registrarRoutes(app: App, fake: FakeRegistrar, pk: { ed25519: Bytes; p256: Bytes }): Promise<void> {
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

async function platformRoutes(app: App, fake: FakePlatform, keys: PlatformKeys, clock: SettableClock): Promise<void> {
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
    return fake.known;
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
    const { size, root } = unwrap(parseCheckpoint(body.checkpoint)).checkpoint;
    const leaf = leafHash(nodeSha256, utf8(body.logEntry));
    const proof = body.inclusion.map((text) => unwrap(fromBase64Url(text)));
    assert.ok(verifyInclusion(nodeSha256, { index: body.logIndex, size, leaf, root }, proof));
    fake.known = { size, root: toBase64Url(root) };
    fake.matches.push(body);
    const tags = new Map(body.tags.map(({ day, tags: list }) => [day, new Set(list)]));
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
    return reply(
      fake.rides.filter((ride) =>
        windows.some((w) => w.unitId === ride.unitId && ride.boardedMs >= w.fromMs && ride.boardedMs < w.toMs),
      ),
      fake.withheld,
    );
  });
}

export interface Person {
  readonly person: string;
  readonly role: 'tracer' | 'approver' | 'officer';
  readonly key: DevelopmentAuthenticator;
}

export interface World {
  readonly clock: SettableClock;
  readonly registrar: FakeRegistrar;
  readonly platform: FakePlatform;
  readonly database: TestDatabase;
  readonly folder: string;
  readonly config: Config;
  readonly secrets: Secrets;
  readonly log: ReturnType<typeof memoryLog>;
  readonly rootKey: Bytes;
  readonly people: { readonly lin: Person; readonly chen: Person; readonly wang: Person; readonly linToo: Person };
  /** The vault now running. */
  vault: Vault;
  readonly client: InternalClient;
  restart(changes?: Partial<Config>): Promise<void>;
}

async function person(name: string, role: Person['role']): Promise<Person & { readonly publicKey: string }> {
  const made = await makeDevelopmentKey(suite);
  const key = developmentAuthenticator(made.privateKey, page);
  return { person: name, role, key, publicKey: made.publicKey };
}

export async function startWorld(changes: Partial<Config> = {}, beginMs = startMs): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'tcv-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const clock = settableClock(beginMs);
  const log = memoryLog();
  const engine = await testEngine();
  const database = await testDatabase(engine);
  const root = await suite.generateEd25519KeyPair();
  const relay = await suite.generateKeyPair();
  const unsealKey = toBase64Url(suite.randomBytes(32));
  // Every roll re-wraps every slot, each write synchronised: weeks of them go to memory where there is such a folder.
  const slotsFolder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : folder, 'tcv-slots-'));
  after(() => rmSync(slotsFolder, { recursive: true, force: true }));
  const signing = await vaultPublicKeys({ slotsFolder, unsealKey, random });
  const pk = { ed25519: unwrap(fromBase64Url(signing.ed25519)), p256: unwrap(fromBase64Url(signing.p256)) };
  const people = {
    lin: await person('lin', 'tracer'),
    chen: await person('chen', 'approver'),
    wang: await person('wang', 'tracer'),
    linToo: await person('lin', 'approver'),
  };
  const registrar: FakeRegistrar = {
    days: new Map(),
    log: [],
    notices: new Map(),
    lists: [],
    receipts: [],
    isDown: false,
  };
  const platform: FakePlatform = {
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
    known: { size: 0, root: null },
  };
  const health = async () => ({ ok: true, checks: {} });
  const bodyLimit = 8 * 1024 * 1024;
  const r = createServer({ name: 'registrar', clock, log, health, bodyLimit });
  const p = createServer({ name: 'platform', clock, log, health, bodyLimit });
  await registrarRoutes(r, registrar, pk);
  await platformRoutes(p, platform, { ed25519: pk.ed25519, root: root.pk, relayPk: toBase64Url(relay.pk) }, clock);
  await listen(r, { socket: join(folder, 'r.sock') });
  await listen(p, { socket: join(folder, 'p.sock') });
  const closing: (() => Promise<void>)[] = [() => p.close(), () => r.close()];
  after(async () => {
    for (const close of closing) await close();
  });
  const config = parseConfig(
    Config,
    {
      mode: 'demo',
      authority: { iss, name: { zh: '海景市卫健委', en: 'Haijing Health' }, zone },
      listen: { socket: join(folder, 'v.sock') },
      platformInternal: { socket: join(folder, 'p.sock') },
      registrarInternal: { socket: join(folder, 'r.sock') },
      registrarUrl: 'http://registrar.example',
      slotsFolder,
      rootPublicKey: toBase64Url(root.pk),
      console: page,
      demoKeys: Object.values(people).map(({ key, role, person: name, publicKey }) => ({
        keyId: key.keyId,
        role,
        person: name,
        publicKey,
      })),
      workers: 1,
      limits: { watchEveryMs: 6 * hourMs, correctionsEveryMs: hourMs },
      ...changes,
    },
    'test',
  );
  const secrets: Secrets = { unsealKey, databaseUrl: database.url, demoRootKey: toBase64Url(root.sk) };
  const vault = await buildVault({ config, secrets, clock, log });
  const client = internalClient({ socket: config.listen.socket });
  const world: World = {
    clock,
    registrar,
    platform,
    database,
    folder,
    config,
    secrets,
    log,
    rootKey: root.sk,
    people,
    vault,
    client,
    async restart(again = {}) {
      await world.vault.close();
      world.vault = await buildVault({ config: { ...config, ...again }, secrets, clock, log });
    },
  };
  closing.unshift(
    () => client.close(),
    () => world.vault.close(),
  );
  return world;
}

export function asPerson({ person: name, role }: Person): { readonly headers: Record<string, string> } {
  return { headers: { 'x-actor': encodeURIComponent(name), 'x-role': role } };
}

export function post<T>(world: World, who: Person, path: string, body: unknown): Promise<T> {
  return world.client.post(path, body, Type.Unknown(), asPerson(who)) as Promise<T>;
}

export function get<T>(world: World, who: Person, path: string): Promise<T> {
  return world.client.get(path, Type.Unknown(), asPerson(who)) as Promise<T>;
}

/** The catalogue's code of a refused call. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    if (error instanceof RemoteError) return error.code;
    throw error;
  }
}

export function signed(who: Person, hash: string): Promise<Assertion> {
  return who.key.sign(unwrap(fromBase64Url(hash)));
}

export interface RideFacts {
  readonly phone: string;
  readonly boardedMs: number;
  readonly unitId?: string;
  readonly runKey?: string | null;
  readonly boardSeq?: number | null;
  /** Alighting stop, as an "off" tap's note. */
  readonly alight?: number;
  readonly contact?: Partial<Omit<Contact, 'slot'>>;
  readonly assisted?: boolean;
  /** Claims this number inside an envelope sealed under the tag of `phone`. */
  readonly claims?: string;
  readonly doubts?: TraceRide['doubts'];
  /** Of somebody who works on board. */
  readonly crewUntilMs?: number;
}

let slotCounter = 0;

/** A ride as a phone makes it and the platform keeps it, with the keys the registrar was given. */
export async function addRide(world: World, facts: RideFacts): Promise<TraceRide> {
  const { phone, boardedMs, unitId = 'bus1', runKey = 'r1', boardSeq = 0, assisted = false } = facts;
  const day = dayOf(boardedMs, zone);
  const keys = world.registrar.days.get(day);
  assert.ok(keys !== undefined, `the registrar has keys of day ${day}`);
  const subject = unwrap(parsePhone(phone));
  const kTag = hmacKey(unwrap(fromBase64Url(keys.kTag)));
  slotCounter += 1;
  const slot = assisted ? slotCounter % 64 : slotOf(slotCounter % 8, slotCounter % 32);
  const tag = assisted
    ? assistTagSync(kTag, { iss, kind: 'phone', subject, slot })
    : rideTagSync(kTag, { iss, phone: subject, slot });
  const contact: Omit<Contact, 'slot'> = {
    flags: { companion: false, assisted },
    kind: 'phone',
    subject: facts.claims === undefined ? subject : unwrap(parsePhone(facts.claims)),
    reach: 0n,
    name: '',
    openid: '',
    ...facts.contact,
  };
  const bundle = keys.bundle;
  const code = suite.randomBytes(8);
  const pass = { slot, tag, adm: suite.randomBytes(16) };
  const made = await makeRide(suite, { bundle, code, boardedMs, queued: false, party: 0, contact, pass });
  const record = unwrap(decodeRecord(made.record));
  assert.ok(bundleInfo(bundle).length > 0);
  const notes = [];
  if (facts.alight !== undefined) {
    const board = boardSeq ?? 0;
    const note = {
      basis: 'off-tap' as const,
      boardLo: board,
      boardHi: board,
      alightLo: facts.alight,
      alightHi: facts.alight,
      minuteLo: 0,
      minuteHi: 0,
    };
    notes.push({ idx: 0, ct: toBase64Url(await sealNote(suite, made.noteKey, { day, tag, idx: 0 }, note)) });
  }
  const ride: TraceRide = {
    code: toBase64Url(code),
    unitId,
    suite: 1,
    iss,
    day,
    w2: packWindow(record.w),
    tag: toBase64Url(tag),
    eraseC: toBase64Url(record.eraseC),
    sealed: toBase64Url(packSealed(record.enc, record.ct)),
    boardedMs,
    receivedS: Math.floor(boardedMs / 1000),
    runKey,
    boardSeq,
    basis: 'schedule',
    flags: 0,
    doubts: facts.doubts ?? [],
    crewUntilMs: facts.crewUntilMs ?? null,
    notes,
  };
  world.platform.rides.push(ride);
  return ride;
}

/** A run of eight stops, four minutes apart, standing for one; and its bus. */
export function addRun(
  world: World,
  runKey = 'r1',
  beginMs = startMs - 2 * hourMs,
  unitId = 'bus1',
  lineId = 'M133',
): void {
  world.platform.runs.push({
    runKey,
    unitIds: [unitId],
    vehicleId: `v-${unitId}`,
    lineId,
    dir: 0,
    line: { id: lineId, name: { zh: `${lineId}路`, en: lineId }, headsign: null },
    stops: Array.from({ length: 8 }, (_, seq) => ({
      seq,
      stopId: `s${seq}`,
      name: { zh: `站${seq}`, en: `Stop ${seq}` },
      lat: 22.5 + seq / 200,
      lon: 114,
      arrMs: beginMs + seq * 4 * minuteMs,
      depMs: beginMs + (seq * 4 + 1) * minuteMs,
      source: 'schedule' as const,
    })),
    heads: 0,
    estimated: null,
    basis: 'schedule',
  });
  if (world.platform.units.some((unit) => unit.unitId === unitId)) return;
  world.platform.units.push({
    unitId,
    kind: 'bus',
    plate: '海A12345',
    label: { zh: '1号车', en: 'Bus 1' },
    vehicleId: `v-${unitId}`,
    carriageNo: null,
    capacity: 80,
    air: null,
    litresPerSecond: null,
  });
}
