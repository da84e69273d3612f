// Both languages say everything, with the same holes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { en } from './words-en.ts';
import { zh } from './words-zh.ts';
import { wordOf, words } from './words.ts';

test('every text exists in both languages with the same holes', () => {
  const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort());
  for (const [key, text] of Object.entries(zh)) {
    const other = en[key as keyof typeof en];
    assert.deepEqual(holes(other), holes(text), key);
    assert.ok(text.trim() !== '' && other.trim() !== '', key);
  }
});

test('a word of a newer server shows itself', () => {
  const t = words('en');
  assert.equal(t('loadedOf', { n: 20, total: 100 }), '20 of 100 loaded');
  assert.equal(wordOf(t, 'what', 'shifts'), 'Shifts');
  assert.equal(wordOf(t, 'what', 'teapots'), 'teapots');
});
