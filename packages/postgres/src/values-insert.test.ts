// INSERT ... VALUES of many rows beside the same rows through unnest: what is stored, what is answered, how large it gets.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { valuesInserter } from './index.ts';
import type { Database, InsertColumn } from './index.ts';
import { testDatabase, testEngine } from './test-kit.ts';
import { rowsOfStatement, statementSize, valuesText } from './values-insert.ts';

interface Row {
  readonly id: number;
  readonly part: number;
  readonly key: Buffer;
  readonly note: Buffer | null;
}

let db: Database;
before(async () => {
  ({ db } = await testDatabase(await testEngine()));
  for (const table of ['by_values', 'by_unnest']) {
    await db.query(
      `create table ${table} (id int, part smallint, key uuid, note bytea, primary key (id, part)) partition by range (part);
       create table ${table}_1 partition of ${table} for values from (0) to (10)`,
    );
  }
});

const columns: readonly InsertColumn<Row>[] = [
  { name: 'id', valueOf: ({ id }) => id },
  { name: 'part', valueOf: ({ part }) => part },
  { name: 'key', valueOf: ({ key }) => key },
  { name: 'note', valueOf: ({ note }) => note },
];
const ending = 'on conflict do nothing returning id, part';
const insert = valuesInserter<Row>({ table: 'by_values', columns, ending });

async function unnest(rows: readonly Row[]): Promise<readonly unknown[]> {
  return db.query(
    `insert into by_unnest select * from unnest($1::int[], $2::smallint[], $3::uuid[], $4::bytea[]) ${ending}`,
    [
      rows.map(({ id }) => id),
      rows.map(({ part }) => part),
      rows.map(({ key }) => key.toString('hex')),
      rows.map(({ note }) => note),
    ],
  );
}

const row: fc.Arbitrary<Row> = fc.record({
  id: fc.integer({ min: 1, max: 300 }),
  part: fc.integer({ min: 0, max: 9 }),
  key: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
  note: fc.option(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))),
});
const stored = async (table: string): Promise<readonly unknown[]> =>
  db.query(`select * from ${table} order by id, part`);

test('random rows, repeated ones among them, leave the same table and the same answer as through unnest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 70 }), async (rows) => {
      assert.deepEqual(await insert(db, rows), await unnest(rows));
    }),
    { numRuns: 40, seed: 20_261_128 },
  );
  const rows = await stored('by_values');
  assert.ok(rows.length > 100);
  assert.deepEqual(rows, await stored('by_unnest'));
});

test('a row that fits nowhere fails the whole statement, as through unnest', async () => {
  const before = await stored('by_values');
  const rows = [1, 99].map((part) => ({ id: 1_000, part, key: Buffer.alloc(16), note: null }));
  await assert.rejects(insert(db, rows), { code: '23514' });
  await assert.rejects(unnest(rows), { code: '23514' });
  assert.deepEqual(await stored('by_values'), before);
});

test('more rows than one statement may have parameters for go in several', async () => {
  const count = rowsOfStatement(columns.length) + 1;
  const rows = Array.from({ length: count }, (_, n) => ({
    id: 10_000 + n,
    part: 0,
    key: Buffer.alloc(16),
    note: null,
  }));
  const written = await db.tx('many', async (tx) => insert<{ readonly id: number }>(tx, rows));
  assert.equal(written.length, count);
});

test('statements are few, and none has more parameters than the protocol counts', async () => {
  for (const width of [1, 4, 13, 15, 16, 40]) {
    const most = rowsOfStatement(width);
    assert.ok(most * width <= 65_535 && most * 2 * width > 65_535, `${width} columns`);
    assert.equal(statementSize(most), most);
  }
  const sizes = new Set(Array.from({ length: 4_096 }, (_, n) => statementSize(n + 1)));
  assert.equal(sizes.size, 24);
  for (let rows = 1; rows <= 4_096; rows += 1) {
    const size = statementSize(rows);
    assert.ok(size >= rows && size * 2 <= rows * 3 + 1, `${rows} rows`);
  }
});

test('the statement names its columns and numbers its parameters row by row', () => {
  const two = [columns[0], columns[1]].flatMap((column) => column ?? []);
  assert.equal(
    valuesText({ table: 'ride', columns: two, ending }, 2),
    'insert into ride (id, part) values ($1,$2),($3,$4) on conflict do nothing returning id, part',
  );
});
