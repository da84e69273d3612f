// HMAC-SHA256 (RFC 2104) of short inputs under keys that are used once or twice, as deriving an envelope's keys takes five to
// seven times: two one-shot digests over buffers that are used again. Making the objects of createHmac takes three times as long.
import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

export interface ShortHmac {
  /** The key of what follows: at most 32 bytes. */
  key(bytes: Uint8Array): void;
  /** HMAC of the parts in order, written into `into` (at most 32 bytes; less cuts it). Its bytes may be of a part or of the key. */
  write(into: Uint8Array, ...parts: readonly Uint8Array[]): void;
  /** Overwrites key and input. */
  wipe(): void;
}

/** For one thread: it holds one key at a time, in the clear. */
export function shortHmac(maxInputBytes: number): ShortHmac {
  const inner = Buffer.alloc(BLOCK_BYTES + maxInputBytes);
  const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);
  // Inputs have few different lengths, and a view costs as much as hashing a block.
  const views: (Buffer | undefined)[] = [];

  return {
    key(bytes) {
      if (bytes.length > HASH_BYTES) throw new RangeError('a key of at most 32 bytes');
      for (let i = 0; i < BLOCK_BYTES; i += 1) {
        const byte = bytes[i] ?? 0;
        inner[i] = byte ^ INNER_PAD;
        outer[i] = byte ^ OUTER_PAD;
      }
    },
    write(into, ...parts) {
      let end = BLOCK_BYTES;
      for (const part of parts) {
        if (end + part.length > inner.length) throw new RangeError('too long for this HMAC');
        inner.set(part, end);
        end += part.length;
      }
      // Digests as Latin-1 texts, one character a byte: half the time of a Buffer.
      outer.write(hash('sha256', (views[end] ??= inner.subarray(0, end)), 'latin1'), BLOCK_BYTES, 'latin1');
      const digest = hash('sha256', outer, 'latin1');
      for (let i = 0; i < into.length; i += 1) into[i] = digest.charCodeAt(i);
    },
    wipe() {
      inner.fill(0);
      outer.fill(0);
    },
  };
}
