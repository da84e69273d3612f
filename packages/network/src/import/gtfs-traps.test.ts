// What real feeds do to readers: odd line ends, missing calendars, untimed calls, rows to mend, calendars that are over.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { serviceStartMs, weekdayOf } from '../index.ts';
import type { RunStop } from '../index.ts';
import { cityOf, feedDayOf, gtfsZip, readCity, readGtfs, rejectedCsv, runsOf } from './index.ts';
import type { FeedRead } from './index.ts';
import { zip } from './zip-write.ts';

const seed = 20_261_120;
const ZONE = 'Asia/Shanghai';
/** Friday 20 November 2026. */
const FRIDAY = 20_777;
const DAY_MS = 86_400_000;

const SMALL: Readonly<Record<string, string>> = {
  'agency.txt': 'agency_id,agency_name,agency_url,agency_timezone\nA,海京,https://a.example,Asia/Shanghai\n',
  'stops.txt':
    'stop_id,stop_name,stop_lat,stop_lon\n1,一,22.500,115.5\n2,二,22.501,115.5\n3,三,22.504,115.5\n4,四,22.510,115.5\n',
  'routes.txt': 'route_id,route_short_name,route_long_name,route_type\nR,7路,,3\n',
  'calendar.txt':
    'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nwd,1,1,1,1,1,0,0,20180101,20181231\n',
  'trips.txt': 'route_id,service_id,trip_id\nR,wd,t\n',
  'stop_times.txt':
    'trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,08:00:00,08:00:00,1,1\nt,08:10:00,08:10:00,4,4\n',
};

type Changes = Readonly<Record<string, string | undefined>>;

async function read(changes: Changes = {}, todayDay?: number): Promise<FeedRead> {
  const entries = Object.entries({ ...SMALL, ...changes });
  const files = entries.flatMap(([name, text]) => (text === undefined ? [] : [{ name, data: Buffer.from(text) }]));
  const result = await readGtfs(zip(files), todayDay === undefined ? {} : { todayDay });
  assert.ok(result.ok);
  return result.value;
}

/** Seconds after eight at which the one trip calls. */
function callsOf({ feed }: FeedRead): readonly number[] {
  const [run] = runsOf(feed, 17_533, ZONE);
  return (run?.stops ?? []).map(({ arrMs }) => (arrMs - serviceStartMs(17_533, ZONE)) / 1000 - 28_800);
}

const CALLS = 'trip_id,arrival_time,departure_time,stop_id,stop_sequence';

describe('tables as they are found', () => {
  it('reads a byte order mark, CRLF, quoted newlines, spaces, columns of its own and in any order', async () => {
    const stops =
      '\uFEFFmyown,stop_lon,stop_lat,"stop_name", stop_id \r\n' +
      ',115.5,22.500,一,1\r\n,115.5,22.501,"二\r\n(北)",2\r\n"a, b",115.5,22.504, 三 ,3\r\n\r\n,115.5,22.510,"四 ""路""",4\r\n';
    const { feed, errors, rowCounts } = await read({ 'stops.txt': stops });
    assert.deepEqual(errors, []);
    assert.deepEqual(
      feed.stops.map(({ name }) => name),
      ['一', '二\r\n(北)', '三', '四 "路"'],
    );
    assert.equal(rowCounts.get('stops.txt'), 4);
  });

  it('does without calendar.txt, and without any optional file', async () => {
    const dates = 'service_id,date,exception_type\nwd,20180102,1\nwd,20180103,2\n';
    const { feed, errors, span } = await read({ 'calendar.txt': undefined, 'calendar_dates.txt': dates });
    assert.deepEqual(errors, []);
    assert.deepEqual(span, { fromDay: 17_533, toDay: 17_533 });
    assert.equal(runsOf(feed, 17_533, ZONE).length, 1);
    assert.equal(runsOf(feed, 17_534, ZONE).length, 0);
  });

  it('says in a word what it leaves aside', async () => {
    const { notes } = await read({
      'fare_attributes.txt': 'fare_id\n',
      'fare_products.txt': 'x\n',
      'shapes.txt': 'shape_id\n',
      'transfers.txt': 'x\n',
      'pathways.txt': 'x\n',
      'booking_rules.txt': 'x\n',
      'locations.geojson': '{}',
      'desktop.ini': 'x',
      'frequencies.txt': 'trip_id,start_time,end_time,headway_secs,exact_times\nt,08:00:00,09:00:00,600,0\n',
    });
    assert.deepEqual(notes, [
      'booking-rules-ignored',
      'fares-ignored',
      'other-files-ignored',
      'pathways-ignored',
      'shapes-ignored',
      'transfers-ignored',
      'headways-approximate',
    ]);
  });

  it('passes over calls at areas', async () => {
    const text = `${CALLS},location_group_id\nt,08:00:00,08:00:00,1,1,\nt,,,,2,area\nt,08:10:00,08:10:00,4,3,\n`;
    const { errors, notes, feed } = await read({ 'stop_times.txt': text });
    assert.deepEqual([errors, notes], [[], ['flexible-trips-ignored']]);
    assert.equal(feed.stopTimes.get('t')?.length, 2);
  });
});

describe('untimed calls', () => {
  const times = (dists: readonly string[]): string =>
    `${CALLS},shape_dist_traveled\nt,08:00:00,08:00:00,1,1,${dists[0] ?? ''}\nt,,,2,2,${dists[1] ?? ''}\nt,,,3,3,${dists[2] ?? ''}\nt,08:10:00,08:10:00,4,4,${dists[3] ?? ''}\n`;

  it("lie where the feed's distances put them", async () => {
    const feed = await read({ 'stop_times.txt': times(['0', '3', '6', '12']) });
    assert.deepEqual(callsOf(feed), [0, 150, 300, 600]);
    const again = await readGtfs(gtfsZip(feed.feed));
    assert.deepEqual(again.ok && again.value.feed, feed.feed);
  });

  it('lie by the straight lines between the stops where distances are missing or nonsense', async () => {
    for (const dists of [
      [],
      ['0', '', '', '12'],
      ['5', '4', '6', '12'],
      ['0', 'far', '6', '12'],
      ['7', '7', '7', '7'],
    ]) {
      assert.deepEqual(callsOf(await read({ 'stop_times.txt': times(dists) })), [0, 60, 240, 600]);
    }
  });

  it('lie at equal steps where all stops are one place', async () => {
    const stops = 'stop_id,stop_name,stop_lat,stop_lon\n1,a,22,115\n2,b,22,115\n3,c,22,115\n4,d,22,115\n';
    assert.deepEqual(callsOf(await read({ 'stops.txt': stops, 'stop_times.txt': times([]) })), [0, 200, 400, 600]);
  });

  it('never step back in time, whatever the distances', async () => {
    const { feed } = await read();
    const call = fc.record({ timed: fc.boolean(), stop: fc.integer({ min: 1, max: 4 }), dist: fc.option(fc.nat(20)) });
    fc.assert(
      fc.property(fc.array(call, { minLength: 2, maxLength: 9 }), (calls) => {
        const stopTimes = calls.map(({ timed, stop, dist }, seq) => {
          const ends = seq === 0 || seq === calls.length - 1;
          const atS = timed || ends ? 28_800 + seq * 60 : undefined;
          return { stopId: String(stop), seq, arrS: atS, depS: atS, ...(dist === null ? {} : { dist }) };
        });
        const [run] = runsOf({ ...feed, stopTimes: new Map([['t', stopTimes]]) }, 17_533, ZONE);
        const stops: readonly RunStop[] = run?.stops ?? [];
        assert.equal(stops.length, calls.length);
        for (const [index, { seq, arrMs }] of stops.entries()) {
          assert.equal(seq, index);
          assert.ok(index === 0 || arrMs >= (stops[index - 1]?.depMs ?? 0));
        }
      }),
      { seed, numRuns: 300 },
    );
  });
});

describe('repeated trips', () => {
  it('leave at each headway, exactly or about, and each time once where rows meet', async () => {
    const text =
      'trip_id,start_time,end_time,headway_secs,exact_times\nt,06:00:00,07:00:00,1800,0\nt,07:00:00,07:40:00,1200,1\nt,25:00:00,25:30:00,1800,\n';
    const { feed, errors } = await read({ 'frequencies.txt': text });
    assert.deepEqual(errors, []);
    const startMs = serviceStartMs(17_533, ZONE);
    assert.deepEqual(
      runsOf(feed, 17_533, ZONE).map(({ stops }) => ((stops[0]?.depMs ?? 0) - startMs) / 60_000),
      [360, 390, 420, 440, 1500],
    );
  });
});

describe('rows to mend', () => {
  it('are handed back with their cells, those found bad at the end of a trip too', async () => {
    const text = `${CALLS},note\nt,08:00:00,08:00:00,1,1,good\nt,8h,08:02:00,2,2,a\nt,08:01:00,08:01:00,9,3,b\nt,07:00:00,07:00:00,3,4,c\nt,08:10:00,08:10:00,4,5,\nt,,,4,6,d\n`;
    const { feed, errorCount, rejected } = await read({ 'stop_times.txt': text });
    assert.equal(feed.stopTimes.get('t')?.length, 2);
    assert.equal(errorCount, 4);
    const table = rejected.get('stop_times.txt');
    assert.deepEqual(
      table?.rows.map(({ line, cells, errors }) => [line, cells.at(-1), errors.map(({ reason }) => reason)]),
      [
        [3, 'a', ['bad-time']],
        [4, 'b', ['unknown-reference']],
        [5, 'c', ['out-of-order']],
        [7, 'd', ['missing-value']],
      ],
    );
    assert.match(rejectedCsv(table?.header ?? [], table?.rows ?? []), /trip_id,.*,note,error\n.*8h/);
  });

  it('are none in a good feed', async () => {
    assert.equal((await read()).rejected.size, 0);
  });
});

describe('a calendar that is over', () => {
  it('is said, as is one that lies ahead', async () => {
    assert.deepEqual((await read({}, FRIDAY)).notes, ['calendar-over']);
    assert.deepEqual((await read({}, 17_000)).notes, ['calendar-ahead']);
    assert.deepEqual((await read({}, 17_600)).notes, []);
    const none =
      'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nwd,0,0,0,0,0,0,0,20180101,20181231\n';
    assert.deepEqual((await read({ 'calendar.txt': none }, FRIDAY)).notes, ['no-service-days']);
  });

  it('gives its week to any other, weekday by weekday', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 60_000 }), (day, asOfDay) => {
        const feedDay = feedDayOf(day, asOfDay);
        assert.ok(asOfDay <= feedDay && feedDay < asOfDay + 7);
        assert.equal(weekdayOf(feedDay), weekdayOf(day));
        assert.equal((day - feedDay) % 7 === 0, true);
      }),
      { seed },
    );
    assert.equal(feedDayOf(FRIDAY, undefined), FRIDAY);
  });

  it('makes runs of today out of it, the same on every day of a kind', async () => {
    const { feed } = await read();
    const city = cityOf({ feed, units: [], codes: [], asOfDay: 17_600 });
    assert.deepEqual(cityOf({ feed, units: [], codes: [] }).runs(FRIDAY), []);
    const [run] = city.runs(FRIDAY);
    assert.equal(run?.runKey, `${FRIDAY}:t`);
    assert.equal(run?.day, FRIDAY);
    assert.equal(run?.stops[0]?.depMs, serviceStartMs(FRIDAY, ZONE) + 8 * 3_600_000);
    assert.deepEqual(city.runs(FRIDAY + 1), []);
    const [next] = city.runs(FRIDAY + 7);
    assert.deepEqual(
      next?.stops.map(({ arrMs }) => arrMs - 7 * DAY_MS),
      run?.stops.map(({ arrMs }) => arrMs),
    );
  });

  it('is asked for by a city that is read from its files', async () => {
    const files = Object.entries(SMALL).map(([name, text]) => ({ name, data: Buffer.from(text) }));
    const sources = { gtfs: zip(files), fleet: Buffer.from('unit_id,kind\nB1,bus\n') };
    const over = await readCity(sources);
    assert.ok(over.ok);
    assert.deepEqual(over.value.city.runs(FRIDAY), []);
    const used = await readCity({ ...sources, asOf: '2018-03-10' });
    assert.ok(used.ok);
    assert.equal(used.value.city.runs(FRIDAY).length, 1);
    const wrong = await readCity({ ...sources, asOf: '2018-02-30' });
    assert.deepEqual(wrong, { ok: false, code: 'bad-date', detail: '2018-02-30' });
  });
});
