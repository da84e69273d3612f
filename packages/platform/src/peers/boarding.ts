// What screens and counters need to know of a committed ride: a few numbers of the row and its check, never the tag or what
// is sealed. 30 bytes, so that a piece of base64 is a whole ride and one notification carries many.
import { boardedMsOf, CHECK_COLOURS, SHORT_ALPHABET, uuidText } from '@tongche/protocol';
import type { Bytes, RideCheck } from '@tongche/protocol';
import { ASSISTED, CREW, LATE } from '../rides/flags.ts';

export interface Boarding {
  readonly codeId: number;
  readonly rideId: Bytes;
  readonly receivedS: number;
  readonly w2: number;
  readonly flags: number;
  readonly check: RideCheck;
}

export const BOARDING_BYTES = 30;
/** Of base64. */
export const BOARDING_CHARS = 40;
const at = { code: 0, ride: 4, received: 20, w2: 24, flags: 26, check: 28 } as const;
const colourBits = 3;

/** Two characters and a colour in 16 bits. */
function packCheck({ text, colour }: RideCheck): number {
  const letters =
    SHORT_ALPHABET.indexOf(text.charAt(0)) * SHORT_ALPHABET.length + SHORT_ALPHABET.indexOf(text.charAt(1));
  return (letters << colourBits) | CHECK_COLOURS.indexOf(colour);
}

function unpackCheck(value: number): RideCheck {
  const letters = value >> colourBits;
  const base = SHORT_ALPHABET.length;
  const text = SHORT_ALPHABET.charAt(Math.floor(letters / base)) + SHORT_ALPHABET.charAt(letters % base);
  return { text, colour: CHECK_COLOURS[value & ((1 << colourBits) - 1)] ?? 'blue' };
}

export function writeBoarding(boarding: Boarding, into: Buffer, offset: number): void {
  into.writeInt32BE(boarding.codeId, offset + at.code);
  into.set(boarding.rideId, offset + at.ride);
  into.writeUInt32BE(boarding.receivedS, offset + at.received);
  into.writeUInt16BE(boarding.w2, offset + at.w2);
  into.writeUInt16BE(boarding.flags, offset + at.flags);
  into.writeUInt16BE(packCheck(boarding.check), offset + at.check);
}

export function readBoarding(from: Buffer, offset: number): Boarding {
  return {
    codeId: from.readInt32BE(offset + at.code),
    rideId: new Uint8Array(from.subarray(offset + at.ride, offset + at.received)),
    receivedS: from.readUInt32BE(offset + at.received),
    w2: from.readUInt16BE(offset + at.w2),
    flags: from.readUInt16BE(offset + at.flags),
    check: unpackCheck(from.readUInt16BE(offset + at.check)),
  };
}

export function boardedMsOfBoarding({ rideId }: Boarding): number {
  return boardedMsOf(rideId);
}

/** People the ride stands for; crew are not passengers. */
export function headsOfBoarding({ w2, flags }: Pick<Boarding, 'w2' | 'flags'>): number {
  return (flags & CREW) === 0 ? 1 + ((w2 >> 11) & 7) : 0;
}

export function isAssisted({ flags }: Boarding): boolean {
  return (flags & ASSISTED) !== 0;
}

export function isLate({ flags }: Boarding): boolean {
  return (flags & LATE) !== 0;
}

/** What a ride is known by on a screen. */
export function boardingKey({ codeId, rideId }: Pick<Boarding, 'codeId' | 'rideId'>): string {
  return `${codeId}|${uuidText(rideId)}`;
}
