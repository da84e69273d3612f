import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openSlots } from '@tongche/runtime';
import { openCaseKeys } from './sealing.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongche-sealing-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const slots = openSlots(folder, randomBytes(32));
const keys = openCaseKeys(slots, (n) => randomBytes(n));
const key = keys.make('case1');

const long = {
  legs: Array.from({ length: 400 }, (_, n) => ({ n, line: { zh: '一号线', en: 'Line 1' }, minutes: n / 7 })),
};

test('a value opens as it was sealed, short or long', () => {
  for (const value of [null, '', 0, [], {}, { 名: '张三' }, long, 'x'.repeat(9_000), ['\u0000'.repeat(2_000)]]) {
    assert.deepEqual(key.open('contact:1', key.seal('contact:1', value)), value);
  }
});

test('a long value is shorter sealed than written', () => {
  assert.ok(key.seal('contact:1', long).length < JSON.stringify(long).length / 3);
});

test('nothing opens at another place, under another case, or changed', () => {
  const sealed = key.seal('contact:1', long);
  assert.throws(() => key.open('contact:2', sealed));
  assert.throws(() => keys.make('case2').open('contact:1', sealed));
  for (const at of [0, 12, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.throws(() => key.open('contact:1', changed));
  }
});

test('a long value of before long values were compressed opens', () => {
  const bytes = slots.get('case-case1');
  assert.ok(bytes !== undefined);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', bytes.subarray(0, 32), nonce).setAAD(Buffer.from('contact:1'));
  const text = JSON.stringify(long);
  const sealed = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  assert.deepEqual(key.open('contact:1', sealed), long);
});
