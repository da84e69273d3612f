// HTTP as a phone speaks it: one origin, a simulated address, and either an answer or the catalogue's refusal.
import { Pool } from 'undici';

export interface Answer {
  readonly status: number;
  /** Parsed JSON, or undefined where the answer has no body. */
  readonly body: unknown;
  /** `name=value` of a cookie the answer sets. */
  readonly cookie?: string;
}
export interface Caller {
  /** `text` goes out as text/plain, as a page sends it without asking first; `json` as JSON. */
  call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options?: { json?: unknown; text?: string; address?: string; headers?: Record<string, string> },
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** Phones of one simulation that speak at the same time. */
const defaultConnections = 64;
const callWithinMs = 30_000;

export function openCaller(origin: string, connections: number = defaultConnections): Caller {
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    headersTimeout: callWithinMs,
    bodyTimeout: callWithinMs,
  });
  return {
    async call(method, path, { json, text, address, headers = {} } = {}) {
      const body = text ?? (json === undefined ? undefined : JSON.stringify(json));
      const response = await pool.request({
        method,
        path,
        headers: {
          ...(body === undefined ? {} : { 'content-type': text === undefined ? 'application/json' : 'text/plain' }),
          ...(address === undefined ? {} : { 'x-forwarded-for': address }),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
      });
      const answer = await response.body.text();
      const isJson = String(response.headers['content-type'] ?? '').startsWith('application/json');
      const [cookie] = [response.headers['set-cookie'] ?? []].flat();
      return {
        status: response.statusCode,
        body: isJson && answer !== '' ? (JSON.parse(answer) as unknown) : undefined,
        ...(cookie === undefined ? {} : { cookie: cookie.split(';', 1)[0] ?? '' }),
      };
    },
    close: () => pool.close(),
  };
}

/** Code of a refusal, '' for anything else. */
export function refusalOf(answer: Answer): string {
  const error = (answer.body as { error?: { code?: string } } | undefined)?.error;
  return error?.code ?? '';
}
