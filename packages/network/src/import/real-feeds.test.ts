// The reader on real feeds, which are no part of the repository: skipped where their folder is absent.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { parsePlate, weekdayOf } from '../index.ts';
import { openSource } from './source.ts';
import { createGunzip } from 'node:zlib';
import { cityOf, gtfsZip, readGtfs, readTable, runsOf } from './index.ts';
import type { Feed } from './index.ts';

const folder = process.env['TONGCHE_DATA'] ?? join(import.meta.dirname, '../../../../../shared/data');
const feeds = globSync(join(folder, '*/gtfs/*.zip')).sort();
const fleets = globSync(join(folder, '*/afc/shenzhen-bus-fleet.csv.gz'));

/** A day on which many trips of the feed run: the first day of the service with the most trips that falls on a weekday it serves. */
function busyDay(feed: Feed): number {
  const trips = Map.groupBy(feed.trips, ({ serviceId }) => serviceId);
  const [busiest] = [...trips].sort(([, a], [, b]) => b.length - a.length);
  const service = feed.services.find(({ id, weekdays }) => id === busiest?.[0] && weekdays.includes(true));
  const added = feed.exceptions.find(({ serviceId, added }) => added && serviceId === busiest?.[0]);
  if (service === undefined) return added?.day ?? 0;
  const removed = new Set(feed.exceptions.filter((e) => !e.added && e.serviceId === service.id).map(({ day }) => day));
  for (let day = service.fromDay; day <= service.toDay; day += 1) {
    if ((service.weekdays[weekdayOf(day)] ?? false) && !removed.has(day)) return day;
  }
  return service.fromDay;
}

describe(
  'real feeds',
  { skip: feeds.length === 0 ? 'no folder of real data (TONGCHE_DATA or ../shared/data)' : false },
  () => {
    for (const path of feeds) {
      describe(basename(path), () => {
        let feed: Feed;
        before(async () => {
          const read = await readGtfs(path);
          assert.ok(read.ok);
          assert.deepEqual(read.value.errors, []);
          feed = read.value.feed;
        });

        it('expands into runs in order of time, at known stops', () => {
          const city = cityOf({ feed, units: [], codes: [] });
          const stops = new Set(city.stops.map(({ id }) => id));
          const lines = new Set(city.lines.map(({ id }) => id));
          const runs = runsOf(feed, busyDay(feed), city.zone);
          assert.ok(runs.length > 0);
          assert.equal(new Set(runs.map(({ runKey }) => runKey)).size, runs.length);
          for (const run of runs) {
            assert.ok(lines.has(run.lineId) && run.stops.length >= 2);
            let lastMs = 0;
            for (const { stopId, arrMs, depMs } of run.stops) {
              assert.ok(stops.has(stopId) && lastMs <= arrMs && arrMs <= depMs, run.runKey);
              lastMs = depMs;
            }
          }
          for (const direction of city.directions)
            assert.ok(direction.stops.length >= 2 && lines.has(direction.lineId));
        });

        it('reads back equal after writing', async () => {
          const again = await readGtfs(gtfsZip(feed));
          assert.ok(again.ok);
          assert.deepEqual(again.value.feed, feed);
        });
      });
    }
  },
);

describe(
  'a real fleet',
  { skip: fleets.length === 0 ? 'no folder of real data (TONGCHE_DATA or ../shared/data)' : false },
  () => {
    it('has plates of which nearly all are read', async () => {
      for (const path of fleets) {
        const errors = { errors: [], total: 0 };
        let good = 0;
        const rows = await readTable(openSource(path).pipe(createGunzip()), {
          file: basename(path),
          columns: ['car_no'],
          errors,
          onRow: (row) => (good += parsePlate(row.text('car_no'), '粤B').ok ? 1 : 0),
        });
        assert.equal(errors.total, 0);
        assert.ok(good / rows > 0.99, `${good} of ${rows}`);
      }
    });
  },
);
