// Relay messages, 153 bytes: a note, an erasure or nothing, sealed to the operator's relay key, so that the registrar, which
// passes it on hours later, cannot tell which.
import { concat, isZero, readU16, u16, u8, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { MAX_NOTES, NOTE_BYTES } from './note.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import type { HpkeOpenRefusal, Suite } from './suite.ts';

export const RELAY_BYTES = 153;
const PLAIN_BYTES = 72;
const ENC_BYTES = 65;
const KIND_NOTE = 1;
const KIND_ERASE = 2;
const KIND_EMPTY = 3;

const RELAY_INFO = (): Bytes => utf8('ride-relay/1');
const NO_AAD: Bytes = new Uint8Array(0);

interface RelayRide {
  readonly day: number;
  readonly tag: Bytes;
  /** adm for a note, eraseK for an erasure: proof that the sender holds the ride. */
  readonly key16: Bytes;
}

/**
 * kind1 d2 tag16 key16 idx1 ct32 pad4. `empty`: all zero behind the kind. A phone sends one message after every scan, an
 * empty one where it has no note to send: that a message came then tells nothing about a ride before.
 */
export type RelayMessage =
  | { readonly kind: 'empty' }
  | (RelayRide & { readonly kind: 'note'; readonly idx: number; readonly ct32: Bytes })
  | (RelayRide & { readonly kind: 'erase' });

function encodeMessage(message: RelayMessage): Bytes {
  if (message.kind === 'empty') return concat(u8(KIND_EMPTY), new Uint8Array(PLAIN_BYTES - 1));
  const isNote = message.kind === 'note';
  const plaintext = concat(
    u8(isNote ? KIND_NOTE : KIND_ERASE),
    u16(message.day),
    message.tag,
    message.key16,
    u8(isNote ? message.idx : 0),
    isNote ? message.ct32 : new Uint8Array(NOTE_BYTES),
    new Uint8Array(4),
  );
  if (plaintext.length !== PLAIN_BYTES || message.tag.length !== 16) throw new RangeError('16, 16 and 32 bytes');
  return plaintext;
}

export async function sealRelay(
  suite: Suite,
  relayPk: Bytes,
  message: RelayMessage,
  ephemeral?: { readonly sk: Bytes },
): Promise<Bytes> {
  const options = { pk: relayPk, info: RELAY_INFO(), aad: NO_AAD, plaintext: encodeMessage(message) };
  const { enc, ct } = await suite.hpkeSeal(ephemeral === undefined ? options : { ...options, ephemeral });
  return concat(enc, ct);
}

export async function openRelay(
  suite: Suite,
  relaySk: Bytes,
  bytes: Bytes,
): Promise<Result<RelayMessage, HpkeOpenRefusal | 'bad-length' | 'bad-relay'>> {
  if (bytes.length !== RELAY_BYTES) return err('bad-length');
  const opened = await suite.hpkeOpen({
    sk: relaySk,
    enc: bytes.slice(0, ENC_BYTES),
    info: RELAY_INFO(),
    aad: NO_AAD,
    ct: bytes.slice(ENC_BYTES),
  });
  return opened.ok ? decodeMessage(opened.value.plaintext) : opened;
}

function decodeMessage(plain: Bytes): Result<RelayMessage, 'bad-relay'> {
  const idx = plain[35] ?? 0;
  const ct32 = plain.slice(36, 68);
  const ride = { day: readU16(plain, 1), tag: plain.slice(3, 19), key16: plain.slice(19, 35) };
  if (!isZero(plain.subarray(68))) return err('bad-relay');
  if (plain[0] === KIND_NOTE && idx < MAX_NOTES) return ok({ kind: 'note', ...ride, idx, ct32 });
  if (plain[0] === KIND_ERASE && idx === 0 && isZero(ct32)) return ok({ kind: 'erase', ...ride });
  if (plain[0] === KIND_EMPTY && isZero(plain.subarray(1))) return ok({ kind: 'empty' });
  return err('bad-relay');
}
