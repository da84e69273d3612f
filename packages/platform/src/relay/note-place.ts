// Under which identifier a note is kept. Not under its ride's tag: whoever reads the database, or a copy of it, would see
// which rides were followed by another one, and about when.
import { TAG_BYTES, utf8, uuidText } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { hmacKey, hmacSync, readyHmac } from '@tongche/protocol/node';

const placeBytes = 16;
/** d2 tag16 idx1. */
const inputBytes = 2 + TAG_BYTES + 1;

/** uuid text of the place of a ride's note number `idx` (0..2). */
export type NotePlace = (day: number, tag: Uint8Array, idx: number) => string;

/** All processes of a platform have the same relay key, and it lies in key slots only, so it also makes the key of places. */
export function notePlaces(relaySk: Bytes): NotePlace {
  const ready = readyHmac(hmacSync(hmacKey(relaySk), utf8('note-place')), inputBytes);
  const place = new Uint8Array(placeBytes);
  // A trace asks for the places of hundreds of rides.
  const input = new Uint8Array(inputBytes);
  return (day, tag, idx) => {
    if (tag.length !== TAG_BYTES) throw new RangeError('a tag is 16 bytes');
    input[0] = day >> 8;
    input[1] = day;
    input.set(tag, 2);
    input[inputBytes - 1] = idx;
    ready.write(input, place);
    return uuidText(place);
  };
}
