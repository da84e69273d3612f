// Riders without a phone: a document, slip or number becomes {tag, adm, slot} and is forgotten.
import { randomInt } from 'node:crypto';
import { Refusal } from '@tongche/contract';
import type { AssistReply, Bundle } from '@tongche/contract';
import { ASSIST_SLOTS, parseSubject, toBase64Url } from '@tongche/protocol';
import type { SubjectKind } from '@tongche/protocol';
import { admTagSync, assistTagSync } from '@tongche/protocol/node';
import type { Clock } from '@tongche/runtime';
import type { Keyring } from '../keys/keyring.ts';

interface DeriveOptions {
  readonly iss: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly keyring: Keyring;
  readonly bundles: () => Bundle[];
}

export interface AssistAsked {
  readonly kind: SubjectKind;
  readonly value: string;
  readonly day: number;
}

/** Throws Refusal: clock-wrong (a day to come), too-old (its key is gone), bad-phone, bad-document, busy. */
export function deriveAssisted({ iss, clock, keyring, bundles }: DeriveOptions, asked: AssistAsked): AssistReply {
  const { kind, day } = asked;
  const nowMs = clock.now();
  const today = keyring.today();
  if (day > today) throw new Refusal('clock-wrong', { nowMs });
  if (day < today - 1) throw new Refusal('too-old', { nowMs });
  const subject = parseSubject(kind, asked.value);
  if (!subject.ok) throw new Refusal(kind === 'phone' ? 'bad-phone' : 'bad-document');
  const keys = keyring.dayKeys(day);
  const bundle = bundles().find((candidate) => candidate.day === day);
  if (keys === undefined || bundle === undefined) throw new Refusal('busy', { retryAfterS: 60 });
  const slot = randomInt(ASSIST_SLOTS);
  const tag = assistTagSync(keys.kTag, { iss, kind, subject: subject.value, slot });
  const adm = admTagSync(keys.kAdm, { day, iss, tag });
  return { tag: toBase64Url(tag), adm: toBase64Url(adm), slot, bundle, nowMs };
}
