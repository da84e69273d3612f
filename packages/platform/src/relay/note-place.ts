// Under which identifier a note is kept. Not under its ride's tag: whoever reads the database, or a copy of it, would see
// which rides were followed by another one, and about when.
import { concat, u16, u8, utf8, uuidText } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { hmacKey, hmacSync, readyHmac } from '@tongche/protocol/node';

const placeBytes = 16;
/** d2 tag16 idx1. */
const inputBytes = 19;

/** uuid text of the place of a ride's note number `idx` (0..2). */
export type NotePlace = (day: number, tag: Uint8Array, idx: number) => string;

/** All processes of a platform have the same relay key, and it lies in key slots only, so it also makes the key of places. */
export function notePlaces(relaySk: Bytes): NotePlace {
  const ready = readyHmac(hmacSync(hmacKey(relaySk), utf8('note-place')), inputBytes);
  const place = new Uint8Array(placeBytes);
  return (day, tag, idx) => {
    ready.write(concat(u16(day), tag, u8(idx)), place);
    return uuidText(place);
  };
}
