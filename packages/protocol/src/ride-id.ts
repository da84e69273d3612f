// A ride's identifier: a UUIDv7 (RFC 9562) of the boarding minute whose rest is a digest of (tag, code), so that a ride sent
// twice is one row, and rows lie in the order of boarding.
import { concat, fromHex, toHex, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { MINUTE_MS } from './day.ts';
import { err } from './result.ts';
import type { Result } from './result.ts';
import type { Suite } from './suite.ts';

export interface RideIdFields {
  readonly tag: Bytes;
  readonly code: Bytes;
  /** Any instant of the boarding minute: bundle.notBeforeMs + minute · 60,000. */
  readonly boardedMs: number;
}

export function rideIdInput({ tag, code }: RideIdFields): Bytes {
  return concat(utf8('ride1'), tag, code);
}

function timestampBytes(ms: number): Bytes {
  const minuteMs = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  const out = new Uint8Array(6);
  const view = new DataView(out.buffer);
  view.setUint16(0, Math.floor(minuteMs / 2 ** 32));
  view.setUint32(2, minuteMs % 2 ** 32);
  return out;
}

export function rideIdFromDigest(boardedMs: number, digest: Bytes): Bytes {
  const id = concat(timestampBytes(boardedMs), digest.subarray(0, 10));
  id[6] = 0x70 | ((id[6] ?? 0) & 0x0f);
  id[8] = 0x80 | ((id[8] ?? 0) & 0x3f);
  return id;
}

export async function rideId(suite: Suite, fields: RideIdFields): Promise<Bytes> {
  return rideIdFromDigest(fields.boardedMs, await suite.sha256(rideIdInput(fields)));
}

/** Lowest and highest identifier of rides that boarded in the minutes of fromMs to toMs, both minutes included. */
export function rideIdBounds(fromMs: number, toMs: number): readonly [Bytes, Bytes] {
  return [
    concat(timestampBytes(fromMs), new Uint8Array(10)),
    concat(timestampBytes(toMs), new Uint8Array(10).fill(0xff)),
  ];
}

/** The boarding minute an identifier carries, epoch milliseconds. */
export function boardedMsOf(id: Bytes): number {
  const view = new DataView(id.buffer, id.byteOffset, 16);
  return view.getUint16(0) * 2 ** 32 + view.getUint32(2);
}

/** 16 bytes as PostgreSQL writes a uuid. */
export function uuidText(id: Uint8Array): string {
  const hex = toHex(id);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function uuidFromText(text: string): Result<Bytes, 'bad-hex'> {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? fromHex(text.replaceAll('-', '')) : err('bad-hex');
}
