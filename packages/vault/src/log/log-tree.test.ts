// Proofs from the tree that is kept are those of RFC 6962 over all leaves, at every size around a tile's end, and few
// leaves are read for one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consistencyProof, inclusionProof, leafHash, rootOf, u16 } from '@tongche/protocol';
import { nodeSha256 } from '@tongche/protocol/node';
import { openLogTree, TILE_LEAVES } from './log-tree.ts';

const leaves = Array.from({ length: 9 * TILE_LEAVES + 5 }, (_, n) => leafHash(nodeSha256, u16(n)));

function tree() {
  const reads: number[] = [];
  const one = openLogTree(async (from, to) => {
    reads.push(to - from);
    return leaves.slice(from, to);
  });
  return { ...one, reads };
}

function expected({ index, from, size }: { index: number; from: number; size: number }) {
  return {
    root: rootOf(nodeSha256, leaves.slice(0, size)),
    inclusion: inclusionProof(nodeSha256, leaves, index, size),
    consistency: consistencyProof(nodeSha256, leaves, from, size),
  };
}

test('proofs are the same as over all leaves, while the log grows', async () => {
  const { prove } = tree();
  const sizes = [1, 2, 255, 256, 257, 511, 512, 513, 700, 1_024, 1_025, 2_048, leaves.length];
  for (const size of sizes) {
    for (const index of [0, 1, size >> 1, size - 1].filter((n) => n < size)) {
      for (const from of [0, 1, 255, 256, 300, 512, size - 1, size].filter((n) => n >= 0 && n <= size)) {
        const at = { index, from, size };
        assert.deepEqual(await prove(at), expected(at), JSON.stringify(at));
      }
    }
  }
});

test('proofs asked for at once, of different sizes, are right', async () => {
  const { prove } = tree();
  const all = [600, 250, 256, 2_000, 40].map((size) => ({ index: size - 1, from: size >> 1, size }));
  const found = await Promise.all(all.map((at) => prove(at)));
  assert.deepEqual(found, all.map(expected));
});

test('a proof about a new entry reads what is new; one about an old entry reads one tile', async () => {
  const { prove, reads } = tree();
  await prove({ index: 2_299, from: 2_290, size: 2_300 });
  reads.length = 0;
  await prove({ index: 2_302, from: 2_300, size: 2_305 });
  assert.deepEqual(reads, [5]);
  reads.length = 0;
  await prove({ index: 300, from: 2_300, size: 2_305 });
  assert.deepEqual(reads, [TILE_LEAVES]);
});

test('a size beyond the log is a fault, and the next proof is right again', async () => {
  const { prove } = tree();
  await assert.rejects(prove({ index: 1, from: 0, size: leaves.length + 1 }));
  const at = { index: 7, from: 3, size: leaves.length };
  assert.deepEqual(await prove(at), expected(at));
});
