// A ride's identifier: a UUIDv7 (RFC 9562) of the boarding minute whose rest is a digest of (tag, code), so that a ride sent
// twice is one row, and rows lie in the order of boarding.
import { concat, fromHex, toHex, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { MINUTE_MS } from './day.ts';
import { err } from './result.ts';
import type { Result } from './result.ts';
import type { Suite } from './suite.ts';

const RIDE_LABEL = /* @__PURE__ */ utf8('ride1');

export interface RideIdFields {
  readonly tag: Bytes;
  readonly code: Bytes;
  /** Any instant of the boarding minute: bundle.notBeforeMs + minute · 60,000. */
  readonly boardedMs: number;
}

export function rideIdInput({ tag, code }: RideIdFields): Bytes {
  return concat(RIDE_LABEL, tag, code);
}

/** Writes the boarding minute into an identifier's first six bytes. */
function withMinute(id: Bytes, ms: number): Bytes {
  const minuteMs = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  const high = Math.floor(minuteMs / 2 ** 32);
  const low = minuteMs % 2 ** 32;
  id[0] = high >> 8;
  id[1] = high;
  id[2] = low >>> 24;
  id[3] = low >>> 16;
  id[4] = low >>> 8;
  id[5] = low;
  return id;
}

export function rideIdFromDigest(boardedMs: number, digest: Bytes): Bytes {
  const id = withMinute(new Uint8Array(16), boardedMs);
  for (let i = 0; i < 10; i += 1) id[6 + i] = digest[i] ?? 0;
  id[6] = 0x70 | ((id[6] ?? 0) & 0x0f);
  id[8] = 0x80 | ((id[8] ?? 0) & 0x3f);
  return id;
}

export async function rideId(suite: Suite, fields: RideIdFields): Promise<Bytes> {
  return rideIdFromDigest(fields.boardedMs, await suite.sha256(rideIdInput(fields)));
}

/** Lowest and highest identifier of rides that boarded in the minutes of fromMs to toMs, both minutes included. */
export function rideIdBounds(fromMs: number, toMs: number): readonly [Bytes, Bytes] {
  return [withMinute(new Uint8Array(16), fromMs), withMinute(new Uint8Array(16).fill(0xff), toMs)];
}

/** The boarding minute an identifier carries, epoch milliseconds. */
export function boardedMsOf(id: Bytes): number {
  const view = new DataView(id.buffer, id.byteOffset, 16);
  return view.getUint16(0) * 2 ** 32 + view.getUint32(2);
}

/** 16 bytes as PostgreSQL writes a uuid. */
export function uuidText(id: Uint8Array): string {
  const hex = toHex(id);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function uuidFromText(text: string): Result<Bytes, 'bad-hex'> {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? fromHex(text.replaceAll('-', '')) : err('bad-hex');
}
