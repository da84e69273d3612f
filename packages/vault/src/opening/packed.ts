// Rides on their way to an opening thread and back: one buffer each way. Handing over an object for every ride took a quarter of
// the time of opening it.
import { CONTACT_BYTES, decodeContact, RECORD_VERSION, SEALED_BYTES, unpackWindow } from '@tongche/protocol';
import type { Bytes, Contact, StopNote } from '@tongche/protocol';
import type { TraceRide } from '@tongche/contract';

/** What is opened of a ride. */
export type Envelope = Pick<TraceRide, 'code' | 'suite' | 'iss' | 'day' | 'w2' | 'tag' | 'eraseC' | 'sealed' | 'notes'>;

export interface OpenedRide {
  readonly contact: Contact;
  /** The tag was made by the registrar for the person inside (for a companion: for the holder). */
  readonly tagFits: boolean;
  readonly notes: readonly StopNote[];
}

/** In the order of the rides; null for one that does not open. */
export type OpenResult = readonly (OpenedRide | null)[];

/** A day's keys on their way to a worker; only the days a trace needs. */
export interface DayToOpen {
  readonly day: number;
  readonly keyId: string;
  readonly skEnv: Bytes;
  readonly kTag: Bytes;
}

/** What belongs to the n-th ride; most have none. */
type OfRide<Value> = readonly (readonly [n: number, values: readonly Value[]])[];

export interface PackedJob {
  readonly iss: number;
  readonly days: readonly DayToOpen[];
  /** PACKED_BYTES each; all zero for a ride that cannot be opened. */
  readonly rides: Bytes;
  readonly notes: OfRide<TraceRide['notes'][number]>;
}

export interface PackedResult {
  /** OPENED_BYTES each. */
  readonly rides: Bytes;
  readonly notes: OfRide<StopNote>;
}

// A record's associated data (protocol: recordAad): ver1 suite1 code8 iss2 d2 w2 tag16 eraseC16. Behind it enc33 ‖ ct96.
const AAD = { version: 0, suite: 1, code: 2, iss: 10, day: 12, w: 14, tag: 16, eraseC: 32 } as const;
const AAD_BYTES = 48;
const [CODE_BYTES, TAG_BYTES] = [8, 16];
export const PACKED_BYTES = AAD_BYTES + SEALED_BYTES;

/** Not opened; opened, by a tag of somebody else; opened, by the tag of the person inside. Behind it the 80 bytes of the contact. */
export const STATE = { shut: 0, strange: 1, fits: 2 } as const;
export const OPENED_BYTES = 1 + CONTACT_BYTES;

export function packJob(iss: number, days: readonly DayToOpen[], rides: readonly Envelope[]): PackedJob {
  const packed = Buffer.from(new ArrayBuffer(rides.length * PACKED_BYTES));
  for (const [n, ride] of rides.entries()) {
    if (ride.suite !== 1 || ride.iss !== iss || !unpackWindow(ride.w2).ok) continue;
    const at = n * PACKED_BYTES;
    packed[at + AAD.version] = RECORD_VERSION;
    packed[at + AAD.suite] = ride.suite;
    packed.write(ride.code, at + AAD.code, CODE_BYTES, 'base64url');
    packed.writeUInt16BE(ride.iss, at + AAD.iss);
    packed.writeUInt16BE(ride.day, at + AAD.day);
    packed.writeUInt16BE(ride.w2, at + AAD.w);
    packed.write(ride.tag, at + AAD.tag, TAG_BYTES, 'base64url');
    packed.write(ride.eraseC, at + AAD.eraseC, TAG_BYTES, 'base64url');
    packed.write(ride.sealed, at + AAD_BYTES, SEALED_BYTES, 'base64url');
  }
  const notes = rides.flatMap((ride, n) => (ride.notes.length === 0 ? [] : [[n, ride.notes] as const]));
  return { iss, days, rides: new Uint8Array(packed.buffer), notes };
}

export interface PackedRide {
  readonly day: number;
  readonly tag: Bytes;
  /** What its envelope is bound to. */
  readonly aad: Bytes;
  readonly sealed: Bytes;
}

/** The n-th ride of a job, as views; undefined for one that cannot be opened. */
export function packedRide(rides: Bytes, n: number): PackedRide | undefined {
  const one = rides.subarray(n * PACKED_BYTES, (n + 1) * PACKED_BYTES);
  if (one[AAD.version] !== RECORD_VERSION) return undefined;
  return {
    day: ((one[AAD.day] ?? 0) << 8) | (one[AAD.day + 1] ?? 0),
    tag: one.subarray(AAD.tag, AAD.tag + TAG_BYTES),
    aad: one.subarray(0, AAD_BYTES),
    sealed: one.subarray(AAD_BYTES),
  };
}

/** Wipes what it reads. */
export function unpackResult({ rides, notes }: PackedResult): OpenResult {
  const notesOf = new Map(notes);
  const opened = Array.from({ length: rides.length / OPENED_BYTES }, (_, n): OpenedRide | null => {
    const at = n * OPENED_BYTES;
    const state = rides[at];
    if (state === STATE.shut) return null;
    const contact = decodeContact(rides.subarray(at + 1, at + OPENED_BYTES));
    if (!contact.ok) throw new Error('a contact was read before');
    return { contact: contact.value, tagFits: state === STATE.fits, notes: notesOf.get(n) ?? [] };
  });
  rides.fill(0);
  return opened;
}
