import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeQR } from 'qr';
import { symbolOf } from './qr.ts';

test('the rectangles cover each dark module once and no light one', () => {
  const path = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '_'), minLength: 11, maxLength: 100 });
  fc.assert(
    fc.property(path, (text) => {
      const url = `https://a.example/r/${text}`;
      const { modules, cells } = symbolOf(url);
      const version = (modules - 17) / 4;
      const rows = encodeQR(url, 'raw', { ecc: 'quartile', encoding: 'byte', border: 1, version });
      const drawn = Array.from({ length: modules }, () => Array.from({ length: modules }, () => 0));
      for (const { x, y, w, h } of cells) {
        for (let row = y; row < y + h; row += 1) {
          for (let column = x; column < x + w; column += 1) {
            const line = drawn[row] ?? [];
            line[column] = (line[column] ?? 0) + 1;
          }
        }
      }
      assert.deepEqual(
        drawn,
        rows.slice(1, -1).map((row) => row.slice(1, -1).map(Number)),
      );
    }),
    { seed: 20_261_120, numRuns: 40 },
  );
});

test('short addresses get symbols as large as usual ones', () => {
  assert.equal(symbolOf('https://a.cn/r/AAECAwQFBgc').modules, 33);
  assert.equal(symbolOf('https://dengji.haijing.example/r/AAECAwQFBgc').modules, 33);
});
