// GTFS archives: what is read, what is refused with its place, and what a day of it looks like.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { serviceStartMs } from '../index.ts';
import type { Run } from '../index.ts';
import { cityOf, gtfsZip, modeOf, namesOf, readGtfs, runsOf, servicesOn } from './index.ts';
import type { Assignment, Feed, RowError, StopTime } from './index.ts';
import { zip } from './zip-write.ts';

const seed = 20_261_120;
const ZONE = 'Asia/Shanghai';
/** Friday 20 November 2026. */
const FRIDAY = 20_777;

const SMALL: Readonly<Record<string, string>> = {
  'agency.txt':
    '\uFEFFagency_id,agency_name,agency_url,agency_timezone,agency_lang\nA,海京,https://a.example,Asia/Shanghai,zh\n',
  'stops.txt':
    'stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n' +
    'P,"Central, Station",22.5,115.5,1,\n1,一,22.5,115.5,0,P\n2,二,22.51,115.5,,\n3,三,22.52,115.5,,\n4,四,22.53,115.5,,\nE,入口,,,2,P\n',
  'routes.txt': 'route_id,route_short_name,route_long_name,route_type,route_color\nR,7路,,3,AABBCC\n',
  'calendar.txt':
    'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nwd,1,1,1,1,1,0,0,20260101,20261231\n',
  'calendar_dates.txt': 'service_id,date,exception_type\nwd,20261123,2\nwd,20261128,1\nonly,20261120,1\n',
  'trips.txt':
    'route_id,service_id,trip_id,trip_headsign,direction_id,block_id\nR,wd,t1,四,0,b1\nR,only,t2,一,1,b1\nR,wd,often,四,0,\n',
  'stop_times.txt':
    'trip_id,arrival_time,departure_time,stop_id,stop_sequence\n' +
    't1,23:50:00,23:50:00,1,10\nt1,,,2,20\nt1,,,3,30\nt1,24:20:00,24:20:00,4,40\n' +
    't2,25:00:00,25:00:00,4,1\nt2,25:30:00,25:30:00,1,2\n' +
    'often,0:00:00,0:00:00,1,1\noften,0:10:00,0:10:00,4,2\n',
  'frequencies.txt': 'trip_id,start_time,end_time,headway_secs,exact_times\noften,06:00:00,07:00:00,1200,1\n',
  'translations.txt':
    'table_name,field_name,language,translation,record_id,field_value\n' +
    'stops,stop_name,en,One,1,\nstops,stop_name,en,Four,,四\ntrips,trip_headsign,en,Four,,四\n',
};

function archive(changes: Readonly<Record<string, string | undefined>> = {}): Uint8Array {
  const files = { ...SMALL, ...changes };
  return zip(
    Object.entries(files).flatMap(([name, text]) => (text === undefined ? [] : [{ name, data: Buffer.from(text) }])),
  );
}

async function feedOf(source: Uint8Array): Promise<{ readonly feed: Feed; readonly errors: readonly RowError[] }> {
  const read = await readGtfs(source);
  assert.ok(read.ok);
  return read.value;
}

async function errorsOf(changes: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
  const { errors } = await feedOf(archive(changes));
  return errors.map(({ file, line, column, reason }) => `${file}:${line}:${column}:${reason}`);
}

describe('reading GTFS', () => {
  it('reads a small feed without complaint', async () => {
    const { feed, errors } = await feedOf(archive());
    assert.deepEqual(errors, []);
    assert.equal(feed.lang, 'zh');
    assert.deepEqual(
      feed.stops.map(({ id }) => id),
      ['P', '1', '2', '3', '4'],
    );
    assert.equal(feed.stops[0]?.name, 'Central, Station');
    assert.equal(feed.stopTimes.get('t1')?.[1]?.arrS, undefined);
    assert.equal(feed.stopTimes.get('t2')?.[1]?.arrS, 91_800);
  });

  it('finds the files of a feed zipped with its folder', async () => {
    const nested = zip(
      Object.entries(SMALL).map(([name, text]) => ({ name: `feed/${name}`, data: Buffer.from(text) })),
    );
    assert.deepEqual((await feedOf(nested)).feed, (await feedOf(archive())).feed);
  });

  it('takes one of the two times of a call for both', async () => {
    const text = 'trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt1,,08:00:00,1,1\nt1,08:10:00,,2,2\n';
    const { feed, errors } = await feedOf(archive({ 'stop_times.txt': text }));
    assert.deepEqual(errors, []);
    assert.deepEqual(
      feed.stopTimes.get('t1')?.map(({ arrS, depS }) => [arrS, depS]),
      [
        [28_800, 28_800],
        [29_400, 29_400],
      ],
    );
  });

  it('reports ends without a time and leaves them out', async () => {
    const header = 'trip_id,arrival_time,departure_time,stop_id,stop_sequence\n';
    const text = `${header}t1,,,1,1\nt1,08:00:00,08:00:00,2,2\nt1,08:10:00,08:10:00,3,3\nt1,,,4,4\n`;
    assert.deepEqual(await errorsOf({ 'stop_times.txt': text }), [
      'stop_times.txt:2:departure_time:missing-value',
      'stop_times.txt:5:arrival_time:missing-value',
    ]);
    const { feed } = await feedOf(archive({ 'stop_times.txt': text }));
    assert.deepEqual(
      feed.stopTimes.get('t1')?.map(({ seq }) => seq),
      [2, 3],
    );
  });

  it('names file, line, column and reason, and leaves only the bad row out', async () => {
    const stops = SMALL['stops.txt'] ?? '';
    assert.deepEqual(await errorsOf({ 'stops.txt': `${stops}5,五,91,115,,\n1,again,22,115,,\n,nameless,22,115,,\n` }), [
      'stops.txt:8:stop_lat:bad-number',
      'stops.txt:9:stop_id:duplicate',
      'stops.txt:10:stop_id:missing-value',
    ]);
    const times = SMALL['stop_times.txt'] ?? '';
    assert.deepEqual(
      await errorsOf({
        'stop_times.txt': `${times}t2,25:40:00,25:40:00,9,3\nt9,1:00:00,1:00:00,1,1\nt2,26:00:00,26:00:00,2,2\nt2,25:10:00,25:10:00,2,4\n`,
      }),
      [
        'stop_times.txt:10:stop_id:unknown-reference',
        'stop_times.txt:11:trip_id:unknown-reference',
        'stop_times.txt:12:stop_sequence:duplicate',
        'stop_times.txt:13:arrival_time:out-of-order',
      ],
    );
    assert.deepEqual(
      await errorsOf({ 'trips.txt': 'route_id,service_id,trip_id\nR,wd,t1\nX,wd,t2\nR,zz,often\n' }).then((all) =>
        all.slice(0, 2),
      ),
      ['trips.txt:3:route_id:unknown-reference', 'trips.txt:4:service_id:unknown-reference'],
    );
  });

  it('says which file is missing, and needs one calendar only', async () => {
    assert.deepEqual(
      await errorsOf({
        'routes.txt': undefined,
        'trips.txt': undefined,
        'stop_times.txt': undefined,
        'frequencies.txt': undefined,
      }),
      ['routes.txt:0::missing-file', 'trips.txt:0::missing-file', 'stop_times.txt:0::missing-file'],
    );
    assert.deepEqual(
      await errorsOf({ 'calendar_dates.txt': undefined }).then((all) => all.filter((e) => e.includes('missing'))),
      [],
    );
    const none = await errorsOf({ 'calendar.txt': undefined, 'calendar_dates.txt': undefined });
    assert.ok(none.includes('calendar.txt:0::missing-file'));
  });

  it('refuses what is no archive, or a damaged one', async () => {
    assert.equal((await readGtfs(Buffer.from('stop_id,stop_name\n'))).ok, false);
    assert.equal((await readGtfs(archive().subarray(0, 400))).ok, false);
    const bytes = Uint8Array.from(archive());
    for (let at = 60; at < 90; at += 1) bytes[at] = 0xff;
    assert.equal((await readGtfs(bytes)).ok, false);
    assert.equal((await readGtfs('/nowhere/feed.zip')).ok, false);
  });
});

describe('a service day', () => {
  const at = (day: number, text: string): number => serviceStartMs(day, ZONE) + Date.parse(`1970-01-01T${text}Z`);

  it('follows calendar and exceptions', async () => {
    const { feed } = await feedOf(archive());
    const on = (day: number): readonly string[] => [...servicesOn(feed, day)];
    assert.deepEqual(on(FRIDAY), ['wd', 'only']);
    assert.deepEqual(on(FRIDAY + 1), []);
    assert.deepEqual(on(FRIDAY + 3), []);
    assert.deepEqual(on(FRIDAY + 8), ['wd']);
    assert.deepEqual(on(FRIDAY + 60), []);
  });

  it('interpolates, repeats, and runs past midnight', async () => {
    const { feed } = await feedOf(archive());
    const runs = runsOf(feed, FRIDAY, ZONE);
    assert.deepEqual(
      runs.map(({ runKey, vehicleId }) => [runKey, vehicleId]),
      [
        ['20777:often@21600', 'trip:often@21600'],
        ['20777:often@22800', 'trip:often@22800'],
        ['20777:often@24000', 'trip:often@24000'],
        ['20777:t1', 'block:b1'],
        ['20777:t2', 'block:b1'],
      ],
    );
    const night = runs.find(({ runKey }) => runKey === '20777:t1');
    assert.deepEqual(
      night?.stops.map(({ seq, stopId, arrMs }) => [seq, stopId, arrMs]),
      [
        [0, '1', at(FRIDAY, '23:50:00')],
        [1, '2', at(FRIDAY + 1, '00:00:00')],
        [2, '3', at(FRIDAY + 1, '00:10:00')],
        [3, '4', at(FRIDAY + 1, '00:20:00')],
      ],
    );
    assert.equal(runs[1]?.stops[1]?.arrMs, at(FRIDAY, '06:30:00'));
  });

  it('gives blocks and trips to vehicles, the narrowest assignment first', async () => {
    const { feed } = await feedOf(archive());
    const vehicle = (assignments: readonly Assignment[], tripId: string): string | undefined =>
      runsOf(feed, FRIDAY, ZONE, assignments).find(({ runKey }) => runKey === `20777:${tripId}`)?.vehicleId;
    const list: Assignment[] = [{ blockId: 'b1', vehicleId: 'every-day' }];
    assert.deepEqual([vehicle(list, 't1'), vehicle(list, 't2')], ['every-day', 'every-day']);
    list.unshift(
      { blockId: 'b1', day: FRIDAY, vehicleId: 'friday' },
      { blockId: 'b1', day: FRIDAY + 1, vehicleId: 'saturday' },
    );
    assert.equal(vehicle(list, 't1'), 'friday');
    list.unshift({ tripId: 't2', vehicleId: 'trip' });
    assert.deepEqual([vehicle(list, 't1'), vehicle(list, 't2')], ['friday', 'trip']);
  });

  it('keeps to the clock on the days it changes', async () => {
    const zone = 'America/New_York';
    const { feed } = await feedOf(
      archive({ 'calendar_dates.txt': 'service_id,date,exception_type\nwd,20260308,1\nonly,20260308,1\n' }),
    );
    const [first] = runsOf(feed, 20_520, zone);
    // 06:00 in summer time, on the morning the clocks went forward.
    assert.equal(new Date(first?.stops[0]?.depMs ?? 0).toISOString(), '2026-03-08T10:00:00.000Z');
  });
});

describe('a city out of a feed', () => {
  it('has names in both languages, line, direction and stops', async () => {
    const { feed } = await feedOf(archive());
    const city = cityOf({ feed, units: [], codes: [] });
    assert.deepEqual(city.lines, [
      { id: 'R', name: { zh: '7路', en: '7路' }, shortName: '7路', mode: 'bus', colour: '#aabbcc' },
    ]);
    assert.deepEqual(
      city.stops.map(({ name }) => name.en),
      ['Central, Station', 'One', '二', '三', 'Four'],
    );
    assert.deepEqual(city.directions, [
      { lineId: 'R', dir: 0, headsign: { zh: '四', en: 'Four' }, stops: ['1', '2', '3', '4'] },
      { lineId: 'R', dir: 1, headsign: { zh: '一', en: '一' }, stops: ['4', '1'] },
    ]);
    assert.equal(city.runs(FRIDAY), city.runs(FRIDAY));
    const seen: readonly Run[] = city.runs(FRIDAY);
    for (let day = FRIDAY + 1; day < FRIDAY + 6; day += 1) city.runs(day);
    assert.deepEqual(city.runs(FRIDAY), seen);
  });

  it('prefers simplified Chinese, and understands translations of the older kind', async () => {
    const old = 'trans_id,lang,translation\n一,en,One\n一,zh-Hant,壹\n一,zh-CN,壱\n';
    const { feed, errors } = await feedOf(archive({ 'translations.txt': old }));
    assert.deepEqual(errors, []);
    assert.deepEqual(namesOf(feed)('stops', 'stop_name', '1', '一'), { zh: '壱', en: 'One' });
  });

  it('knows basic and extended route types', () => {
    assert.deepEqual([0, 1, 2, 3, 4, 11, 12].map(modeOf), ['metro', 'metro', 'metro', 'bus', 'ferry', 'bus', 'metro']);
    assert.deepEqual([101, 200, 401, 700, 900, 1000, 1200, 1501].map(modeOf), [
      'metro',
      'coach',
      'metro',
      'bus',
      'metro',
      'ferry',
      'ferry',
      'taxi',
    ]);
  });
});

describe('writing GTFS', () => {
  it('reads back equal, byte for byte the same each time', async () => {
    const { feed } = await feedOf(archive());
    const bytes = gtfsZip(feed);
    assert.deepEqual(gtfsZip(feed), bytes);
    const again = await feedOf(bytes);
    assert.deepEqual(again.errors, []);
    assert.deepEqual(again.feed, feed);
  });

  it('reads back any feed with odd names and times', async () => {
    const { feed } = await feedOf(archive());
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .map((text) => text.trim().replaceAll('\0', '') || 'x');
    const legs = fc.array(fc.tuple(fc.nat(4_000), fc.nat(300)), { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(name, name, legs, async (stopName, headsign, parts) => {
        let clockS = 0;
        const times = parts.map(([driveS, dwellS], seq): StopTime => {
          const arrS = clockS + driveS;
          clockS = arrS + dwellS;
          return { stopId: String(seq + 1), seq, arrS, depS: clockS };
        });
        const odd: Feed = {
          ...feed,
          stops: feed.stops.map((stop, index) => (index === 1 ? Object.assign({}, stop, { name: stopName }) : stop)),
          trips: feed.trips.map((trip, index) => (index === 0 ? Object.assign({}, trip, { headsign }) : trip)),
          stopTimes: new Map([...feed.stopTimes, ['t1', times]]),
        };
        const again = await feedOf(gtfsZip(odd));
        assert.deepEqual(again.errors, []);
        assert.deepEqual(again.feed, odd);
      }),
      { seed, numRuns: 60 },
    );
  });
});
