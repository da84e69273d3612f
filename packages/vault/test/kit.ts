// For the tests of this package: a vault over a real database, with neighbours that listen, and people who sign.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { developmentAuthenticator, makeDevelopmentKey } from '@tongche/approval';
import type { DevelopmentAuthenticator } from '@tongche/approval';
import type { Assertion } from '@tongche/contract';
import { createServer, internalClient, listen, RemoteError } from '@tongche/http';
import type { InternalClient } from '@tongche/http';
import { fromBase64Url, toBase64Url, toBytes, unwrap } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { makeNodeSuite } from '@tongche/protocol/node';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';
import type { TestDatabase } from '@tongche/postgres/test-kit';
import { memoryLog, parseConfig, seededRandom, settableClock } from '@tongche/runtime';
import type { SettableClock } from '@tongche/runtime';
import { Type } from 'typebox';
import { buildVault, Config, vaultPublicKeys } from '../src/index.ts';
import type { Secrets, Vault } from '../src/index.ts';
import { nobodyYet, platformRoutes, registrarRoutes } from './neighbours.ts';
import type { FakePlatform, FakeRegistrar } from './neighbours.ts';

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
  const { registrar, platform } = nobodyYet();
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
