import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepared } from './index.ts';
import { testDatabase, testEngine } from './test-kit.ts';

const { db } = await testDatabase(await testEngine());

test('a text has one name, and another text another', () => {
  assert.deepEqual(prepared('select 1'), prepared('select 1'));
  assert.notDeepEqual(prepared('select 1'), prepared('select 2'));
});

test('a connection plans it once, whatever it is asked', async () => {
  const text = 'select $1::int + 1 as n';
  await db.tx('prepared', async (tx) => {
    for (const n of [1, 2, 3]) assert.deepEqual(await tx.query(prepared(text), [n]), [{ n: n + 1 }]);
    const rows = await tx.query<{ plans: number }>(
      'select generic_plans + custom_plans as plans from pg_prepared_statements where statement = $1',
      [text],
    );
    assert.deepEqual(rows, [{ plans: 3 }]);
  });
});

test('what a statement says of a table holds after the table has changed', async () => {
  await db.query('create table prepared_row (n int primary key)');
  await db.query('insert into prepared_row select generate_series(1, 9)');
  const count = async () =>
    (await db.query<{ n: number }>(prepared('select count(*)::int as n from prepared_row')))[0]?.n;
  assert.equal(await count(), 9);
  await db.query('drop table prepared_row');
  await db.query('create table prepared_row (n int primary key, more text)');
  assert.equal(await count(), 0);
});
