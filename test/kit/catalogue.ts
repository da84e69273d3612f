// Holds an answer to the error catalogue: code, status and both texts as written there, and nothing beside them but known extras.
import assert from 'node:assert/strict';
import { errors } from '@tongche/contract';
import type { ErrorCode } from '@tongche/contract';
import type { RawAnswer } from './raw.ts';

/** The code of a refusal. `extras` are the fields that may stand beside `error`. */
export function catalogueCode(what: string, { status, body }: RawAnswer, extras: ReadonlySet<string>): ErrorCode {
  let parsed: { error?: { code?: string; message?: unknown } };
  try {
    parsed = JSON.parse(body) as typeof parsed;
  } catch {
    return assert.fail(`${what}: ${status} is not JSON: ${body.slice(0, 200)}`);
  }
  const code = parsed.error?.code ?? '';
  assert.ok(Object.hasOwn(errors, code), `${what}: ${status} ${body.slice(0, 200)} is not in the catalogue`);
  const entry = errors[code as ErrorCode];
  assert.equal(status, entry.status, `${what}: status of ${code}`);
  assert.deepEqual(parsed.error?.message, { zh: entry.zh, en: entry.en }, what);
  for (const name of Object.keys(parsed)) assert.ok(name === 'error' || extras.has(name), `${what}: extra ${name}`);
  return code as ErrorCode;
}
