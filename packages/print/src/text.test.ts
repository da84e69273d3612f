import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Face } from './fonts.ts';
import { drawable, fit } from './text.ts';

/** Chinese characters are one type size wide, others half of it. */
const face: Face = {
  id: 'F1',
  has: (character) => character !== '☒',
  width: (text) => Array.from(text).reduce((sum, one) => sum + (one >= '⺀' ? 1 : 0.5), 0),
  encode: () => [],
  ref: () => undefined,
};

const texts = fc.string({
  unit: fc.constantFrom('海', '珠', '湾', 'a', 'B', '7', ' ', '，', '。', '—', '(', ')'),
  maxLength: 60,
});

test('fitted lines are never wider than their room nor more than allowed', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 6, max: 60 }), fc.integer({ min: 1, max: 3 }), (text, width, lines) => {
      const fitted = fit(face, text, { width, size: 5, minSize: 2, lines });
      assert.ok(fitted.lines.length <= lines);
      assert.ok(fitted.size <= 5 && fitted.size >= 2);
      for (const line of fitted.lines) assert.ok(face.width(line) * fitted.size <= width + 1e-9, line);
    }),
    { seed: 20_261_120 },
  );
});

test('nothing is lost unless an ellipsis says so', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 6, max: 60 }), (text, width) => {
      const { lines } = fit(face, text, { width, size: 5, minSize: 2, lines: 2 });
      const bare = (one: string): string => one.replaceAll(' ', '');
      if (!lines.at(-1)?.endsWith('…') && !lines.some((line) => line.endsWith('…'))) {
        assert.equal(bare(lines.join('')), bare(text));
      }
    }),
    { seed: 20_261_120 },
  );
});

test('a name is first made smaller, then cut', () => {
  const room = { width: 20, size: 5, minSize: 2.5 };
  assert.deepEqual(fit(face, '海珠', room), { lines: ['海珠'], size: 5 });
  assert.equal(fit(face, '海珠湾海珠湾', room).lines[0], '海珠湾海珠湾');
  assert.deepEqual(fit(face, '海珠湾海珠湾海珠湾', room), { lines: ['海珠湾海珠湾海…'], size: 2.5 });
});

test('words put back on one line keep the space between them', () => {
  const room = { width: 18.5, size: 2, minSize: 2 };
  assert.deepEqual(fit(face, 'or type this number', room).lines, ['or type this numb…']);
  assert.deepEqual(fit(face, '海珠湾海珠湾海', { ...room, width: 12 }).lines, ['海珠湾海珠…']);
});

test('lines break between Chinese characters and English words, never before a comma', () => {
  const room = { width: 20, size: 5, minSize: 5, lines: 3 };
  assert.deepEqual(fit(face, 'Canton Tower', room).lines, ['Canton', 'Tower']);
  assert.deepEqual(fit(face, '海珠湾海，珠湾', room).lines, ['海珠湾', '海，珠湾']);
  assert.deepEqual(fit(face, '海珠\n湾', room).lines, ['海珠', '湾']);
});

test('characters that the font lacks are left out', () => {
  assert.equal(drawable(face, ' 海☒珠  湾 '), '海珠 湾');
  assert.deepEqual(fit(face, '☒', { width: 9, size: 5, minSize: 2 }).lines, []);
});
