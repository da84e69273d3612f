// Migration 0009 on a database that has rides already: every ride arrives in the smaller row as it was.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { migrate } from '@tongche/postgres';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';
import { dayStartMs, fromHex, MINUTE_MS, rideIdBounds, toBase64Url, unwrap, uuidText } from '@tongche/protocol';
import { zone } from '../test-kit.ts';
import { eraseRides, matchTags, ridesOfSpans } from './rides.ts';

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));
const before = mkdtempSync(join(tmpdir(), 'tcp-'));
after(() => rmSync(before, { recursive: true, force: true }));
for (const file of readdirSync(migrations)) if (file < '0009') cpSync(join(migrations, file), join(before, file));

const days = [20_777, 20_778];
const boardedMs = (day: number, minute: number): number => dayStartMs(day, zone) + minute * MINUTE_MS;
const lowest = (day: number): string => uuidText(rideIdBounds(dayStartMs(day, zone), dayStartMs(day, zone))[0]);
const highest = (ms: number): string => uuidText(rideIdBounds(ms, ms)[1]);
const tagHex = (digit: string): string => digit.repeat(32);

const { db } = await testDatabase(await testEngine());
await migrate(db, before, { app: 'platform' });
for (const day of days) {
  await db.query(
    `create table ride_d${day} partition of ride for values from ('${lowest(day)}') to ('${lowest(day + 1)}')`,
  );
}
const sealed = Buffer.from(Array.from({ length: 129 }, (_, n) => n));
const rows = [
  { day: 20_777, minute: 0, tag: '0', run: 7, boardSeq: 0, iss: 1, codeId: 1 },
  { day: 20_777, minute: 1_439, tag: 'f', run: null, boardSeq: null, iss: -1, codeId: 1 },
  { day: 20_778, minute: 0, tag: '8', run: 2_000_000_000, boardSeq: 69, iss: 1, codeId: 2 },
];
for (const { day, minute, tag, run, boardSeq, iss, codeId } of rows) {
  await db.query(
    `insert into ride (ride_id, tag, erase_c, code_id, received_s, run, no, board_seq, w2, iss, suite, flags, sealed)
     values ($1, $2, $3, $4, $5, $6, 70000, $7, $8, $9, 1, 1281, $10)`,
    [
      highest(boardedMs(day, minute)),
      tagHex(tag),
      tagHex('e'),
      codeId,
      boardedMs(day, minute) / 1000 + 61,
      run,
      boardSeq,
      minute,
      iss,
      sealed,
    ],
  );
}
const expected = rows.map(({ day, minute, tag, run, boardSeq, iss, codeId }) => ({
  codeId,
  rideId: highest(boardedMs(day, minute)),
  boardedMs: boardedMs(day, minute),
  tag: toBase64Url(unwrap(fromHex(tagHex(tag)))),
  eraseC: toBase64Url(unwrap(fromHex(tagHex('e')))),
  receivedS: boardedMs(day, minute) / 1000 + 61,
  run,
  boardSeq,
  w2: minute,
  iss: iss < 0 ? 65_535 : iss,
  suite: 1,
  flags: 1_281,
  sealed: toBase64Url(sealed),
}));
const span = { fromMs: boardedMs(20_777, 0), toMs: boardedMs(20_778, 1_439) };

test('rides of several days, with and without a run, are what they were', async () => {
  await migrate(db, migrations, { app: 'platform' });
  const spans = [1, 2].map((codeId) => ({ codeId, ...span }));
  const found = await ridesOfSpans(db, spans, 10);
  assert.deepEqual(
    found.toSorted((a, b) => a.boardedMs - b.boardedMs),
    expected,
  );
  const tags = unwrap(fromHex(rows.map(({ tag }) => tagHex(tag).replaceAll('-', '')).join('')));
  assert.deepEqual(await matchTags(db, tags, span.fromMs, span.toMs, 10), expected);
  assert.deepEqual(await db.query('select distinct no from ride'), [{ no: 70_000 }]);
  const left = await db.query(`select relname from pg_class where relname like 'before%'`);
  assert.deepEqual(left, []);
});

test('the days keep their bounds', async () => {
  const insert = (rideId: string): Promise<unknown> =>
    db.query(
      `insert into ride select $1::uuid, tag, erase_c, 9, received_s, run, no, board_seq, w2, iss, flags, suite, enc, ct
         from ride where code_id = 2`,
      [rideId],
    );
  await insert(lowest(20_777));
  await assert.rejects(insert(highest(boardedMs(20_777, 0) - 1)), { code: '23514' });
  await assert.rejects(insert(lowest(20_779)), { code: '23514' });
});

test('a look-up of tags goes by their index, and the tag itself decides', async () => {
  const plan = await db.tx('plan', async (tx) => {
    await tx.query('set local enable_seqscan = off');
    return tx.query<{ 'QUERY PLAN': string }>(
      `explain select 1 from ride where uuid_hash_extended(tag, 0) = any(array(select uuid_hash_extended(one, 0)
         from unnest(array['${tagHex('0')}'::uuid]) one)) and tag = any(array['${tagHex('0')}'::uuid])`,
    );
  });
  assert.match(
    plan.map((line) => line['QUERY PLAN']).join('\n'),
    /Index (Only )?Scan.*uuid_hash_extended|Bitmap Index Scan/,
  );
  const erase = { tag: tagHex('8'), eraseC: tagHex('e'), ...span, receivedFromS: 0 };
  assert.equal((await eraseRides(db, { ...erase, eraseC: tagHex('d') })).length, 0);
  assert.equal((await eraseRides(db, { ...erase, tag: tagHex('7') })).length, 0);
  assert.equal((await eraseRides(db, erase)).length, 2);
});
