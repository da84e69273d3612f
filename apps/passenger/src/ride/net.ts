// One way to ask a server: bounded in time, no cookie unless asked for, answers as values.
import type { RideReceipt } from '@tongche/contract';

export interface Answered<T = Record<string, unknown>> {
  /** undefined: no answer, or one that cannot be read. */
  readonly status: number | undefined;
  readonly body: T;
  readonly code: string | undefined;
}

/** A bus in a tunnel: after this the bytes are kept and sent later. */
const TIMEOUT_MS = 12_000;

/** What the platform answers to a ride: its receipt, or an error of the catalogue. */
export type RideAnswer = RideReceipt & {
  readonly nowMs?: number;
  readonly retryAfterS?: number;
  readonly error?: { readonly code: string; readonly message: { readonly zh: string; readonly en: string } };
};

interface ErrorShape {
  readonly error?: { readonly code?: string };
}

/** A string goes as text/plain (no preflight), anything else as JSON. Never throws. */
export async function ask<T = Record<string, unknown>>(
  url: string,
  body?: unknown,
  options: RequestInit = {},
): Promise<Answered<T>> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  try {
    const json = body !== undefined && typeof body !== 'string';
    const response = await fetch(url, {
      ...(body === undefined ? {} : { method: 'POST', body: json ? JSON.stringify(body) : body }),
      ...(json ? { headers: { 'content-type': 'application/json' } } : {}),
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: stop.signal,
      ...options,
    });
    const text = await response.text();
    let parsed: T & ErrorShape;
    try {
      parsed = (text === '' ? {} : JSON.parse(text)) as T & ErrorShape;
    } catch {
      return { status: response.status >= 500 ? response.status : undefined, body: {} as T, code: undefined };
    }
    return { status: response.status, body: parsed, code: parsed.error?.code };
  } catch {
    return { status: undefined, body: {} as T, code: undefined };
  } finally {
    clearTimeout(timer);
  }
}
