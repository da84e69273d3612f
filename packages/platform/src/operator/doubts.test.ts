// The console's counts of doubtful rides: by reason, by vehicle and hour, by line, found and paged; a tag used twice is shown
// and is no doubt.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DoubtList, Overview, VehicleDetail, VehicleList } from '@tongche/contract';
import { dayStartMs, MINUTE_MS, toBase64Url } from '@tongche/protocol';
import { signedIn } from '../staff-kit.ts';
import { codeBytes, openBench, today, zone } from '../test-kit.ts';
import type { RideOptions } from '../test-kit.ts';

const bench = await openBench();
const { authority, clock, db, post } = bench;
const admin = await signedIn(bench, 'admin');
const at = (hour: number, minute: number): number => dayStartMs(today, zone) + (hour * 60 + minute) * MINUTE_MS;

async function scan(options: RideOptions): Promise<void> {
  const answer = await post((await authority.ride({ queued: true, ...options })).record);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}
async function ask<T>(path: string): Promise<T> {
  // Older than this nothing is shown without being counted anew first.
  await clock.advance(3 * MINUTE_MS);
  const answer = await admin('GET', `/operator/api${path}`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as T;
}
const rowsOf = ({ rows }: DoubtList) => rows.map(({ unit, rides }) => [unit?.unitId ?? null, rides]);

test('a day without doubt', async () => {
  await scan({ code: 1, boardedMs: at(8, 5) });
  const list = await ask<DoubtList>('/doubts');
  assert.deepEqual([list.rides, list.doubts, list.reused, list.rows, list.total], [0, [], 0, [], 0]);
});

test('doubtful rides are counted by reason, vehicle and hour', async () => {
  // Eight heads each: the first fifteen pass the doors in a minute, the next five fit in, the last three do not.
  for (let n = 0; n < 23; n += 1) await scan({ code: 2, party: 7, boardedMs: at(8, 6) });
  await scan({ code: 2, party: 7, boardedMs: at(7, 10) });
  for (const minute of [1, 2]) await scan({ code: 1, boardedMs: at(3, minute) });
  await scan({ code: 1, boardedMs: at(3, 1), slot: 1, phone: 8_613_900_009_999n });
  await scan({ code: 1, boardedMs: at(8, 1), slot: 1, phone: 8_613_900_009_999n });
  await db.query(`delete from binding where code_id = (select code_id from code where code8 = $1)`, [
    Buffer.from(codeBytes(7)),
  ]);
  await bench.platform.moveCode(toBase64Url(codeBytes(6)), 'bus-1', 1);
  await scan({ code: 7, boardedMs: at(8, 7) });

  const list = await ask<DoubtList>('/doubts');
  assert.deepEqual([list.rides, list.reused], [12, 1]);
  assert.deepEqual(list.doubts, [
    { doubt: 'crowded-minute', rides: 8 },
    { doubt: 'over-capacity', rides: 3 },
    { doubt: 'out-of-service', rides: 3 },
    { doubt: 'unbound', rides: 1 },
  ]);
  assert.deepEqual(rowsOf(list), [
    ['bus-2', 8],
    ['bus-1', 3],
    [null, 1],
  ]);
  const [crowded, idle] = list.rows;
  assert.deepEqual(crowded?.doubts, [
    { doubt: 'crowded-minute', rides: 8 },
    { doubt: 'over-capacity', rides: 3 },
  ]);
  assert.deepEqual([crowded.hours[8], crowded.hours[7], idle?.hours[3], idle?.hours[8]], [8, 0, 3, 0]);
  assert.equal(crowded.line?.id, 'M133');
});

test('they are found by line, reason and name, and come page by page', async () => {
  assert.deepEqual(rowsOf(await ask<DoubtList>('/doubts?doubt=out-of-service')), [['bus-1', 3]]);
  assert.deepEqual(rowsOf(await ask<DoubtList>('/doubts?doubt=far-away')), []);
  assert.deepEqual(rowsOf(await ask<DoubtList>('/doubts?q=12346')), [['bus-2', 8]]);
  assert.deepEqual(rowsOf(await ask<DoubtList>('/doubts?line=M133')).length, 2);
  assert.deepEqual(rowsOf(await ask<DoubtList>('/doubts?line=')), [[null, 1]]);
  const seen: unknown[] = [];
  let after = '';
  for (let page = 0; page < 5; page += 1) {
    const list = await ask<DoubtList>(`/doubts?limit=1${after}`);
    assert.equal(list.total, 3);
    seen.push(...rowsOf(list));
    if (list.next === null) break;
    after = `&after=${list.next}`;
  }
  assert.deepEqual(seen, [
    ['bus-2', 8],
    ['bus-1', 3],
    [null, 1],
  ]);
  assert.deepEqual(rowsOf(await ask<DoubtList>('/doubts?limit=1&after=gone')), []);
});

test('overview, vehicle list and vehicle say the same', async () => {
  const { totals, lines } = await ask<Overview>('/overview');
  assert.equal(totals.flagged, 12);
  assert.equal(totals.doubts[0]?.doubt, 'crowded-minute');
  assert.equal(lines.find(({ line }) => line?.id === 'M133')?.flagged, 11);
  const { rows } = await ask<VehicleList>('/vehicles');
  assert.deepEqual(
    rows.filter(({ flagged }) => flagged > 0).map(({ unit, flagged }) => [unit.unitId, flagged]),
    [
      ['bus-1', 3],
      ['bus-2', 8],
    ],
  );
  const detail = await ask<VehicleDetail>('/vehicles/bus-1');
  assert.deepEqual(detail.doubts, [{ doubt: 'out-of-service', rides: 3 }]);
  assert.equal(detail.doubtHours[3], 3);
  const heads = lines.reduce((sum, { heads: n }) => sum + n, 0);
  assert.equal(heads, totals.heads, 'they count like all others');
});
