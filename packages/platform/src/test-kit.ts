// For this package's tests only: an authority that signs and enrols, a small city, and a platform between real
// PostgreSQL and real HTTP on a clock that stands still.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { internalClient } from '@tongche/http';
import type { InternalClient } from '@tongche/http';
import type { CityData } from '@tongche/network';
import { connect } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';
import { dayOf, dayStartMs, makeRide, signJson, toBase64Url, toBytes } from '@tongche/protocol';
import type { Bytes, KeyPair, MadeRide, UnsignedBundle } from '@tongche/protocol';
import { hmacKey, issueWalletSync, nodeSuite } from '@tongche/protocol/node';
import { memoryLog, openSlots, parseConfig, settableClock } from '@tongche/runtime';
import type { SettableClock } from '@tongche/runtime';
import { buildPlatform } from './build.ts';
import type { RunningPlatform } from './build.ts';
import { codeBytes, smallCity, zone } from './city/small-city-kit.ts';
import { Config } from './config.ts';
import type { Secrets } from './config.ts';
import { notePlaces } from './relay/note-place.ts';
import type { NotePlace } from './relay/note-place.ts';

export { codeBytes, smallCity, zone };
export const iss = 1;
/** A Friday, 08:12:20. */
export const startMs = Date.parse('2026-11-20T08:12:20+08:00');
export const today = dayOf(startMs, zone);

export interface RideOptions {
  readonly code?: number;
  /** A code that no number stands for. */
  readonly codeBytes?: Bytes;
  readonly phone?: bigint;
  readonly slot?: number;
  readonly boardedMs?: number;
  readonly queued?: boolean;
  readonly party?: number;
  readonly iss?: number;
}

export interface Authority {
  readonly sign: KeyPair;
  readonly root: KeyPair;
  kAdm(day: number): Bytes;
  kTag(day: number): Bytes;
  bundle(day: number): UnsignedBundle;
  ride(options?: RideOptions): Promise<MadeRide>;
}

/** Day keys derived from the day so that tests are repeatable; nothing like production's random ones. */
async function makeAuthority(clock: SettableClock, zone: string): Promise<Authority> {
  const sign = await nodeSuite.generateEd25519KeyPair();
  const root = await nodeSuite.generateEd25519KeyPair();
  const env = await nodeSuite.generateKeyPair();
  const dayKey = (purpose: number, day: number): Bytes => new Uint8Array(32).fill(purpose).fill(day % 251, 0, 16);
  let riders = 0;
  const authority: Authority = {
    sign,
    root,
    kAdm: (day) => dayKey(1, day),
    kTag: (day) => dayKey(2, day),
    bundle: (day) => ({
      authority: { iss, name: { zh: '演示市卫健委', en: '演示市卫健委' }, zone },
      day,
      keyId: 'k1',
      suite: 1,
      pkEnv: toBase64Url(env.pk),
      notBeforeMs: dayStartMs(day, zone),
      notAfterMs: dayStartMs(day + 1, zone),
      platformUrl: 'http://127.0.0.1',
      relayPk: toBase64Url(env.pk),
    }),
    async ride(options = {}) {
      riders += 1;
      const { boardedMs = clock.now(), slot = 0, queued = false, party = 0 } = options;
      const phone = options.phone ?? 8_613_900_000_000n + BigInt(riders);
      const day = dayOf(boardedMs, zone);
      const keys = [{ day, kTag: hmacKey(authority.kTag(day)), kAdm: hmacKey(authority.kAdm(day)) }];
      const rider = { iss: options.iss ?? iss, phone, walletNo: 0 };
      const walletDay = issueWalletSync(keys, rider).days[0];
      if (walletDay === undefined) throw new Error('no wallet day');
      const bundle = authority.bundle(day);
      return makeRide(nodeSuite, {
        bundle: { ...bundle, authority: { ...bundle.authority, iss: options.iss ?? iss } },
        walletDay,
        slotIndex: slot,
        code: options.codeBytes ?? codeBytes(options.code ?? 1),
        boardedMs,
        queued,
        party,
        contact: {
          flags: { companion: false, assisted: false },
          kind: 'phone',
          subject: phone,
          reach: 0n,
          name: '',
          openid: '',
        },
      });
    },
  };
  return authority;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The tests look into answers of many shapes.
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Bench {
  readonly platform: RunningPlatform;
  readonly clock: SettableClock;
  readonly authority: Authority;
  readonly inner: InternalClient;
  readonly db: Database;
  readonly databaseUrl: string;
  /** What another process of this platform would be started with. */
  readonly settings: { readonly config: Config; readonly secrets: Secrets };
  readonly log: ReturnType<typeof memoryLog>;
  /** POST /v1/rides of bytes or of any text. */
  readonly post: (record: Uint8Array | string, query?: string) => Promise<Answer>;
  readonly call: (path: string, init?: RequestInit) => Promise<Answer>;
  /** The same folders and database again: what a restart finds. */
  restart(whileDown?: () => Promise<void>): Promise<void>;
  /** The same with another configuration, which may be refused. */
  restartAs(adjust: (config: Config) => Config): Promise<void>;
  /** Names of the living key slots' files. */
  slotFiles(): readonly string[];
  /** As the platform's own, with the relay key of its slots. */
  readonly notePlace: NotePlace;
  /** Signed now, unless told otherwise. */
  deliverKeys(days?: readonly number[], issuedMs?: number): Promise<void>;
  /** Another process of the same platform: the same database, slots and clock. Closed with the test at the latest. */
  beside(adjust?: (config: Config) => Config): Promise<Beside>;
}

/** What a test asks of a platform. */
export interface Asked {
  readonly platform: RunningPlatform;
  readonly post: Bench['post'];
  readonly call: Bench['call'];
}
export interface Beside extends Asked {
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly atMs?: number;
  readonly zone?: string;
  readonly adjust?: (config: Config) => Config;
  readonly secrets?: { readonly positionsToken: string };
  /** 'none': the files of the configuration, or what the database has. */
  readonly city?: CityData | 'none';
  /** A database of the test's own; it outlives the bench. */
  readonly databaseUrl?: string;
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, headers: response.headers, body };
}

export function errorOf(answer: Answer): string {
  return (answer.body['error'] as { readonly code?: string } | undefined)?.code ?? `${answer.status}`;
}

function postRide(call: Bench['call'], record: Uint8Array | string, query = ''): Promise<Answer> {
  return call(`/v1/rides${query}`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain;charset=UTF-8' },
    body: typeof record === 'string' ? record : toBase64Url(record),
  });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const inZone = options.zone ?? zone;
  const clock = settableClock(options.atMs ?? startMs);
  const firstDay = dayOf(clock.now(), inZone);
  const authority = await makeAuthority(clock, inZone);
  const database =
    options.databaseUrl === undefined
      ? await testDatabase(await testEngine())
      : { url: options.databaseUrl, close: async () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'tcp-'));
  mkdirSync(join(folder, 'pages'));
  writeFileSync(join(folder, 'pages', 'index.html'), '<!doctype html><title>staff</title>');
  const log = memoryLog('platform');
  const plain = {
    mode: 'demo',
    publicUrl: 'http://127.0.0.1:8610',
    registrarUrl: 'http://127.0.0.1:8600',
    listen: { host: '127.0.0.1', port: 0 },
    internal: { socket: join(folder, 'p.sock') },
    slotsFolder: join(folder, 'slots'),
    pages: join(folder, 'pages'),
    // Many test files share the machine: what is late here says nothing about load.
    load: { maxDelayMs: 10_000, maxAgeMs: 10_000 },
    authority: {
      iss,
      zone: inZone,
      signEd25519: toBase64Url(authority.sign.pk),
      rootEd25519: toBase64Url(authority.root.pk),
      log: { origin: 'log.test', name: 'log.test' },
    },
  };
  const parsed = parseConfig(Config, plain, 'test');
  let config = options.adjust?.(parsed) ?? parsed;
  const unsealKey = toBase64Url(new Uint8Array(32).fill(7));
  const secrets = { unsealKey, databaseUrl: database.url, ...options.secrets };
  const db = connect({ url: database.url, max: 2, name: 'look', log });
  const build = () =>
    buildPlatform({
      config,
      secrets,
      clock,
      log,
      ...(options.city === 'none' ? {} : { city: options.city ?? smallCity(inZone) }),
    });
  let platform = await build().catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  let inner = internalClient({ socket: join(folder, 'p.sock') });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await inner.close();
    await platform.close();
  };
  const open = async (): Promise<void> => {
    platform = await build();
    inner = internalClient({ socket: join(folder, 'p.sock') });
    isOpen = true;
  };
  const besides: (() => Promise<void>)[] = [];
  after(async () => {
    for (const end of besides) await end();
    await close();
    await db.end();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const call = async (path: string, init?: RequestInit): Promise<Answer> =>
    answerOf(await fetch(`${platform.url}${path}`, init));
  async function deliverKeys(
    days: readonly number[] = Array.from({ length: 16 }, (_, n) => firstDay - 7 + n),
    issuedMs = clock.now(),
  ) {
    const admission = await Promise.all(
      days.map((day) =>
        signJson(nodeSuite, authority.sign.sk, {
          iss,
          day,
          kAdm: toBase64Url(authority.kAdm(day)),
          issuedMs,
        }),
      ),
    );
    await inner.post('/internal/keys', { admission });
  }
  await deliverKeys();
  let others = 0;
  async function beside(adjust = (same: Config) => same): Promise<Beside> {
    others += 1;
    const name = `p${others}.sock`;
    const other = await buildPlatform({
      config: adjust({ ...config, internal: { socket: join(folder, name) } }),
      secrets,
      clock,
      log,
    });
    // Closing twice does nothing: a test may have done so already.
    const end = once(() => other.close());
    besides.push(end);
    const ask: Asked['call'] = async (path, init) => answerOf(await fetch(`${other.url}${path}`, init));
    return { platform: other, call: ask, post: (record, query) => postRide(ask, record, query), close: end };
  }
  return {
    get platform() {
      return platform;
    },
    clock,
    authority,
    get inner() {
      return inner;
    },
    db,
    databaseUrl: database.url,
    get settings() {
      return { config, secrets };
    },
    log,
    call,
    post: (record, query) => postRide(call, record, query),
    beside,
    notePlace: (day, tag, idx) => {
      const relay = openSlots(config.slotsFolder, new Uint8Array(32).fill(7)).get('relay') ?? new Uint8Array();
      return notePlaces(toBytes(relay.subarray(0, 32)))(day, tag, idx);
    },
    slotFiles: () => readdirSync(join(folder, 'slots')),
    async restart(whileDown) {
      await close();
      await whileDown?.();
      await open();
    },
    async restartAs(adjust) {
      config = adjust(config);
      await close();
      await open();
    },
    deliverKeys,
  };
}
