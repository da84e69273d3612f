// Every tag a subject can have had on a day: 256 of its own phone, 64 of assisted registration.
import type { TraceOrder } from '@tongche/contract';
import { ASSIST_SLOTS, assistTagInput, rideTagInput, SLOTS_PER_WALLET, TAG_BYTES, WALLETS } from '@tongche/protocol';
import { readyHmac } from '@tongche/protocol/node';
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

/** What the tags are made from: the same on every day, only the key changes. */
function inputsOf(iss: number, { kind, value }: Subject): readonly Uint8Array[] {
  const subject = BigInt(value);
  const own = kind === 'phone' ? WALLETS * SLOTS_PER_WALLET : 0;
  return [
    ...Array.from({ length: own }, (_, slot) => rideTagInput({ iss, phone: subject, slot })),
    ...Array.from({ length: ASSIST_SLOTS }, (_, slot) => assistTagInput({ iss, kind, subject, slot })),
  ];
}

/** Days whose keys are gone have no tags: whatever was sealed then stays sealed. */
export function tagsOf(order: TraceOrder, subjects: readonly Subject[], days: DaySlots): SubjectTags {
  const byDay: DayTags[] = [];
  const subjectOf = new Map<string, Subject>();
  const inputs = subjects.map((subject) => ({ subject, all: inputsOf(order.iss, subject) }));
  const longest = Math.max(0, ...inputs.flatMap(({ all }) => all.map(({ length }) => length)));
  const tag = Buffer.alloc(TAG_BYTES);
  for (let day = order.fromDay; day <= order.toDay; day += 1) {
    const kTag = days.tagKey(day);
    if (kTag === undefined) continue;
    const hmac = readyHmac(kTag, longest);
    kTag.fill(0);
    const tags: string[] = [];
    for (const { subject, all } of inputs) {
      for (const input of all) {
        hmac.write(input, tag);
        const text = tag.toString('base64url');
        tags.push(text);
        subjectOf.set(text, subject);
      }
    }
    hmac.wipe();
    byDay.push({ day, tags });
  }
  return { byDay, subjectOf };
}
