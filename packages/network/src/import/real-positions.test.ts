// Positions of real buses against their schedule, which are no part of the repository: skipped where their folder is absent.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { runMatcher, timelineOf } from '../index.ts';
import { markMatches, markTimelines, readAustin } from './austin-kit.ts';
import type { AustinDay } from './austin-kit.ts';
import { positionsCsv, readPositions, readVehiclePositions } from './index.ts';

const data = process.env['TONGCHE_DATA'] ?? join(import.meta.dirname, '../../../../../shared/data');
const absent = existsSync(join(data, 'open-licence/avl'))
  ? false
  : 'no folder of real data (TONGCHE_DATA or ../shared/data)';
/** Enough for a verdict within seconds; `npm run bench -- positions` takes all. */
const VEHICLES = 40;

describe("Austin's buses", { skip: absent }, () => {
  let austin: AustinDay;
  before(async () => {
    // The day that no constant of the matcher was chosen by.
    austin = await readAustin(data, '2016-11-26');
  });

  it('are all read, and read back', async () => {
    const rows = [...austin.vehicles.values()].flat();
    assert.equal(rows.length, 33_140);
    assert.equal(austin.vehicles.size, 183);
    const again = await readPositions(Buffer.from(positionsCsv(rows)));
    assert.deepEqual(again.rows, rows);
  });

  it('are matched to the trip they name where they drove it', () => {
    const marks = markMatches(austin, 'trip', VEHICLES);
    assert.ok(marks.right >= 0.95 && marks.wrong <= 0.001, JSON.stringify(marks));
  });

  it('are matched without the trip, by line or by place alone, and seldom to the wrong one', () => {
    const byLine = markMatches(austin, 'route', VEHICLES);
    assert.ok(byLine.right >= 0.9 && byLine.wrong <= 0.02 && byLine.sureRight >= 0.98, JSON.stringify(byLine));
    const byPlace = markMatches(austin, 'nothing', VEHICLES);
    assert.ok(byPlace.right >= 0.85 && byPlace.wrong <= 0.03 && byPlace.sureRight >= 0.97, JSON.stringify(byPlace));
  });

  it('have timelines near where they were seen', () => {
    const match = runMatcher(austin.runs, austin.stops);
    const runs = new Map(austin.runs.map((run) => [run.runKey, run]));
    let stops = 0;
    let measured = 0;
    for (const positions of [...austin.vehicles.values()].slice(0, VEHICLES)) {
      for (const { runKey, fromMs, toMs } of match(positions)) {
        const run = runs.get(runKey);
        if (run === undefined) continue;
        const timeline = timelineOf(
          run,
          positions.filter(({ atMs }) => fromMs <= atMs && atMs <= toMs),
          austin.stops,
        );
        let lastMs = -Infinity;
        for (const { arrMs, depMs, basis } of timeline.stops) {
          assert.ok(lastMs <= arrMs && arrMs <= depMs);
          if (basis !== 'scheduled') assert.ok(fromMs <= arrMs && depMs <= toMs);
          lastMs = depMs;
          stops += 1;
          measured += basis === 'scheduled' ? 0 : 1;
        }
      }
    }
    assert.ok(stops > 10_000 && measured / stops > 0.8, `${measured} of ${stops}`);
  });

  it('have timelines nearer to the truth than the timetable is', () => {
    const marks = markTimelines(austin, VEHICLES);
    const better = marks.medianS < marks.scheduleMedianS && marks.p90S < marks.scheduleP90S;
    assert.ok(marks.stops > 500 && better && marks.medianS <= 60 && marks.p90S <= 180, JSON.stringify(marks));
  });
});

describe('sample feeds of vehicle positions', { skip: absent }, () => {
  const sample = (name: string): Uint8Array => readFileSync(join(data, 'open-licence/gtfs-rt', name));

  it('are read, their time being that of the fetch', () => {
    const plain = readVehiclePositions(sample('vehicle_position.pb'), { receivedMs: 1_000 });
    assert.ok(plain.ok);
    assert.deepEqual(plain.value.positions, [{ vehicleId: '1', tripId: 't0', atMs: 1_000, lat: 47, lon: -122 }]);
    assert.equal(plain.value.version, '1.0');
    const full = readVehiclePositions(sample('vehicle_position_occupancy.pb'), { receivedMs: 1_000 });
    assert.ok(full.ok);
    assert.deepEqual(full.value.positions, [
      { vehicleId: '1', tripId: 'A', atMs: 1_000, lat: 50, lon: -60, occupancy: 'few-seats' },
    ]);
  });
});
