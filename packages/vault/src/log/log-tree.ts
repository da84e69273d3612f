// The log's Merkle tree for proofs: roots of its full tiles in memory, leaves of the few tiles a proof cuts through read when
// they are needed. The log only grows, so what was read once never changes.
import { consistencyPath, inclusionPath, nodeHash, rootOf as rootOver, splitOf } from '@tongche/protocol';
import type { Bytes, RangeRoot } from '@tongche/protocol';
import { nodeSha256 } from '@tongche/protocol/node';

/** Leaves in a tile, a power of two: a log of a million entries takes 8,000 hashes, half of them roots of tiles. */
export const TILE_LEAVES = 256;
/** Read at once while the tree is built. */
const PAGE_LEAVES = 64 * TILE_LEAVES;
/** Full tiles whose leaves are kept: proofs are mostly about the newest entries. */
const KEPT_TILES = 4;

export interface LogTree {
  /** Root, PATH and PROOF of RFC 6962 over the first `size` leaves, which must have been appended. */
  readonly prove: (at: { readonly index: number; readonly from: number; readonly size: number }) => Promise<{
    readonly root: Bytes;
    readonly inclusion: readonly Bytes[];
    readonly consistency: readonly Bytes[];
  }>;
}

/** `leaves` reads the leaf hashes [from, to), which must be there. */
export function openLogTree(leaves: (from: number, to: number) => Promise<readonly Bytes[]>): LogTree {
  /** Roots of perfect subtrees: of one tile each, of two, of four … */
  const levels: Bytes[][] = [[]];
  const kept = new Map<number, readonly Bytes[]>();
  /** Leaves after the last full tile. */
  let tail: Bytes[] = [];
  let growing: Promise<void> = Promise.resolve();

  const tiles = (): number => levels[0]?.length ?? 0;

  function keep(tile: number, ofTile: readonly Bytes[]): void {
    kept.set(tile, ofTile);
    for (const [oldest] of kept) if (kept.size > KEPT_TILES) kept.delete(oldest);
  }

  function addTile(root: Bytes): void {
    let node = root;
    for (let level = 0; ; level += 1) {
      const row = (levels[level] ??= []);
      row.push(node);
      if (row.length % 2 === 1) return;
      node = nodeHash(nodeSha256, row.at(-2) ?? node, node);
    }
  }

  function append(leaf: Bytes): void {
    tail.push(leaf);
    if (tail.length < TILE_LEAVES) return;
    const full = tail;
    keep(tiles(), full);
    addTile(rootOver(nodeSha256, full));
    tail = [];
  }

  async function grow(size: number): Promise<void> {
    for (;;) {
      const known = tiles() * TILE_LEAVES + tail.length;
      if (known >= size) return;
      const to = Math.min(size, known + PAGE_LEAVES);
      const fresh = await leaves(known, to);
      if (fresh.length !== to - known) throw new Error('the log has gaps');
      for (const leaf of fresh) append(leaf);
    }
  }

  /** Leaves of the tiles that the proof cuts through. */
  async function cut(...at: readonly number[]): Promise<ReadonlyMap<number, readonly Bytes[]>> {
    const found = new Map<number, readonly Bytes[]>();
    for (const tile of new Set(at.map((index) => Math.floor(index / TILE_LEAVES)))) {
      const first = tile * TILE_LEAVES;
      const ofTile = tile >= tiles() ? tail.slice() : (kept.get(tile) ?? (await leaves(first, first + TILE_LEAVES)));
      if (tile < tiles()) keep(tile, ofTile);
      found.set(tile, ofTile);
    }
    return found;
  }

  function rootsWith(cuts: ReadonlyMap<number, readonly Bytes[]>): RangeRoot {
    return function rootOf(from: number, to: number): Bytes {
      const tile = Math.floor(from / TILE_LEAVES);
      if (to <= (tile + 1) * TILE_LEAVES && to - from < TILE_LEAVES) {
        const ofTile = cuts.get(tile) ?? (tile >= tiles() ? tail : undefined);
        if (ofTile === undefined) throw new Error('a tile that a proof cuts through was not read');
        const start = from % TILE_LEAVES;
        return rootOver(nodeSha256, ofTile.slice(start, start + to - from));
      }
      const level = Math.log2((to - from) / TILE_LEAVES);
      const whole = Number.isInteger(level) ? levels[level]?.[from / (to - from)] : undefined;
      if (whole !== undefined) return whole;
      const middle = from + splitOf(to - from);
      return nodeHash(nodeSha256, rootOf(from, middle), rootOf(middle, to));
    };
  }

  return {
    async prove({ index, from, size }) {
      growing = growing.catch(() => undefined).then(() => grow(size));
      await growing;
      const rootOf = rootsWith(await cut(index, from, size));
      return {
        root: rootOf(0, size),
        inclusion: inclusionPath(rootOf, index, size),
        consistency: from > size ? [] : consistencyPath(rootOf, from, size),
      };
    },
  };
}
