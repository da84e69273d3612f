// Keys, configuration and secrets of a stage's platform: made once, and read back where a folder is kept from run to run.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Config } from '@tongche/platform';
import type { Engine } from '@tongche/postgres';
import { fromBase64Url, toBase64Url, unwrap } from '@tongche/protocol';
import type { Bytes, KeyPair } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { parseConfig } from '@tongche/runtime';
import { noonZone } from './city.ts';

export const iss = 1;
export const database = 'tongche_platform';
/** Where the stage's public log says it comes from. */
export const logOrigin = 'log.example';

export interface Installation {
  readonly folder: string;
  readonly port: number;
  readonly socket: string;
  readonly zone: string;
  /** What signs as the authority: keys, orders' requests, the log. */
  readonly sign: KeyPair;
  /** What signs rosters. */
  readonly root: KeyPair;
  readonly config: Config;
  readonly secrets: { readonly unsealKey: string; readonly databaseUrl: string };
}

export const filesOf = (folder: string) => ({
  config: join(folder, 'platform.json'),
  secrets: join(folder, 'secrets.json'),
  log: join(folder, 'platform.log'),
  made: join(folder, 'made.json'),
});

/** A port nobody uses. Another program may still take it, which then is one clear line. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}

/** Values that stay with the folder; all but the zone base64url. */
interface Made {
  readonly zone: string;
  readonly sign: readonly [pk: string, sk: string];
  readonly root: readonly [pk: string, sk: string];
  readonly unsealKey: string;
  readonly password: string;
  /** Admission keys are digests of it and their day. */
  readonly admission: string;
}

function bytes(text: string): Bytes {
  return unwrap(fromBase64Url(text));
}

function pairOf([pk, sk]: Made['sign']): KeyPair {
  return { pk: bytes(pk), sk: bytes(sk) };
}

async function madeIn(folder: string): Promise<Made> {
  const file = filesOf(folder).made;
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Made;
  const pair = async (): Promise<Made['sign']> => {
    const { pk, sk } = await nodeSuite.generateEd25519KeyPair();
    return [toBase64Url(pk), toBase64Url(sk)];
  };
  const secret = (length: number): string => randomBytes(length).toString('base64url');
  const made = {
    zone: noonZone(Date.now()),
    sign: await pair(),
    root: await pair(),
    unsealKey: secret(32),
    password: secret(24),
    admission: secret(32),
  };
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

/** The day's admission key of a stage in this folder. */
export async function admissionKey(folder: string, day: number): Promise<Bytes> {
  const { admission } = await madeIn(folder);
  return nodeSuite.sha256(new Uint8Array(Buffer.from(`${admission} ${day}`)));
}

/** `adjust`: the last word on the platform's configuration. */
export async function install(
  folder: string,
  engine: Engine,
  adjust?: (config: Record<string, unknown>) => Record<string, unknown>,
): Promise<Installation> {
  const made = await madeIn(folder);
  const { zone, unsealKey, password } = made;
  const port = await freePort();
  const socket = join(folder, 'p.sock');
  await engine.ensureDatabase({ database, role: database, password });
  mkdirSync(join(folder, 'pages'), { recursive: true });
  writeFileSync(join(folder, 'pages', 'index.html'), '<!doctype html><title>staff</title>');
  const plain = {
    mode: 'production',
    publicUrl: 'https://platform.example',
    registrarUrl: 'https://rides.example',
    listen: { host: '127.0.0.1', port },
    internal: { socket },
    // Behind a proxy of its own, which keeps connections; phones' connections end there.
    trustProxy: true,
    slotsFolder: join(folder, 'slots'),
    pages: join(folder, 'pages'),
    authority: {
      iss,
      zone,
      signEd25519: made.sign[0],
      rootEd25519: made.root[0],
      log: { origin: logOrigin, name: logOrigin },
    },
  };
  const written = adjust?.(plain) ?? plain;
  const config = parseConfig(Config, written, 'bench');
  const secrets = { unsealKey, databaseUrl: engine.url(database, database, password) };
  const files = filesOf(folder);
  writeFileSync(files.config, JSON.stringify(written), { mode: 0o600 });
  writeFileSync(files.secrets, JSON.stringify(secrets), { mode: 0o600 });
  return { folder, port, socket, zone, sign: pairOf(made.sign), root: pairOf(made.root), config, secrets };
}
