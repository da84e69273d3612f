// Looks for many byte strings at once in everything a process stores. One pass over the data whatever the number of needles.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Needle {
  /** Whose, and in which form: what a failed test says. */
  readonly owner: string;
  readonly form: string;
  readonly bytes: Buffer;
}

export interface Hit {
  readonly place: string;
  readonly owner: string;
  readonly form: string;
}

export interface Search {
  readonly needles: number;
  /** Needles found in `data`, each once. */
  in(place: string, data: Uint8Array): readonly Hit[];
}

/** Below this chance finds would drown the real ones. */
const leastBytes = 6;
const anchorBytes = 4;
const bitmapBits = 24;

/** Where a needle's four most telling bytes begin: zeros and repeated bytes are everywhere in a database's pages. */
function anchorOf(bytes: Buffer): number {
  let best = 0;
  let bestScore = -1;
  let score = 0;
  // A byte tells something when it is neither zero nor the digit nor its neighbour.
  const tells = (at: number): number => {
    const byte = bytes[at];
    return byte === 0 || byte === 0x30 || byte === bytes[at - 1] ? 0 : 1;
  };
  for (let end = 0; end < bytes.length; end += 1) {
    score += tells(end) - (end >= anchorBytes ? tells(end - anchorBytes) : 0);
    if (end < anchorBytes - 1 || score <= bestScore) continue;
    [best, bestScore] = [end - anchorBytes + 1, score];
    if (score === anchorBytes) break;
  }
  return best;
}

function slotOf(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> (32 - bitmapBits);
}

/** Throws RangeError for a needle too short to mean anything. */
export function search(needles: readonly Needle[]): Search {
  const bitmap = new Uint8Array(2 ** (bitmapBits - 3));
  const byAnchor = new Map<number, { readonly needle: Needle; readonly anchor: number }[]>();
  for (const needle of needles) {
    if (needle.bytes.length < leastBytes) throw new RangeError(`${needle.form} is too short to look for`);
    const anchor = anchorOf(needle.bytes);
    const word = needle.bytes.readUInt32BE(anchor);
    const slot = slotOf(word);
    bitmap[slot >> 3] = (bitmap[slot >> 3] ?? 0) | (1 << (slot & 7));
    const known = byAnchor.get(word);
    if (known === undefined) byAnchor.set(word, [{ needle, anchor }]);
    else known.push({ needle, anchor });
  }

  return {
    needles: needles.length,
    in(place, data) {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      const found = new Map<Needle, Hit>();
      let word = 0;
      for (let end = 0; end < bytes.length; end += 1) {
        word = (word << 8) | (bytes[end] ?? 0);
        const slot = slotOf(word);
        if (((bitmap[slot >> 3] ?? 0) & (1 << (slot & 7))) === 0 || end < anchorBytes - 1) continue;
        for (const { needle, anchor } of byAnchor.get(word >>> 0) ?? []) {
          const start = end - anchorBytes + 1 - anchor;
          if (start < 0 || found.has(needle)) continue;
          if (bytes.subarray(start, start + needle.bytes.length).equals(needle.bytes)) {
            found.set(needle, { place, owner: needle.owner, form: needle.form });
          }
        }
      }
      return [...found.values()];
    },
  };
}

export interface StoredFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** Every regular file below a folder, one in memory at a time. */
export function* filesBelow(folder: string): Generator<StoredFile> {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    yield { path: path.slice(folder.length + 1), bytes: readFileSync(path) };
  }
}
