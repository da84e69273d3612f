// For this package's tests only: people with a session, who ask as a browser would.
import { answerOf } from './test-kit.ts';
import { listenTo } from './live-kit.ts';
import type { LiveReader } from './live-kit.ts';
import type { Answer, Asked, Bench } from './test-kit.ts';
import type { StaffRole } from './store/staff.ts';

export type AskFunction = (
  method: string,
  path: string,
  body?: object,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

export interface Asking extends AskFunction {
  raw(
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  /** Signs in anew: sessions end after a working day. */
  signIn(): Promise<void>;
  /** Asks another process of the same platform: sessions are the database's. */
  at(other: Asked): AskFunction;
  /** Opens the event stream of a shift, here or at another process. */
  live(shiftId: unknown, at?: { readonly other?: Asked; readonly lastEventId?: string }): Promise<LiveReader>;
  /** The same without a session. */
  anonymous(method: string, path: string, body?: object): Promise<Answer>;
}

const password = 'a long word';

/** Makes an account of the role, named after it, and signs in. Sessions outlive a restart of the platform. */
export async function signedIn(bench: Bench, role: StaffRole, account: string = `the-${role}`): Promise<Asking> {
  await bench.platform.putStaff({ account, name: { zh: account, en: account }, role, password });
  let cookie = '';
  async function signIn(): Promise<void> {
    const answer = await bench.call('/staff/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account, password }),
    });
    cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    if (answer.status !== 200 || cookie === '') throw new Error('signing in failed');
  }
  await signIn();

  async function raw(
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
    headers = {},
    at: Asked = bench,
  ): Promise<Response> {
    return fetch(`${at.platform.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  }
  async function json(
    method: string,
    path: string,
    body: object | undefined,
    headers: object,
    at: Asked = bench,
  ): Promise<Answer> {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const text = body === undefined ? undefined : JSON.stringify(body);
    return answerOf(await raw(method, path, text, { ...type, ...headers }, at));
  }
  const ask = (method: string, path: string, body?: object, headers = {}): Promise<Answer> =>
    json(method, path, body, { cookie, ...headers });
  return Object.assign(ask, {
    signIn,
    raw: (method: string, path: string, body?: string | Uint8Array<ArrayBuffer>, headers = {}) =>
      raw(method, path, body, { cookie, ...headers }),
    at:
      (other: Asked): AskFunction =>
      (method, path, body, headers = {}) =>
        json(method, path, body, { cookie, ...headers }, other),
    live: (shiftId: unknown, { other = bench, lastEventId }: Parameters<Asking['live']>[1] = {}) =>
      listenTo({ url: other.platform.url, cookie, shiftId, lastEventId }),
    anonymous: (method: string, path: string, body?: object) => json(method, path, body, {}),
  });
}
