// Stop notes: where a rider got on and off, known to the phone, sealed to the vault under a key of the ride's own envelope.
import { concat, isZero, readU16, u16, u8, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import type { ExportRequest, Suite } from './suite.ts';

/** noteK = HPKE.Export("note1", 16). */
export const NOTE_EXPORT: ExportRequest = { context: /* @__PURE__ */ utf8('note1'), length: 16 };
export const NOTE_BYTES = 32;
/** A ride has at most three notes, idx 0..2. */
export const MAX_NOTES = 3;
const VERSION = 1;
const PLAIN_BYTES = 16;
/** A ride that began late on its day may end on the next: minutes since the day's start. */
const MAX_NOTE_MINUTE = 2879;

export const NOTE_BASES = ['off-tap', 'rescan', 'chained', 'interview', 'habit'] as const;
/** How the phone knows: a tap on "getting off", a second scan of the same vehicle, chaining, an interview, or its other rides. */
export type NoteBasis = (typeof NOTE_BASES)[number];

const NOTE_LINKS = ['next', 'wrap', 'next-day'] as const;
export type NoteLink = (typeof NOTE_LINKS)[number];
const FAR = 4;
const SETTLED = 8;

/** Ranges of stop numbers in the run (0..255) and of minutes since bundle.notBeforeMs, each low ≤ high. */
export interface StopNote {
  readonly basis: NoteBasis;
  readonly boardLo: number;
  readonly boardHi: number;
  readonly alightLo: number;
  readonly alightHi: number;
  /** The likeliest stop of alightLo..alightHi, where one is; at most 254 above alightLo. */
  readonly best?: number;
  /** Of a chained note: which boarding told it, and whether that lay far from `best`. Both are said, or neither. */
  readonly link?: NoteLink;
  readonly far?: boolean;
  /** Of a chained note that says its link, and of a habit: two other days say the same stop. */
  readonly settled?: boolean;
  readonly minuteLo: number;
  readonly minuteHi: number;
}

/** The place of a note: its ride's day and tag, and its number 0..2. */
export interface NotePlace {
  readonly day: number;
  readonly tag: Bytes;
  readonly idx: number;
}

function fits(note: StopNote): boolean {
  const { boardLo, boardHi, alightLo, alightHi, best = alightLo, minuteLo, minuteHi } = note;
  return (
    boardLo <= boardHi &&
    alightLo <= best &&
    best <= alightHi &&
    best - alightLo < 255 &&
    minuteLo <= minuteHi &&
    minuteHi <= MAX_NOTE_MINUTE
  );
}

/** No link is place -1 among the links. */
function howOf({ link, far, settled }: StopNote): number {
  const links: readonly unknown[] = NOTE_LINKS;
  return links.indexOf(link) + 1 + (far === true ? FAR : 0) + (settled === true ? SETTLED : 0);
}

function encodeNote(note: StopNote): Bytes {
  if (!fits(note)) throw new RangeError('a stop note runs from low to high');
  return concat(
    u8(VERSION),
    u8(NOTE_BASES.indexOf(note.basis) + 1),
    u8(note.boardLo),
    u8(note.boardHi),
    u8(note.alightLo),
    u8(note.alightHi),
    u16(note.minuteLo),
    u16(note.minuteHi),
    // From the lower bound, counted from one; zero says nothing.
    u8(note.best === undefined ? 0 : note.best - note.alightLo + 1),
    u8(howOf(note)),
    new Uint8Array(4),
  );
}

function decodeNote(bytes: Bytes): Result<StopNote, 'bad-note'> {
  const basis = NOTE_BASES[(bytes[1] ?? 0) - 1];
  if (bytes.length !== PLAIN_BYTES || bytes[0] !== VERSION || basis === undefined) return err('bad-note');
  const [boardLo = 0, boardHi = 0, alightLo = 0, alightHi = 0] = bytes.subarray(2, 6);
  const bestFrom = bytes[10] ?? 0;
  const how = bytes[11] ?? 0;
  const link = NOTE_LINKS[(how & (FAR - 1)) - 1];
  if (how >= 2 * SETTLED || ((how & FAR) !== 0 && link === undefined)) return err('bad-note');
  const settled = (how & SETTLED) !== 0;
  if (settled && (bestFrom === 0 || (link === undefined && basis !== 'habit'))) return err('bad-note');
  const note: StopNote = {
    basis,
    boardLo,
    boardHi,
    alightLo,
    alightHi,
    ...(bestFrom === 0 ? {} : { best: alightLo + bestFrom - 1 }),
    ...(link === undefined ? {} : { link, far: (how & FAR) !== 0 }),
    ...(settled ? { settled } : {}),
    minuteLo: readU16(bytes, 6),
    minuteHi: readU16(bytes, 8),
  };
  return fits(note) && isZero(bytes.subarray(12)) ? ok(note) : err('bad-note');
}

function nonceOf(idx: number): Bytes {
  if (!Number.isInteger(idx) || idx < 0 || idx >= MAX_NOTES) throw new RangeError('note number of 0..2');
  return concat(new Uint8Array(11), u8(idx));
}

function aadOf({ day, tag, idx }: NotePlace): Bytes {
  return concat(utf8('note1'), u16(day), tag, u8(idx));
}

/**
 * 32 bytes. The nonce is the number: one ride must never seal two different notes under one number, so a phone stores
 * the sealed bytes before it sends them.
 */
export function sealNote(suite: Suite, noteKey: Bytes, place: NotePlace, note: StopNote): Promise<Bytes> {
  return suite.aesGcmSeal(noteKey, nonceOf(place.idx), aadOf(place), encodeNote(note));
}

export async function openNote(
  suite: Suite,
  noteKey: Bytes,
  place: NotePlace,
  ct: Bytes,
): Promise<Result<StopNote, 'bad-length' | 'open-failed' | 'bad-note'>> {
  if (ct.length !== NOTE_BYTES) return err('bad-length');
  if (!Number.isInteger(place.idx) || place.idx < 0 || place.idx >= MAX_NOTES) return err('open-failed');
  const opened = await suite.aesGcmOpen(noteKey, nonceOf(place.idx), aadOf(place), ct);
  return opened.ok ? decodeNote(opened.value) : opened;
}
