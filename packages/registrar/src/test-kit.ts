// For this package's tests only: a vault that signs, a platform that listens, a real message centre, a real database,
// and a registrar between them on a clock that stands still.
import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { smppSink } from '@tongche/connectors';
import type { SmppSink } from '@tongche/connectors';
import { PlatformKeys, RelayBatch } from '@tongche/contract';
import type { AdmissionKey, RegistrarKeys } from '@tongche/contract';
import { createServer, internalClient, listen } from '@tongche/http';
import type { InternalClient } from '@tongche/http';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';
import type { TestDatabase } from '@tongche/postgres/test-kit';
import { dayOf, dayStartMs, signBundle, signJson, toBase64Url, utf8 } from '@tongche/protocol';
import type { Bytes, KeyPair } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { createLog, parseConfig, settableClock } from '@tongche/runtime';
import type { Log, SettableClock } from '@tongche/runtime';
import { buildRegistrar } from './build.ts';
import type { Registrar, RegistrarOptions } from './build.ts';
import { Config } from './config.ts';

export const zone = 'Asia/Shanghai';
/** Friday 20 November 2026, 10:00 in Shanghai. */
export const startMs = Date.UTC(2026, 10, 20, 2);
export const today = dayOf(startMs, zone);
const iss = 1;

/** Chinese mobile numbers at random; nobody's on purpose. */
export function randomPhone(): string {
  return `1${randomInt(3, 10)}${randomInt(1e9).toString().padStart(9, '0')}`;
}

export interface TestVault {
  readonly ed25519: KeyPair;
  readonly p256: KeyPair;
  /** K_tag and K_adm by day, as handed out. */
  readonly keys: Map<number, { readonly kTag: Bytes; readonly kAdm: Bytes }>;
  push(first: number, last: number): Promise<RegistrarKeys>;
}

export async function testVault(platformUrl: string): Promise<TestVault> {
  const ed25519 = await nodeSuite.generateEd25519KeyPair();
  const p256 = await nodeSuite.generateKeyPair();
  const relay = await nodeSuite.generateKeyPair();
  const keys = new Map<number, { readonly kTag: Bytes; readonly kAdm: Bytes }>();

  async function dayOfKeys(day: number): Promise<RegistrarKeys['days'][number]> {
    const made = keys.get(day) ?? { kTag: nodeSuite.randomBytes(32), kAdm: nodeSuite.randomBytes(32) };
    keys.set(day, made);
    const unsigned = {
      authority: { iss, name: { zh: '示例市卫健委', en: 'Example Health Commission' }, zone },
      day,
      keyId: `env-${day}`,
      suite: 1 as const,
      pkEnv: toBase64Url((await nodeSuite.generateKeyPair()).pk),
      notBeforeMs: dayStartMs(day, zone),
      notAfterMs: dayStartMs(day + 1, zone),
      platformUrl,
      relayPk: toBase64Url(relay.pk),
    };
    const bundle = await signBundle(nodeSuite, unsigned, { ed25519Sk: ed25519.sk, p256Sk: p256.sk });
    const admission = await signJson(nodeSuite, ed25519.sk, {
      iss,
      day,
      kAdm: toBase64Url(made.kAdm),
      issuedMs: startMs,
    });
    return { day, kTag: toBase64Url(made.kTag), bundle, admission };
  }

  return {
    ed25519,
    p256,
    keys,
    async push(first, last) {
      const days: RegistrarKeys['days'] = [];
      for (let day = first; day <= last; day += 1) days.push(await dayOfKeys(day));
      return { days, signP256: toBase64Url(p256.pk), signEd25519: toBase64Url(ed25519.pk) };
    },
  };
}

export interface TestPlatform {
  readonly socket: string;
  readonly assist: KeyPair;
  readonly admissions: AdmissionKey[];
  readonly batches: (readonly string[])[];
  /** While true, everything is answered with 503. */
  down: boolean;
  token(kid: string, expMs: number): Promise<string>;
}

async function testPlatform(
  socket: string,
  clock: SettableClock,
  log: Log,
): Promise<{ readonly platform: TestPlatform; readonly close: () => Promise<void> }> {
  const assist = await nodeSuite.generateEd25519KeyPair();
  const app = createServer({
    name: 'platform',
    clock,
    log,
    health: async () => ({ ok: true, checks: {} }),
    bodyLimit: 8 * 1024 * 1024,
  });
  const platform: TestPlatform = {
    socket,
    assist,
    admissions: [],
    batches: [],
    down: false,
    async token(kid, expMs) {
      const body = toBase64Url(utf8(JSON.stringify({ kid, expMs })));
      return `${body}.${toBase64Url(await nodeSuite.signEd25519(assist.sk, utf8(`assist-token/1|${body}`)))}`;
    },
  };
  app.addHook('preHandler', async (_request, reply) => (platform.down ? reply.code(503).send({}) : undefined));
  app.post('/internal/keys', { schema: { body: PlatformKeys } }, async (request, reply) => {
    platform.admissions.push(...request.body.admission);
    return reply.code(204).send();
  });
  app.post('/internal/relay', { schema: { body: RelayBatch } }, async (request) => {
    platform.batches.push(request.body.items);
    return { accepted: request.body.items.length, refused: 0 };
  });
  app.get('/internal/identity', async () => ({
    relayPk: toBase64Url((await nodeSuite.generateKeyPair()).pk),
    platformUrl: 'http://127.0.0.1:8610',
    assistPk: toBase64Url(assist.pk),
  }));
  await listen(app, { socket });
  return { platform, close: async () => app.close() };
}

/** Built pages of the least: one inline script, one style, settings, an asset. */
export const scanPage = `<!doctype html><html lang="zh"><title>乘车登记</title><style>body{margin:0}</style>
<script type="application/json" id="settings">__SETTINGS__</script><script>history.replaceState(null,'','/r/')</script></html>`;

function writePages(folder: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  for (const name of ['index', 'assist', 'notice']) writeFileSync(join(folder, `${name}.html`), scanPage);
  writeFileSync(join(folder, 'sw.js'), 'self.addEventListener("fetch",()=>{});');
  writeFileSync(join(folder, 'assets', 'noble-0a1b2c3d.js'), 'export const n=1;');
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed where it is JSON. */
  readonly json: Record<string, unknown>;
}

export interface Kit {
  readonly clock: SettableClock;
  readonly vault: TestVault;
  readonly platform: TestPlatform;
  readonly sink: SmppSink;
  readonly database: TestDatabase;
  readonly folder: string;
  readonly logFile: string[];
  registrar: Registrar;
  inner: InternalClient;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Stops the registrar and starts another over the same database and slots. */
  /** With another configuration where one is made. */
  restart(change?: (running: Config) => Config): Promise<void>;
  /** The newest code a number was sent, once the sink has it. */
  codeFor(phone: string): Promise<string>;
  /** Asks for a code and types it in: the wallet's answer. */
  enrol(phone: string, address: string): Promise<Reply & { readonly deviceKey: string }>;
}

export interface KitOptions {
  readonly config?: (defaults: Record<string, unknown>) => Record<string, unknown>;
  readonly gateway?: NonNullable<RegistrarOptions['gateway']>;
  readonly secrets?: Readonly<Record<string, string>>;
}

export function sha256(bytes: Uint8Array): Promise<Bytes> {
  return nodeSuite.sha256(new Uint8Array(bytes));
}

function deadline(what: string, ms: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`no ${what} within ${ms} ms`)), ms).unref();
  });
}

export async function startKit(options: KitOptions = {}): Promise<Kit> {
  const folder = mkdtempSync(join(tmpdir(), 'tc-r-'));
  const clock = settableClock(startMs);
  const logFile: string[] = [];
  const log = createLog({
    process: 'registrar',
    clock,
    write: (line) => void logFile.push(line),
    level: 'debug',
    strict: true,
  });
  const engine = await testEngine();
  const database = await testDatabase(engine);
  const vault = await testVault('http://127.0.0.1:8610');
  const { platform, close: closePlatform } = await testPlatform(join(folder, 'p.sock'), clock, log);
  const sink = await smppSink({
    host: '127.0.0.1',
    port: 0,
    credentials: [{ systemId: 'registrar', password: 'sinkpass' }],
    receipts: 'deliver',
    maxMessages: 2_000,
    clock,
    log,
  });
  writePages(join(folder, 'pages'));

  const defaults = {
    mode: 'demo',
    publicUrl: 'http://127.0.0.1:8600',
    platformUrl: 'http://127.0.0.1:8610',
    listen: { host: '127.0.0.1', port: 0 },
    internal: { socket: join(folder, 'r.sock') },
    platformInternal: { socket: platform.socket },
    // Tests pretend to be many networks.
    proxies: ['127.0.0.1'],
    slotsFolder: join(folder, 'slots'),
    pages: join(folder, 'pages'),
    authority: { iss, name: { zh: '示例市卫健委', en: 'Example Health Commission' }, zone, phone: '12320' },
    vault: { ed25519: toBase64Url(vault.ed25519.pk), p256: toBase64Url(vault.p256.pk) },
    consent: {},
    smsProvider: { zh: '示例短信', en: 'Example SMS' },
    providers: [{ kind: 'smpp', host: '127.0.0.1', port: sink.port, systemId: 'registrar', sender: '10690001' }],
    otp: { workBits: 4 },
  };
  const config = parseConfig(Config, options.config?.(defaults) ?? defaults, 'test');
  const secrets = {
    unsealKey: toBase64Url(randomBytes(32)),
    databaseUrl: database.url,
    providers: { smpp: { password: 'sinkpass' } },
    ...options.secrets,
  };
  const parts = { config, secrets, clock, log, ...(options.gateway === undefined ? {} : { gateway: options.gateway }) };

  async function call(path: string, init: RequestInit): Promise<Reply> {
    const { public: address } = kit.registrar;
    const url = 'url' in address ? address.url : '';
    const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, text, json };
  }

  const kit: Kit = {
    clock,
    vault,
    platform,
    sink,
    database,
    folder,
    logFile,
    registrar: await buildRegistrar(parts),
    inner: internalClient(config.internal as { socket: string }),
    get: (path, headers = {}) => call(path, { headers }),
    post(path, body, headers = {}) {
      const isText = typeof body === 'string';
      const type = isText ? 'text/plain' : 'application/json';
      return call(path, {
        method: 'POST',
        headers: { 'content-type': type, ...headers },
        body: isText ? body : JSON.stringify(body),
      });
    },
    async restart(change = (running: Config) => running) {
      await kit.inner.close();
      await kit.registrar.close();
      kit.registrar = await buildRegistrar({ ...parts, config: change(config) });
      kit.inner = internalClient(config.internal as { socket: string });
    },
    async codeFor(phone) {
      const found = () => sink.messages().findLast(({ to }) => to === `86${phone}`)?.text;
      let text = found();
      if (text === undefined) {
        const arrived = new Promise<string>((resolve) => {
          const stop = sink.onChange(({ to, text: sent }) => {
            if (to !== `86${phone}`) return;
            stop();
            resolve(sent);
          });
        });
        text = found() ?? (await Promise.race([arrived, deadline('message', 10_000)]));
      }
      return /\d{6}/.exec(text)?.[0] ?? '';
    },
    async enrol(phone, address) {
      const from = { 'x-forwarded-for': address };
      const asked = await kit.post('/otp', { phone, consentVersion: 1 }, from);
      const deviceKey = randomBytes(16);
      const device = toBase64Url(await sha256(deviceKey));
      const otp = await kit.codeFor(phone);
      const wallet = await kit.post('/otp/verify', { challenge: asked.json['challenge'], otp, device }, from);
      return { ...wallet, deviceKey: toBase64Url(deviceKey) };
    },
  };
  after(async () => {
    await kit.inner.close();
    await kit.registrar.close();
    await sink.close();
    await closePlatform();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await kit.inner.post('/internal/keys', await vault.push(today - 1, today + 7));
  return kit;
}
