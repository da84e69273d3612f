// The operator's interface from the command line: signs in as an admin, asks, fetches files, signs out.
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Config } from '@tongche/platform';
import { ConfigError, parseConfig } from '@tongche/runtime';
import { dataFolder } from './arguments.ts';
import type { Context } from './arguments.ts';
import { PLATFORM_STAFF } from './demo-people.ts';
import { layoutOf } from './layout.ts';
import { readJson } from './private-files.ts';

/** Where and as whom. */
export interface OperatorAccess {
  readonly url: string;
  readonly account: string;
  readonly password: string;
}

/** Flags that every command takes which asks the operator's process. */
export const operatorFlags = { data: 'text', url: 'text', account: 'text' } as const;

export interface OperatorClient {
  get(path: string): Promise<unknown>;
  post(path: string, body: object): Promise<unknown>;
  /** A file as it is; other content types than JSON. */
  send(path: string, type: string, body: Uint8Array<ArrayBuffer>): Promise<unknown>;
  /** Writes an answer to a file that stands there only when it is whole. Returns its bytes. */
  download(path: string, file: string): Promise<number>;
  signOut(): Promise<void>;
}

interface AccessFlags {
  readonly data?: string;
  readonly url?: string;
  readonly account?: string;
}

/**
 * Address and account: as given, else those of the installation in the data folder; the demonstration's admin needs no
 * password. Throws ConfigError with one line.
 */
export function operatorAccess(
  context: Context,
  flags: AccessFlags,
  environment: Readonly<Record<string, string | undefined>>,
): OperatorAccess {
  const file = layoutOf(dataFolder(context, flags.data)).config('platform');
  const stored = readJson(file);
  const config = stored === undefined ? undefined : parseConfig(Config, stored, file);
  const url = flags.url ?? config?.publicUrl;
  if (url === undefined || !URL.canParse(url)) throw new ConfigError('--url is needed: the address of the platform');
  const demo = config?.mode === 'demo' ? PLATFORM_STAFF.find(({ role }) => role === 'admin') : undefined;
  const account = flags.account ?? demo?.account;
  if (account === undefined) throw new ConfigError('--account is needed: an account of the role admin');
  // Never a flag: everybody on the machine can read those.
  const password = environment['TONGCHE_PASSWORD'] ?? (account === demo?.account ? demo.password : undefined);
  if (password === undefined) throw new ConfigError('the password of the account is needed in TONGCHE_PASSWORD');
  return { url: new URL(url).origin, account, password };
}

/** What the process said, as one line. */
async function refusalOf(response: Response): Promise<ConfigError> {
  const text = await response.text();
  try {
    const { error, ...extra } = JSON.parse(text) as { error: { code: string; message: { en: string } } };
    const more = Object.keys(extra).length === 0 ? '' : ` ${JSON.stringify(extra)}`;
    return new ConfigError(`${error.message.en} (${error.code})${more}`);
  } catch {
    return new ConfigError(`the platform answered ${response.status}`);
  }
}

/** Throws ConfigError when nobody answers, or the account or its password is wrong. */
export async function signInOperator({ url, account, password }: OperatorAccess): Promise<OperatorClient> {
  let cookie = '';

  async function ask(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string> | undefined), cookie };
    let response: Response;
    try {
      response = await fetch(`${url}${path}`, { ...init, method, headers });
    } catch {
      throw new ConfigError(`nobody answers at ${url}`);
    }
    if (!response.ok) throw await refusalOf(response);
    return response;
  }
  async function post(path: string, body: object): Promise<Response> {
    return ask('POST', path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  }

  const signedIn = await post('/staff/session', { account, password });
  cookie = (signedIn.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  return {
    get: async (path) => (await ask('GET', path)).json(),
    post: async (path, body) => (await post(path, body)).json(),
    send: async (path, type, body) => (await ask('POST', path, { headers: { 'content-type': type }, body })).json(),
    async download(path, file) {
      const { body } = await ask('GET', path);
      if (body === null) throw new ConfigError('the platform sent an empty file');
      const part = `${file}.part`;
      try {
        const out = createWriteStream(part, { mode: 0o600 });
        await pipeline(Readable.fromWeb(body), out);
        await rename(part, file);
        return out.bytesWritten;
      } catch (error) {
        await rm(part, { force: true });
        const why = error instanceof Error && 'code' in error ? String(error.code) : 'it broke off';
        throw new ConfigError(`${file} cannot be written: ${why}`);
      }
    },
    async signOut() {
      await ask('DELETE', '/staff/session');
    },
  };
}
