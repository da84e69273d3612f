// The reader on real feeds, which are no part of the repository: skipped where their folder is absent.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { parsePlate, serviceStartMs, weekdayOf } from '../index.ts';
import { openSource } from './source.ts';
import { createGunzip } from 'node:zlib';
import { cityOf, gtfsZip, readGtfs, readTable, runExpander, runsOf } from './index.ts';
import type { Feed, FeedRead } from './index.ts';

const folder = process.env['TONGCHE_DATA'] ?? join(import.meta.dirname, '../../../../../shared/data');
const feeds = globSync(join(folder, '*/gtfs/*.zip')).sort();
const fleets = globSync(join(folder, '*/afc/shenzhen-bus-fleet.csv.gz'));

/** What is in the feeds, counted a second time by a script that shares no code with the reader. */
type Expected = {
  readonly stops: number;
  readonly lines: number;
  readonly trips: number;
  readonly calls: number;
  readonly span: readonly [fromDay: number, toDay: number];
  /** Runs of a Monday to Sunday that begins at `monday`. */
  readonly monday: number;
  readonly week: readonly number[];
  readonly notes: readonly string[];
};

const EXPECTED: Readonly<Record<string, Expected>> = {
  'nyc-subway-2018.zip': {
    stops: 1_223,
    lines: 22,
    trips: 15_911,
    calls: 446_924,
    span: [17_706, 17_838],
    monday: 17_714,
    week: [6_831, 6_831, 4_781, 6_831, 6_831, 4_781, 4_299],
    notes: ['shapes-ignored', 'transfers-ignored', 'calendar-over'],
  },
  'mexico-city-2018.zip': {
    stops: 6_021,
    lines: 145,
    trips: 1_741,
    calls: 70_714,
    span: [17_532, 18_261],
    monday: 17_539,
    week: [40_538, 40_330, 40_346, 40_380, 40_356, 30_121, 26_008],
    notes: ['other-files-ignored', 'shapes-ignored', 'headways-approximate', 'calendar-over'],
  },
  'hk-shenzhen-highspeed-2026.zip': {
    stops: 18,
    lines: 1,
    trips: 82,
    calls: 198,
    span: [20_479, 20_485],
    monday: 20_479,
    week: [78, 78, 78, 78, 78, 82, 78],
    notes: ['attributions-ignored', 'pathways-ignored', 'shapes-ignored', 'calendar-over'],
  },
  'donan-muroran-bus-2017.zip': {
    stops: 717,
    lines: 78,
    trips: 706,
    calls: 26_408,
    span: [17_257, 17_621],
    monday: 17_266,
    week: [388, 388, 388, 388, 388, 318, 318],
    notes: ['fares-ignored', 'other-files-ignored', 'shapes-ignored', 'calendar-over'],
  },
  'google-sample-feed.zip': {
    stops: 9,
    lines: 5,
    trips: 11,
    calls: 28,
    span: [13_514, 14_974],
    monday: 13_521,
    week: [140, 140, 140, 140, 140, 144, 144],
    notes: ['fares-ignored', 'shapes-ignored', 'headways-approximate', 'calendar-over'],
  },
  'miyako-muroran-ferry-2018.zip': {
    stops: 2,
    lines: 1,
    trips: 2,
    calls: 4,
    span: [17_704, 18_077],
    monday: 17_714,
    week: [2, 2, 2, 2, 2, 2, 2],
    notes: ['fares-ignored', 'calendar-over'],
  },
};

/** Friday 20 November 2026: all of the feeds are over. */
const TODAY = 20_777;
const HOUR_MS = 3_600_000;

function feedPath(name: string): string {
  return feeds.find((path) => basename(path) === name) ?? '';
}

/** A feed as one text: half a million calls are compared in a second so, in a quarter of a minute as objects. */
function textOf(feed: Feed): string {
  return JSON.stringify({ ...feed, stopTimes: [...feed.stopTimes] });
}

async function readReal(path: string): Promise<FeedRead> {
  const read = await readGtfs(path, { todayDay: TODAY });
  assert.ok(read.ok);
  assert.deepEqual(read.value.errors, []);
  return read.value;
}

describe(
  'real feeds',
  { skip: feeds.length === 0 ? 'no folder of real data (TONGCHE_DATA or ../shared/data)' : false },
  () => {
    for (const path of feeds) {
      const expected = EXPECTED[basename(path)];
      describe(basename(path), { skip: expected === undefined ? 'not counted' : false }, () => {
        let read: FeedRead;
        let feed: Feed;
        before(async () => {
          read = await readReal(path);
          feed = read.feed;
        });

        it('has the rows, the days and the runs it should', () => {
          const city = cityOf({ feed, units: [], codes: [] });
          // Not the city's own, which keeps the last days at hand: a day of Mexico City has 1.6 million calls.
          const expand = runExpander(feed, city.zone);
          let calls = 0;
          for (const times of feed.stopTimes.values()) calls += times.length;
          const monday = expected?.monday ?? 0;
          const found: Expected = {
            stops: city.stops.length,
            lines: city.lines.length,
            trips: feed.trips.length,
            calls,
            span: [read.span?.fromDay ?? 0, read.span?.toDay ?? 0],
            monday,
            week: [0, 1, 2, 3, 4, 5, 6].map((at) => expand(monday + at).length),
            notes: read.notes,
          };
          assert.equal(weekdayOf(monday), 0);
          assert.deepEqual(found, expected);
        });

        it('expands into runs in order of time, at known stops', () => {
          const city = cityOf({ feed, units: [], codes: [] });
          const stops = new Set(city.stops.map(({ id }) => id));
          const lines = new Set(city.lines.map(({ id }) => id));
          const runs = runsOf(feed, expected?.monday ?? 0, city.zone);
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

        it('runs today as it did in that week', () => {
          const monday = expected?.monday ?? 0;
          const city = cityOf({ feed, units: [], codes: [], asOfDay: monday });
          const today = city.runs(TODAY);
          assert.equal(today.length, expected?.week[weekdayOf(TODAY)]);
          assert.ok(today.every(({ day, runKey }) => day === TODAY && runKey.startsWith(`${TODAY}:`)));
        });

        it('is the same city read again, and after writing', async () => {
          const again = await readGtfs(path);
          const written = await readGtfs(gtfsZip(feed));
          assert.ok(again.ok && written.ok);
          const text = textOf(feed);
          assert.ok(textOf(again.value.feed) === text, 'read again');
          assert.ok(textOf(written.value.feed) === text, 'read after writing');
          const city = cityOf({ feed, units: [], codes: [] });
          const same = cityOf({ feed: written.value.feed, units: [], codes: [] });
          assert.deepEqual([same.lines, same.directions, same.stops], [city.lines, city.directions, city.stops]);
          const monday = expected?.monday ?? 0;
          assert.deepEqual(same.runs(monday).slice(0, 1_000), city.runs(monday).slice(0, 1_000));
        });
      });
    }

    it('hold a ferry that arrives the next morning', async (t) => {
      const path = feedPath('miyako-muroran-ferry-2018.zip');
      if (path === '') return t.skip('not there');
      const { feed } = await readReal(path);
      const city = cityOf({ feed, units: [], codes: [] });
      const [out, back] = city.runs(17_714).map(({ stops }) => stops);
      const startMs = serviceStartMs(17_714, 'Asia/Tokyo');
      const hours = [out, back].map((stops) => [
        ((stops?.[0]?.depMs ?? 0) - startMs) / HOUR_MS,
        ((stops?.[1]?.arrMs ?? 0) - startMs) / HOUR_MS,
      ]);
      assert.deepEqual(hours, [
        [8, 18],
        [20, 30],
      ]);
      assert.equal(city.lines[0]?.mode, 'ferry');
    });

    it('hold names in simplified Chinese and English', async (t) => {
      const path = feedPath('hk-shenzhen-highspeed-2026.zip');
      if (path === '') return t.skip('not there');
      const { feed } = await readReal(path);
      const city = cityOf({ feed, units: [], codes: [] });
      const name = city.stops.find(({ name: { en } }) => /west kowloon/i.test(en))?.name;
      assert.match(name?.zh ?? '', /香港西九龙/);
      assert.ok(city.stops.every(({ name: { zh, en } }) => /[\u4e00-\u9fff]/.test(zh) && /[a-z]/i.test(en)));
    });
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
