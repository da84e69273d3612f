// Every tag a subject can have had on a day: 256 of its own phone, 64 of assisted registration.
import type { TraceOrder } from '@tongche/contract';
import { ASSIST_SLOTS, SLOTS_PER_WALLET, toBase64Url, WALLETS } from '@tongche/protocol';
import { assistTagSync, hmacKey, rideTagSync } from '@tongche/protocol/node';
import type { DaySlots } from '../keys/day-slots.ts';
import type { Subject } from './model.ts';

export interface DayTags {
  readonly day: number;
  readonly tags: string[];
}

export interface SubjectTags {
  readonly byDay: DayTags[];
  /** Whose a tag is, by its base64url. */
  readonly subjectOf: ReadonlyMap<string, Subject>;
}

/** Days whose keys are gone have no tags: whatever was sealed then stays sealed. */
export function tagsOf(order: TraceOrder, subjects: readonly Subject[], days: DaySlots): SubjectTags {
  const byDay: DayTags[] = [];
  const subjectOf = new Map<string, Subject>();
  for (let day = order.fromDay; day <= order.toDay; day += 1) {
    const secrets = days.secrets(day);
    if (secrets === undefined) continue;
    const key = hmacKey(secrets.kTag);
    const tags: string[] = [];
    for (const subject of subjects) {
      const { kind } = subject;
      const value = BigInt(subject.value);
      const own = kind === 'phone' ? WALLETS * SLOTS_PER_WALLET : 0;
      for (let slot = 0; slot < own; slot += 1) {
        tags.push(toBase64Url(rideTagSync(key, { iss: order.iss, phone: value, slot })));
      }
      for (let slot = 0; slot < ASSIST_SLOTS; slot += 1) {
        tags.push(toBase64Url(assistTagSync(key, { iss: order.iss, kind, subject: value, slot })));
      }
      for (const tag of tags.slice(-(own + ASSIST_SLOTS))) subjectOf.set(tag, subject);
    }
    byDay.push({ day, tags });
  }
  return { byDay, subjectOf };
}
