// Every tag a subject can have had on a day: 256 of its own phone, 64 of assisted registration.
import type { TraceOrder, TraceRide } from '@tongche/contract';
import { ASSIST_SLOTS, assistTagInput, rideTagInput, SLOTS_PER_WALLET, TAG_BYTES, WALLETS } from '@tongche/protocol';
import { readyHmac } from '@tongche/protocol/node';
import type { DaySlots } from '../keys/day-slots.ts';
import type { Subject } from './model.ts';

/** As the operator is asked (contract: MatchRequest). */
export interface DayTags {
  readonly day: number;
  /** One behind the other, base64url. */
  readonly tags: string;
}

/** Whose ride it is by its tag; undefined: nobody's of those the tags were made for. */
export type SubjectOf = (ride: Pick<TraceRide, 'day' | 'tag'>) => Subject | undefined;

export interface SubjectTags {
  readonly byDay: readonly DayTags[];
  readonly subjectOf: SubjectOf;
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

/** The number of the tag among those that stand one behind the other; undefined where it is none of them. */
function placeOf(tags: Buffer, tag: Buffer): number | undefined {
  for (let at = tags.indexOf(tag); at >= 0; at = tags.indexOf(tag, at + 1)) {
    if (at % TAG_BYTES === 0) return at / TAG_BYTES;
  }
  return undefined;
}

/** Days whose keys are gone have no tags: whatever was sealed then stays sealed. */
export function tagsOf(order: TraceOrder, subjects: readonly Subject[], days: DaySlots): SubjectTags {
  const inputs = subjects.flatMap((subject) => inputsOf(order.iss, subject).map((input) => ({ subject, input })));
  const longest = Math.max(0, ...inputs.map(({ input }) => input.length));
  const tagsOn = new Map<number, Buffer>();
  const tag = Buffer.alloc(TAG_BYTES);
  for (let day = order.fromDay; day <= order.toDay; day += 1) {
    const kTag = days.tagKey(day);
    if (kTag === undefined) continue;
    const hmac = readyHmac(kTag, longest);
    kTag.fill(0);
    const tags = Buffer.alloc(inputs.length * TAG_BYTES);
    for (const [n, { input }] of inputs.entries()) {
      hmac.write(input, tag);
      tags.set(tag, n * TAG_BYTES);
    }
    hmac.wipe();
    tagsOn.set(day, tags);
  }
  return {
    byDay: [...tagsOn].map(([day, tags]) => ({ day, tags: tags.toString('base64url') })),
    // A case has some dozen rides: looking these up is less than keeping the owner of every tag there might be.
    subjectOf({ day, tag: text }) {
      const wanted = Buffer.from(text, 'base64url');
      const place = wanted.length === TAG_BYTES ? placeOf(tagsOn.get(day) ?? Buffer.alloc(0), wanted) : undefined;
      return place === undefined ? undefined : inputs[place]?.subject;
    },
  };
}
