// The outsider's check against logs that were tampered with in every way an authority could.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Frontier, leafHash, signCheckpoint, utf8 } from '@tongche/protocol';
import { nodeSha256, nodeSuite } from '@tongche/protocol/node';
import { checkLog, encodeLogKey, parseLogKey } from './log-check.ts';

const origin = 'tongche-log-1';
const { sk, pk } = await nodeSuite.generateEd25519KeyPair();
const other = await nodeSuite.generateEd25519KeyPair();
const key = { name: origin, pk };

function entriesTo(count: number): string[] {
  return Array.from({ length: count }, (_, n) =>
    JSON.stringify({ atMs: n, day: n, kind: n % 3 === 0 ? 'read' : 'order' }),
  );
}

async function noteOf(entries: readonly string[], signer = { name: origin, sk, pk }): Promise<string> {
  const frontier = new Frontier(nodeSha256);
  for (const entry of entries) frontier.append(leafHash(nodeSha256, utf8(entry)));
  return signCheckpoint(nodeSuite, signer, { origin, size: entries.length, root: frontier.root() });
}

const entries = entriesTo(11);
const checkpoint = await noteOf(entries);

async function codeOf(evidence: Partial<Parameters<typeof checkLog>[0]>): Promise<string> {
  const report = await checkLog({ key, checkpoint, entries, ...evidence });
  return report.ok ? 'ok' : report.code;
}

test('an honest log is counted by kind', async () => {
  const report = await checkLog({ key, checkpoint, entries: [...entries, 'later ones do not matter'] });
  assert.ok(report.ok);
  assert.equal(report.value.size, 11);
  assert.deepEqual(report.value.kinds, { read: 4, order: 7 });
  assert.equal(report.value.before, undefined);
});

test('growth since the last check is accepted at every size', async () => {
  for (let size = 0; size <= entries.length; size += 1) {
    const kept = await noteOf(entries.slice(0, size));
    const report = await checkLog({ key, checkpoint, entries, kept });
    assert.ok(report.ok, `kept at ${size}`);
    assert.equal(report.value.before, size);
  }
});

test('a changed, removed or reordered entry is found, wherever it stands', async () => {
  for (let at = 0; at < entries.length; at += 1) {
    const changed = entries.with(at, JSON.stringify({ kind: 'read', atMs: 99 }));
    assert.equal(await codeOf({ entries: changed }), 'changed-entries');
    const removed = entries.toSpliced(at, 1);
    assert.equal(await codeOf({ entries: removed }), 'missing-entries');
    assert.equal(await codeOf({ entries: [...removed, JSON.stringify({ kind: 'order' })] }), 'changed-entries');
    if (at > 0) {
      const swapped = entries.with(at, entries[at - 1] ?? '').with(at - 1, entries[at] ?? '');
      assert.equal(await codeOf({ entries: swapped }), 'changed-entries');
    }
  }
});

test('a line that is no entry is found', async () => {
  assert.equal(await codeOf({ entries: entries.with(4, 'nothing') }), 'bad-entry');
});

test('a forged checkpoint is found', async () => {
  assert.equal(await codeOf({ checkpoint: await noteOf(entries, { name: origin, ...other }) }), 'forged-checkpoint');
  assert.equal(await codeOf({ checkpoint: checkpoint.replace('\n11\n', '\n10\n') }), 'forged-checkpoint');
  assert.equal(await codeOf({ checkpoint: 'nonsense' }), 'bad-checkpoint');
  assert.equal(await codeOf({ key: { name: origin, pk: other.pk } }), 'forged-checkpoint');
});

test('a log rewritten and signed anew is found by who checked before', async () => {
  const kept = await noteOf(entries.slice(0, 6));
  const rewritten = entries.with(2, JSON.stringify({ kind: 'order', atMs: 7 }));
  assert.equal(
    await codeOf({ entries: rewritten, checkpoint: await noteOf(rewritten) }),
    'ok',
    'only who kept one can tell',
  );
  assert.equal(await codeOf({ entries: rewritten, checkpoint: await noteOf(rewritten), kept }), 'rewritten-history');
  const same = await noteOf(entries);
  assert.equal(
    await codeOf({ entries: rewritten, checkpoint: await noteOf(rewritten), kept: same }),
    'rewritten-history',
  );
  const shorter = entries.slice(0, 5);
  assert.equal(await codeOf({ entries: shorter, checkpoint: await noteOf(shorter), kept }), 'shrunk');
});

test('a key is read back as it was written, and a slip in it is refused', () => {
  const text = encodeLogKey(key);
  const read = parseLogKey(text);
  assert.ok(read.ok);
  assert.deepEqual(read.value, key);
  assert.equal(parseLogKey(text.replace(/\+[0-9a-f]/, '+x')).ok, false);
  assert.equal(parseLogKey(encodeLogKey({ name: 'a', pk }).replace('a+', 'b+')).ok, false);
  assert.equal(parseLogKey('').ok, false);
});
