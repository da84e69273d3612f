// What a provider's answer means for a message. The tables beside this file are data; this is how they are read.
import type { Refused, Unknown } from './gateway.ts';

/**
 * `unknown`: it may have been taken after all. `message`: this number or text, for good. `message-later`: this number,
 * again after the time. `provider`: the provider will not send this, for us, until somebody changes something there.
 * `provider-later`: the provider cannot at the moment.
 */
export type Meaning = 'unknown' | 'message' | 'message-later' | 'provider' | 'provider-later';

export interface Answer {
  /** The whole code, or its beginning up to a dot. The longest one that fits counts. */
  readonly code: string;
  readonly means: Meaning;
  readonly retryInMs?: number;
}

/** Names of codes are written down and shown; nobody's words are. */
const CODE = /^[A-Za-z][\w.]{0,70}$/;

/** `otherwise` is what a code means that the table does not know. */
export function readAnswer(table: readonly Answer[], code: string, otherwise: Meaning): Refused | Unknown {
  const reason = CODE.test(code) ? code : 'no-code';
  const fits = table.filter((answer) => code === answer.code || code.startsWith(`${answer.code}.`));
  const best = fits.reduce<Answer | undefined>(
    (longest, answer) => (longest === undefined || answer.code.length > longest.code.length ? answer : longest),
    undefined,
  );
  const means = best?.means ?? otherwise;
  if (means === 'unknown') return { kind: 'unknown', reason };
  return {
    kind: 'refused',
    reason,
    fault: means.startsWith('provider') ? 'provider' : 'message',
    retry: means.endsWith('later'),
    ...(best?.retryInMs === undefined ? {} : { retryInMs: best.retryInMs }),
  };
}

/** Duplicate keys would hide one another; tables are checked by test. */
export function doubledCodes(table: readonly Answer[]): readonly string[] {
  const seen = new Set<string>();
  return table.flatMap(({ code }) => (seen.has(code) ? [code] : (seen.add(code), [])));
}
