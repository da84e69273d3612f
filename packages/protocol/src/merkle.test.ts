// The Merkle tree against the reference tree of Certificate Transparency (RFC 6962) and against its own definition.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fromHex, toHex, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import {
  consistencyProof,
  Frontier,
  inclusionProof,
  leafHash,
  nodeHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';
import { nobleSha256 } from './noble.ts';
import { nodeSha256 as hash } from './node.ts';
import { unwrap } from './result.ts';

const REFERENCE_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((text) => unwrap(fromHex(text)));
const EMPTY_ROOT = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const REFERENCE_ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const reference = REFERENCE_LEAVES.map((leaf) => leafHash(hash, leaf));

test('roots of the reference tree, sizes 0 to 8', () => {
  assert.equal(toHex(rootOf(hash, [])), EMPTY_ROOT);
  assert.equal(toHex(new Frontier(hash).root()), EMPTY_ROOT);
  const frontier = new Frontier(hash);
  REFERENCE_ROOTS.forEach((root, i) => {
    assert.equal(toHex(rootOf(hash, reference.slice(0, i + 1))), root);
    assert.equal(frontier.append(reference[i] ?? utf8('')), i);
    assert.equal(toHex(frontier.root()), root);
    assert.equal(toHex(rootOf(nobleSha256, reference.slice(0, i + 1))), root);
  });
});

test('proofs of the reference tree', () => {
  // PATH(5, D[8]) and PROOF(6, D[8]) as the Certificate Transparency tests have them.
  assert.deepEqual(inclusionProof(hash, reference, 5).map(toHex), [
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ]);
  assert.deepEqual(consistencyProof(hash, reference, 6).map(toHex), [
    '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ]);
});

const MAX_SIZE = 40;
const leaves = Array.from({ length: MAX_SIZE }, (_, i) => leafHash(hash, utf8(`entry ${i}`)));
const roots = Array.from({ length: MAX_SIZE + 1 }, (_, size) => rootOf(hash, leaves.slice(0, size)));

function rootAt(size: number): Bytes {
  return roots[size] ?? utf8('');
}

function leafAt(index: number): Bytes {
  return leaves[index] ?? utf8('');
}

test('every leaf of every tree is proven, and no other leaf, place, size or root is', () => {
  for (let size = 1; size <= MAX_SIZE; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const proof = inclusionProof(hash, leaves, index, size);
      const claim = { index, size, leaf: leafAt(index), root: rootAt(size) };
      assert.ok(verifyInclusion(hash, claim, proof));
      assert.equal(verifyInclusion(hash, { ...claim, index: (index + 1) % (size + 1) }, proof), false);
      assert.equal(verifyInclusion(hash, { ...claim, leaf: rootAt(0) }, proof), false);
      assert.equal(verifyInclusion(hash, { ...claim, root: rootAt(size - 1) }, proof), false);
      assert.equal(verifyInclusion(hash, claim, [...proof, leafAt(0)]), false);
      if (proof.length > 0) assert.equal(verifyInclusion(hash, claim, proof.slice(1)), false);
    }
  }
});

test('every pair of sizes is proven consistent, and no changed history is', () => {
  for (let size = 0; size <= MAX_SIZE; size += 1) {
    for (let oldSize = 0; oldSize <= size; oldSize += 1) {
      const proof = consistencyProof(hash, leaves, oldSize, size);
      const older = { size: oldSize, root: rootAt(oldSize) };
      const newer = { size, root: rootAt(size) };
      assert.ok(verifyConsistency(hash, older, newer, proof), `${oldSize} of ${size}`);
      const forged = { size: oldSize, root: leafHash(hash, utf8('forged')) };
      assert.equal(verifyConsistency(hash, forged, newer, proof), false);
      assert.equal(verifyConsistency(hash, older, { size, root: forged.root }, proof), oldSize === 0 && size > 0);
      assert.equal(verifyConsistency(hash, older, newer, [...proof, leafAt(0)]), false);
      if (proof.length > 0) assert.equal(verifyConsistency(hash, older, newer, proof.slice(1)), false);
      if (oldSize < size) assert.equal(verifyConsistency(hash, newer, older, proof), false);
    }
  }
});

test('a leaf cannot pass for a node', () => {
  const [left, right] = [leafAt(0), leafAt(1)];
  assert.notDeepEqual(leafHash(hash, new Uint8Array([...left, ...right])), nodeHash(hash, left, right));
});

test('a frontier stored and loaded at any size goes on as if nothing had happened', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_SIZE }), (cut) => {
      const before = new Frontier(hash);
      for (const leaf of leaves.slice(0, cut)) before.append(leaf);
      const after = new Frontier(hash, before.state());
      for (const leaf of leaves.slice(cut)) after.append(leaf);
      assert.equal(after.size, MAX_SIZE);
      assert.deepEqual(after.root(), rootAt(MAX_SIZE));
    }),
    { seed: 6962 },
  );
});

test('a frontier with the wrong number of peaks is a fault', () => {
  assert.throws(() => new Frontier(hash, { size: 3, peaks: [leafAt(0)] }), RangeError);
});
