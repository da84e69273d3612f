// Texts cut for the air and joined again.
import assert from 'node:assert/strict';
import test from 'node:test';

import * as fc from 'fast-check';
import smpp from 'smpp';

import { DATA_CODING_GSM, DATA_CODING_UCS2, MAX_PARTS, partPlace, textParts } from './smpp-text.ts';
import type { TextPart } from './smpp-text.ts';

function joined(parts: readonly TextPart[]): string {
  return parts
    .map(({ bytes, dataCoding, hasHeader }) => {
      const body = hasHeader ? bytes.subarray((bytes[0] ?? 0) + 1) : bytes;
      return dataCoding === DATA_CODING_GSM ? smpp.encodings.ASCII.decode(body) : smpp.encodings.UCS2.decode(body);
    })
    .join('');
}

test('70 Chinese characters are one part, 71 are two', () => {
  assert.equal(textParts('车'.repeat(70), 1)?.length, 1);
  const two = textParts('车'.repeat(71), 1);
  assert.equal(two?.length, 2);
  assert.deepEqual(
    two?.map((part) => part.bytes.length),
    [140, 6 + 4 * 2],
  );
});

test('160 Latin characters are one part in GSM-7, 161 are two', () => {
  const one = textParts('a'.repeat(160), 1);
  assert.equal(one?.length, 1);
  assert.equal(one?.[0]?.dataCoding, DATA_CODING_GSM);
  assert.equal(textParts('a'.repeat(161), 1)?.length, 2);
});

test('an escaped character is never cut in two', () => {
  const text = `${'a'.repeat(152)}€${'b'.repeat(20)}`;
  const parts = textParts(text, 9) ?? [];
  assert.equal(parts.length, 2);
  assert.equal(parts[0]?.bytes.length, 6 + 152);
  assert.equal(joined(parts), text);
});

test('a text that needs too many parts is refused', () => {
  assert.equal(textParts('车'.repeat(67 * MAX_PARTS), 1)?.length, MAX_PARTS);
  assert.equal(textParts('车'.repeat(67 * MAX_PARTS + 1), 1), undefined);
});

test('any text of words and pictures comes out as it went in', () => {
  const unit = fc.constantFrom('a', 'Z', '0', ' ', '€', '^', '{', '同', '车', '，', '😀', '𠮷', '\n');
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 400 }), fc.nat(255), (units, reference) => {
      const text = units.join('');
      const parts = textParts(text, reference) ?? [];
      assert.equal(joined(parts), text);
      for (const [at, part] of parts.entries()) {
        assert.ok(part.bytes.length <= (part.dataCoding === DATA_CODING_UCS2 ? 140 : 160));
        if (parts.length > 1) {
          const place = partPlace([part.bytes.subarray(1, 6)]);
          assert.deepEqual(place, { reference, total: parts.length, seq: at + 1 });
        }
      }
    }),
    { seed: 20261120, numRuns: 300 },
  );
});
