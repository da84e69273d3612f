// Valid rides by the hundred thousand: random tags admitted under the day's key. What is sealed in them is random, since the
// platform cannot open it; only the point must lie on the curve.
import { createECDH, randomFillSync } from 'node:crypto';
import { MINUTE_MS, RECORD_BYTES, RECORD_VERSION, TAG_BYTES } from '@tongche/protocol';
import { readyHmac } from '@tongche/protocol/node';
import type { Setup } from './messages.ts';

export const BODY_CHARS = (RECORD_BYTES * 4) / 3;
/** Offsets in the record: ver1 suite1 code8 iss2 d2 w2 tag16 adm16 eraseC16 enc65 ct96. */
const at = { code: 2, iss: 10, day: 12, w2: 14, tag: 16, adm: 32, enc: 64 } as const;
const pointBytes = 65;
const pointCount = 256;
const chunkRides = 4_096;
const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const valueOf = new Uint8Array(128);
alphabet.forEach((character, value) => (valueOf[character] = value));

export interface RideSource {
  /** The next ride's number. */
  next(): number;
  readonly made: number;
  /** Writes the ride's body, with the minute of `nowMs`, at `offset`: 300 characters. */
  write(ride: number, into: Buffer, offset: number, nowMs: number): void;
  tagOf(ride: number): Uint8Array;
  /** Place of its code in the setup. */
  busOf(ride: number): number;
}

/** The minute stands in the bits of characters 18 to 21 of the body; character 21 shares its value with the tag. */
function patchMinute(body: Buffer, offset: number, minute: number): void {
  const shared = valueOf[body[offset + 21] ?? 0] ?? 0;
  // Bytes 12..14 are characters 16..19: the low character holds the 6 low bits of byte 14.
  const [high, low] = [minute >> 8, minute & 0xff];
  const before = valueOf[body[offset + 18] ?? 0] ?? 0;
  body[offset + 18] = alphabet[(before & 0b111100) | (high >> 6)] ?? 0;
  body[offset + 19] = alphabet[high & 0b111111] ?? 0;
  body[offset + 20] = alphabet[low >> 2] ?? 0;
  body[offset + 21] = alphabet[((low & 0b11) << 4) | (shared & 0b1111)] ?? 0;
}

function curvePoints(): Buffer {
  const ecdh = createECDH('prime256v1');
  return Buffer.concat(Array.from({ length: pointCount }, () => ecdh.generateKeys()));
}

export function rideSource(setup: Setup): RideSource {
  const chunks: { readonly bodies: Buffer; readonly tags: Buffer }[] = [];
  const points = curvePoints();
  const busOfCode = new Map(setup.codes.map((code, bus) => [code, bus]));
  const codes = Buffer.concat(setup.codes.map((code) => Buffer.from(code, 'base64url')));
  const hmac = readyHmac(Buffer.from(setup.kAdm, 'base64url'), 8 + TAG_BYTES);
  const input = Buffer.alloc(8 + TAG_BYTES);
  input.write('adm1');
  input.writeUInt16BE(setup.day, 4);
  input.writeUInt16BE(setup.iss, 6);
  const raw = Buffer.alloc(RECORD_BYTES * chunkRides);
  let taken = 0;

  function makeOne(record: Buffer, ride: number): void {
    record[0] = RECORD_VERSION;
    record[1] = 1;
    const code = Math.floor(Math.random() * setup.codes.length) * 8;
    record.set(codes.subarray(code, code + 8), at.code);
    record.writeUInt16BE(setup.iss, at.iss);
    record.writeUInt16BE(setup.day, at.day);
    record.writeUInt16BE(0, at.w2);
    input.set(record.subarray(at.tag, at.adm), 8);
    hmac.write(input, record.subarray(at.adm, at.adm + TAG_BYTES));
    const point = (ride % pointCount) * pointBytes;
    record.set(points.subarray(point, point + pointBytes), at.enc);
  }

  function makeChunk(): void {
    const bodies = Buffer.allocUnsafe(BODY_CHARS * chunkRides);
    const tags = Buffer.allocUnsafe(TAG_BYTES * chunkRides);
    randomFillSync(raw);
    for (let n = 0; n < chunkRides; n += 1) {
      const record = raw.subarray(n * RECORD_BYTES, (n + 1) * RECORD_BYTES);
      makeOne(record, n);
      tags.set(record.subarray(at.tag, at.adm), n * TAG_BYTES);
      bodies.write(record.toString('base64url'), n * BODY_CHARS, 'latin1');
    }
    chunks.push({ bodies, tags });
  }
  while (chunks.length * chunkRides < setup.rides) makeChunk();

  const chunkOf = (ride: number) => {
    const chunk = chunks[Math.floor(ride / chunkRides)];
    if (chunk === undefined) throw new RangeError(`ride ${ride} was not made`);
    return chunk;
  };
  return {
    next() {
      if (taken === chunks.length * chunkRides) makeChunk();
      taken += 1;
      return taken - 1;
    },
    get made() {
      return taken;
    },
    write(ride, into, offset, nowMs) {
      const start = (ride % chunkRides) * BODY_CHARS;
      into.set(chunkOf(ride).bodies.subarray(start, start + BODY_CHARS), offset);
      patchMinute(into, offset, Math.floor((nowMs - setup.dayStartMs) / MINUTE_MS));
    },
    busOf(ride) {
      const start = (ride % chunkRides) * BODY_CHARS;
      // Four characters are three bytes: the code is within the first sixteen.
      const head = Buffer.from(chunkOf(ride).bodies.toString('latin1', start, start + 16), 'base64url');
      return busOfCode.get(head.toString('base64url', at.code, at.code + 8)) ?? -1;
    },
    tagOf(ride) {
      const start = (ride % chunkRides) * TAG_BYTES;
      return chunkOf(ride).tags.subarray(start, start + TAG_BYTES);
    },
  };
}
