// Real files, which are no part of the repository, through the office's door: skipped where their folder is absent.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBench } from '../test-kit.ts';
import { signedIn } from '../staff-kit.ts';
import { apply, changesOf, send } from './feed-kit.ts';

const folder = process.env['TONGCHE_DATA'] ?? join(import.meta.dirname, '../../../../../shared/data');
const files = {
  fleet: join(folder, 'local-only/afc/shenzhen-bus-fleet.csv.gz'),
  lines: join(folder, 'open-licence/network/shenzhen-bus-line-stops.csv.gz'),
  newYork: join(folder, 'local-only/gtfs/nyc-subway-2018.zip'),
};
const missing = Object.values(files).some((path) => !existsSync(path));
const skip = missing ? 'no folder of real data (TONGCHE_DATA or ../shared/data)' : false;
const bytes = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));

test('the buses of Shenzhen with their network: taken in once, issued codes, taken in again', { skip }, async () => {
  const bench = await openBench();
  const admin = await signedIn(bench, 'admin');
  const network = await apply(admin, await send(admin, 'line-stops', bytes(files.lines)), 'good-rows');
  assert.equal(network.body['state'], 'applied', JSON.stringify(network.body));
  const checked = await send(admin, 'fleet', bytes(files.fleet), { platePrefix: '粤B' });
  assert.deepEqual([checked.body['rows'], checked.body['good']], [1640, 1640], JSON.stringify(checked.body['errors']));
  const fleet = await apply(admin, checked);
  assert.match(changesOf(fleet)['units'] ?? '', /^1640 0 0 \d+$/);
  const codes = await admin('POST', '/operator/api/codes', { missing: true, perUnit: 3, purpose: 'passenger' });
  assert.deepEqual([codes.body['units'], codes.body['codes']], [1640, 4920]);
  const again = await apply(admin, await send(admin, 'fleet', bytes(files.fleet), { platePrefix: '粤B' }));
  assert.deepEqual(changesOf(again), { units: '0 0 1640 0' });
  const lines = await apply(admin, await send(admin, 'line-stops', bytes(files.lines)), 'good-rows');
  for (const counts of Object.values(changesOf(lines))) assert.match(counts, /^0 0 \d+ 0$/);
  const linesOut = await admin.raw('GET', '/operator/api/exports/line-stops');
  const linesBack = await send(admin, 'line-stops', new Uint8Array(await linesOut.arrayBuffer()));
  assert.equal(linesBack.body['errorCount'], 0, JSON.stringify(linesBack.body['errors']));
  for (const [what, counts] of Object.entries(changesOf(linesBack))) assert.match(counts, /^0 0 [1-9]\d* 0$/, what);
  const out = await admin.raw('GET', '/operator/api/exports/fleet');
  const back = await send(admin, 'fleet', new Uint8Array(await out.arrayBuffer()));
  assert.deepEqual(changesOf(back), { units: '0 0 1640 0' });
});

test('riders register while New York’s timetable is checked and taken in as of a day of 2018', { skip }, async () => {
  const bench = await openBench();
  const admin = await signedIn(bench, 'admin');
  const { authority, post } = bench;
  async function meanwhile<T>(work: Promise<T>): Promise<T> {
    const state = { done: false };
    const finished = work.finally(() => (state.done = true));
    let answered = 0;
    while (!state.done) {
      const ride = await post((await authority.ride({ code: 1 + (answered % 2) })).record);
      assert.equal(ride.status, 200);
      if (!state.done) answered += 1;
    }
    assert.ok(answered > 20, `${answered} rides meanwhile`);
    return finished;
  }
  const checked = await meanwhile(send(admin, 'gtfs', bytes(files.newYork), { asOf: '2018-09-12' }));
  assert.equal(checked.status, 200, JSON.stringify(checked.body));
  const applied = await meanwhile(apply(admin, checked, 'good-rows'));
  assert.equal(applied.body['state'], 'applied', JSON.stringify(applied.body));
  const row = await bench.db.one<{ n: number }>('select count(distinct day)::int as n from run where line_id = $1', [
    '1',
  ]);
  // Today, tomorrow and the day after; yesterday is over.
  assert.equal(row?.n, 3);
});
