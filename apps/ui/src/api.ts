// Calls from a page to its own server: JSON, cookie session; refusals become `ApiError` with the catalogue's code and texts.
import type { ErrorBody } from '@tongche/contract';

export interface Texts {
  readonly zh: string;
  readonly en: string;
}
export class ApiError extends Error {
  readonly code: string;
  readonly texts: Texts;
  constructor(code: string, texts: Texts) {
    super(code);
    this.code = code;
    this.texts = texts;
  }
}

const unreachable: Texts = { zh: '没有网络，或服务器没有回应。', en: 'No network, or the server does not answer.' };

export type Call = <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<T>;

/** `prefix` stands before every path; a call without an answer is given up after `timeoutMs`. */
export function makeCall(prefix: string, timeoutMs: number): Call {
  return async <T>(method: string, path: string, body?: object): Promise<T> => {
    let response: Response;
    let text: string;
    try {
      response = await fetch(prefix + path, {
        method,
        credentials: 'same-origin',
        signal: AbortSignal.timeout(timeoutMs),
        ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
      });
      text = await response.text();
    } catch {
      throw new ApiError('offline', unreachable);
    }
    const json = text === '' ? undefined : (JSON.parse(text) as unknown);
    if (response.ok) return json as T;
    const error = (json as ErrorBody | undefined)?.error;
    throw new ApiError(error?.code ?? 'internal', error?.message ?? unreachable);
  };
}
