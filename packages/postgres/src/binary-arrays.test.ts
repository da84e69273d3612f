// Columns arrive in PostgreSQL as they left: every type, its extremes, NULLs, and no rows at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { byteaArray, bytesArray, charArray, int2Array, int4Array, packedUuidArray, uuidArray } from './index.ts';
import { testDatabase, testEngine } from './test-kit.ts';

const { db } = await testDatabase(await testEngine());

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const rowsOf = fc.array(
  fc.record({
    uuid: bytes(16),
    one: fc.integer({ min: 0, max: 0xff }),
    small: fc.option(fc.integer({ min: -0x8000, max: 0x7fff })),
    whole: fc.option(fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })),
    sealed: bytes(129),
  }),
  { maxLength: 20 },
);
const identity = (bytesOf: Uint8Array): string => Buffer.from(bytesOf).toString('hex');

test('what is read is what was written', async () => {
  await fc.assert(
    fc.asyncProperty(rowsOf, async (rows) => {
      const read = await db.query<{
        uuid: string;
        one: number;
        small: number | null;
        whole: number | null;
        sealed: Buffer;
      }>(
        `select uuid, one::int & 255 as one, small, whole, sealed
           from unnest($1::uuid[], $2::smallint[], $3::int[], $4::bytea[], $5::"char"[]) t(uuid, small, whole, sealed, one)`,
        [
          uuidArray(rows, ({ uuid }) => uuid),
          int2Array(rows, ({ small }) => small),
          int4Array(rows, ({ whole }) => whole),
          byteaArray(rows, 129, ({ sealed }, into, at) => into.set(sealed, at)),
          charArray(rows, ({ one }) => one),
        ],
      );
      const expected = rows.map(({ uuid, one, small, whole, sealed }) => [
        identity(uuid),
        one,
        small,
        whole,
        identity(sealed),
      ]);
      assert.deepEqual(
        read.map(({ uuid, one, small, whole, sealed }) => [
          uuid.replaceAll('-', ''),
          one,
          small,
          whole,
          identity(sealed),
        ]),
        expected,
      );
    }),
    { numRuns: 40, seed: 5 },
  );
});

test('bytes of any lengths are what was written', async () => {
  for (const values of [[], [''], ['00', 'ff00ff', '', 'ab'.repeat(5_000)]]) {
    const sent = bytesArray(values.map((hex) => Buffer.from(hex, 'hex')));
    const read = await db.query<{ value: Buffer }>('select value from unnest($1::bytea[]) value', [sent]);
    assert.deepEqual(
      read.map(({ value }) => value.toString('hex')),
      values,
    );
  }
});

test('uuids that stand one behind the other are what was written', async () => {
  for (const values of [
    [],
    ['0123456789abcdef0123456789abcdef'],
    ['00'.repeat(16), 'ff'.repeat(16), 'a5'.repeat(16)],
  ]) {
    // In two parts, of which the first holds all but one.
    const packed = Buffer.from(values.join(''), 'hex');
    const cut = Math.max(0, packed.length - 16);
    const sent = packedUuidArray([packed.subarray(0, cut), packed.subarray(cut)]);
    const read = await db.query<{ value: string }>('select value from unnest($1::uuid[]) value', [sent]);
    assert.deepEqual(
      read.map(({ value }) => value.replaceAll('-', '')),
      values,
    );
  }
});

test('values that do not fit are refused before they are sent', () => {
  assert.throws(() => int2Array([0x8000], (n) => n), RangeError);
  assert.throws(() => int4Array([0x8000_0000], (n) => n), RangeError);
  assert.throws(() => uuidArray([new Uint8Array(15)], (n) => n), RangeError);
  assert.throws(() => packedUuidArray([new Uint8Array(16), new Uint8Array(15)]), RangeError);
});
