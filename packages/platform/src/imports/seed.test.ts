// The city at the start: from the configuration's files the first time, from the database without them, and no longer from
// the files once the office has sent its own.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY_MS, makeShortCode } from '@tongche/protocol';
import type { Config } from '../config.ts';
import { openBench, startMs, today } from '../test-kit.ts';
import { signedIn } from '../staff-kit.ts';
import { apply, changesOf, send, smallZip } from './feed-kit.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcp-seed-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const files = {
  gtfs: join(folder, 'gtfs.zip'),
  fleet: join(folder, 'fleet.csv'),
  vehicleRuns: join(folder, 'vehicle_runs.csv'),
};
writeFileSync(files.gtfs, smallZip());
writeFileSync(files.fleet, 'unit_id,kind,plate,line_id\nbus-1,bus,粤B12345D,L1\n');
writeFileSync(files.vehicleRuns, 'date,block_id,trip_id,vehicle_id\n,block-L1,,bus-1\n');

test('a sticker that was moved or taken off stays so over a restart with the first files', async () => {
  const code8 = 'AAAAAAAAAAA';
  const codes = join(folder, 'codes.csv');
  writeFileSync(codes, `code8,short_code,unit_id,purpose\n${code8},${makeShortCode(7)},bus-1,passenger\n`);
  const fleet = join(folder, 'two.csv');
  writeFileSync(fleet, 'unit_id,kind,plate,line_id\nbus-1,bus,粤B12345D,L1\nbus-2,bus,粤B12346D,L1\n');
  const bench = await openBench({
    city: 'none',
    adjust: (config) => ({ ...config, city: { ...files, fleet, codes } }),
  });
  const bindings = 'select unit_id, from_ms, to_ms from binding order by from_ms';
  assert.deepEqual(await bench.db.query(bindings), [{ unit_id: 'bus-1', from_ms: 0, to_ms: null }]);
  await bench.platform.moveCode(code8, 'bus-2', startMs);
  const moved = await bench.db.query(bindings);
  assert.equal(moved.length, 2);
  await bench.restart();
  assert.deepEqual(await bench.db.query(bindings), moved);
});

test('files of the configuration are the beginning only', async () => {
  const bench = await openBench({ city: 'none', adjust: (config) => ({ ...config, city: files }) });
  const { db, clock } = bench;
  const runsOf = async (day: number, vehicleId = 'bus-1'): Promise<number> =>
    (
      await db.one<{ n: number }>('select count(*)::int as n from run where day = $1 and vehicle_id = $2', [
        day,
        vehicleId,
      ])
    )?.n ?? 0;
  assert.equal(await runsOf(today), 16);
  const sources = 'select role, origin, sha256, applied_ms from city_source order by role';
  const stored = await db.query(sources);
  assert.equal(stored.length, 2);
  await bench.restart();
  assert.deepEqual(await db.query(sources), stored, 'the same files again write nothing');

  // Without the files the days go on from what is stored.
  await clock.advanceTo(startMs + DAY_MS);
  await bench.restartAs(({ city: _files, ...config }): Config => config);
  assert.equal(await runsOf(today + 3), 16);

  // The office takes another bus for the block: the files, back again, are not read any more.
  const admin = await signedIn(bench, 'admin');
  const applied = await apply(admin, await send(admin, 'vehicle-runs', 'block_id,vehicle_id\nblock-L1,bus-7\n'));
  assert.deepEqual(changesOf(applied), { assignments: '0 1 0 0' });
  await bench.restartAs((config) => ({ ...config, city: files }));
  assert.deepEqual([await runsOf(today + 2), await runsOf(today + 2, 'bus-7')], [0, 16]);
  const row = await db.one<{ origin: string }>("select origin from city_source where role = 'vehicle-runs'");
  assert.equal(row?.origin, 'import');
});
