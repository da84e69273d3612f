// The Merkle tree of the transparency log (RFC 6962 section 2.1): roots, proofs, and a frontier that grows leaf by leaf.
// Every function takes the hash to use: nodeSha256 of ./node on servers, nobleSha256 elsewhere.
import { concat, equalBytes } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import type { HashFunction } from './suite.ts';

const LEAF_PREFIX: Bytes = new Uint8Array([0]);
const NODE_PREFIX: Bytes = new Uint8Array([1]);

export function leafHash(hash: HashFunction, data: Bytes): Bytes {
  return hash(concat(LEAF_PREFIX, data));
}

export function nodeHash(hash: HashFunction, left: Bytes, right: Bytes): Bytes {
  return hash(concat(NODE_PREFIX, left, right));
}

/** The largest power of two below n, for n > 1: where the tree over n leaves divides. */
export function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** Root over leaf hashes; the empty tree's root is the hash of nothing. */
export function rootOf(hash: HashFunction, leafHashes: readonly Bytes[]): Bytes {
  return leafHashes.length === 0 ? hash(new Uint8Array(0)) : subtreeRoot(hash, leafHashes, 0, leafHashes.length);
}

function subtreeRoot(hash: HashFunction, leaves: readonly Bytes[], from: number, to: number): Bytes {
  if (to - from === 1) return leafAt(leaves, from);
  const middle = from + splitOf(to - from);
  return nodeHash(hash, subtreeRoot(hash, leaves, from, middle), subtreeRoot(hash, leaves, middle, to));
}

function leafAt(leaves: readonly Bytes[], index: number): Bytes {
  const leaf = leaves[index];
  if (leaf === undefined) throw new RangeError('no such leaf');
  return leaf;
}

/** Root of the leaves [from, to) of a tree, wherever they are kept. */
export type RangeRoot = (from: number, to: number) => Bytes;

/** PATH(index, D[0:size]), section 2.1.1: from the leaf's sibling up. */
export function inclusionPath(rangeRoot: RangeRoot, index: number, size: number): Bytes[] {
  if (!isSize(index) || !isSize(size) || index >= size) throw new RangeError('no such leaf');
  const path: Bytes[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      path.unshift(rangeRoot(middle, to));
      to = middle;
    } else {
      path.unshift(rangeRoot(from, middle));
      from = middle;
    }
  }
  return path;
}

/** The same over leaf hashes at hand. */
export function inclusionProof(
  hash: HashFunction,
  leafHashes: readonly Bytes[],
  index: number,
  size: number = leafHashes.length,
): Bytes[] {
  if (size > leafHashes.length) throw new RangeError('no such leaf');
  return inclusionPath((from, to) => subtreeRoot(hash, leafHashes, from, to), index, size);
}

/** RFC 9162 section 2.1.3.2. */
export function verifyInclusion(
  hash: HashFunction,
  claim: { readonly index: number; readonly size: number; readonly leaf: Bytes; readonly root: Bytes },
  proof: readonly Bytes[],
): boolean {
  const { index, size, leaf, root } = claim;
  if (!isSize(size) || !isSize(index) || index >= size) return false;
  let position = index;
  let last = size - 1;
  let result = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      result = nodeHash(hash, sibling, result);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      result = nodeHash(hash, result, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && equalBytes(result, root);
}

// Not a bit shift: sizes may pass 2^31.
function half(n: number): number {
  return Math.floor(n / 2);
}

function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

/** PROOF(oldSize, D[0:size]), section 2.1.2; empty where oldSize is 0 or size. */
export function consistencyPath(rangeRoot: RangeRoot, oldSize: number, size: number): Bytes[] {
  if (!isSize(oldSize) || !isSize(size) || oldSize > size) throw new RangeError('no such tree');
  if (oldSize === 0 || oldSize === size) return [];
  const proof: Bytes[] = [];
  let from = 0;
  let to = size;
  // Whether the old tree's part so far begins at leaf 0 and is whole: its root is known to the verifier.
  let whole = true;
  while (oldSize !== to) {
    const middle = from + splitOf(to - from);
    if (oldSize <= middle) {
      proof.unshift(rangeRoot(middle, to));
      to = middle;
    } else {
      proof.unshift(rangeRoot(from, middle));
      from = middle;
      whole = false;
    }
  }
  if (!whole) proof.unshift(rangeRoot(from, to));
  return proof;
}

/** The same over leaf hashes at hand. */
export function consistencyProof(
  hash: HashFunction,
  leafHashes: readonly Bytes[],
  oldSize: number,
  size: number = leafHashes.length,
): Bytes[] {
  if (size > leafHashes.length) throw new RangeError('no such tree');
  return consistencyPath((from, to) => subtreeRoot(hash, leafHashes, from, to), oldSize, size);
}

export interface TreeHead {
  readonly size: number;
  readonly root: Bytes;
}

/** RFC 9162 section 2.1.4.2: the newer tree begins with the older one's leaves. */
export function verifyConsistency(
  hash: HashFunction,
  older: TreeHead,
  newer: TreeHead,
  proof: readonly Bytes[],
): boolean {
  if (!isSize(older.size) || !isSize(newer.size) || older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && equalBytes(older.root, newer.root);
  // Everything is consistent with the empty tree, whose root is fixed.
  if (older.size === 0) return proof.length === 0 && equalBytes(older.root, hash(new Uint8Array(0)));
  const isPowerOfTwo = 2 ** Math.round(Math.log2(older.size)) === older.size;
  const [first, ...rest] = isPowerOfTwo ? [older.root, ...proof] : proof;
  if (first === undefined || proof.length === 0) return false;
  let position = older.size - 1;
  let last = newer.size - 1;
  while (position % 2 === 1) [position, last] = [half(position), half(last)];
  let oldRoot = first;
  let newRoot = first;
  for (const node of rest) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      oldRoot = nodeHash(hash, node, oldRoot);
      newRoot = nodeHash(hash, node, newRoot);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      newRoot = nodeHash(hash, newRoot, node);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && equalBytes(oldRoot, older.root) && equalBytes(newRoot, newer.root);
}

/** What a log keeps to append and to know its root: O(log n) hashes. Plain data, to be stored as it is. */
export interface FrontierState {
  readonly size: number;
  /** Roots of the perfect subtrees from left to right, one per set bit of size. */
  readonly peaks: readonly Bytes[];
}

export class Frontier {
  readonly #hash: HashFunction;
  #size = 0;
  #peaks: Bytes[] = [];

  constructor(hash: HashFunction, state: FrontierState = { size: 0, peaks: [] }) {
    if (!isSize(state.size) || bitCount(state.size) !== state.peaks.length) throw new RangeError('not a frontier');
    this.#hash = hash;
    this.#size = state.size;
    this.#peaks = [...state.peaks];
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a leaf hash and answers its index. */
  append(leaf: Bytes): number {
    let node = leaf;
    for (let n = this.#size; n % 2 === 1; n = half(n)) {
      const left = this.#peaks.pop();
      if (left === undefined) throw new Error('a frontier has a peak for each bit of its size');
      node = nodeHash(this.#hash, left, node);
    }
    this.#peaks.push(node);
    this.#size += 1;
    return this.#size - 1;
  }

  root(): Bytes {
    const [first, ...rest] = this.#peaks.toReversed();
    if (first === undefined) return this.#hash(new Uint8Array(0));
    return rest.reduce((right, left) => nodeHash(this.#hash, left, right), first);
  }

  state(): FrontierState {
    return { size: this.#size, peaks: [...this.#peaks] };
  }
}

function bitCount(n: number): number {
  let count = 0;
  for (let rest = n; rest > 0; rest = half(rest)) count += rest % 2;
  return count;
}
