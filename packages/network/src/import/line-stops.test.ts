// Lists of stops become lines, directions and places; equal files become equal networks.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { distanceM, wgs84ToBd09, wgs84ToGcj02 } from '../index.ts';
import {
  cityOfNetwork,
  lineStopsCsv,
  LINE_STOPS_HEADER,
  lineStopsRows,
  readLineStops,
  SAME_PLACE_M,
  tableXlsx,
} from './index.ts';
import type { LineStopsOptions, LineStopsRead } from './index.ts';

const seed = 20_261_120;
const read = (text: string, options?: LineStopsOptions): Promise<LineStopsRead> =>
  readLineStops(Buffer.from(text), options);
const HEADER = 'line_no,line_name,seq,stop_name,wgs84_lon,wgs84_lat\n';
/** Metres north of a point in Shenzhen. */
const north = (meters: number): string => `114.05,${(22.55 + meters / 111_195).toFixed(7)}`;

describe('coordinates of a list', () => {
  const place = { lat: 22.5431, lon: 114.0579 };
  const other = { lat: 22.56, lon: 114.06 };
  it('are told by the headings, else by who sends the file', async () => {
    const systems = { wgs84: (point: typeof place) => point, gcj02: wgs84ToGcj02, bd09: wgs84ToBd09 };
    for (const [system, move] of Object.entries(systems) as [keyof typeof systems, typeof wgs84ToBd09][]) {
      const rows = [place, other].map((at, seq) => `1路,${seq},站${seq},${move(at).lon},${move(at).lat}`).join('\n');
      const named = await read(`线路,站序,站名,${system}_lon,${system}_lat\n${rows}\n`);
      const told = await read(`线路,站序,站名,经度,纬度\n${rows}\n`, { coordinates: system });
      for (const { parts, notes } of [named, told]) {
        assert.deepEqual(notes, [`coordinates: ${system}`]);
        assert.ok(distanceM(parts.stops[0] ?? other, place) < 0.1);
      }
    }
  });

  it('out of the world, exchanged or missing are errors of their rows', async () => {
    const { errors } = await read(
      `${HEADER}1,1路,1,a,22.5,114\n1,1路,2,b,,22.5\n1,1路,3,c,x,22.5\n1,1路,x,,114,22.5\n`,
    );
    assert.deepEqual(
      errors.map(({ line, column, reason }) => `${line}:${column}:${reason}`),
      [
        '2:wgs84_lat:bad-number',
        '3:wgs84_lon:missing-value',
        '4:wgs84_lon:bad-number',
        '5:stop_name:missing-value',
        '5:seq:bad-number',
      ],
    );
  });
});

describe('places', () => {
  it('of one name are one within 250 m, and two further apart', async () => {
    const { parts } = await read(
      `${HEADER}1,1路,1,市民中心,${north(0)}\n1,1路,2,莲花山,${north(900)}\n1,1路,3,市民中心,${north(3000)}\n` +
        `2,2路,1,莲花山②,${north(900 + SAME_PLACE_M - 20)}\n2,2路,2,市民中心,${north(60)}\n2,2路,3,少年宫,${north(60)}\n`,
    );
    assert.deepEqual(
      parts.stops.map(({ name }) => name.zh),
      ['市民中心', '莲花山', '市民中心', '少年宫'],
    );
    const [first, hill, second] = parts.stops.map(({ id }) => id);
    assert.deepEqual(
      parts.directions.map(({ stops }) => stops),
      [
        [first, hill, second],
        [hill, first, parts.stops[3]?.id],
      ],
    );
    assert.equal(first, '市民中心@22.5500,114.0500');
  });

  it('with ids of their own are kept apart by these alone', async () => {
    const text = `line_id,seq,stop_id,stop_name,lon,lat\nL,1,a,站,${north(0)}\nL,2,b,站,${north(30)}\nM,1,b,站,${north(30)}\nM,2,a,站,${north(0)}\n`;
    const { parts } = await read(text);
    assert.deepEqual(
      parts.directions.map(({ lineId, stops }) => [lineId, stops.join('')]),
      [
        ['L', 'ab'],
        ['M', 'ba'],
      ],
    );
  });
});

describe('lines', () => {
  const list = (no: number, name: string, stops: readonly (readonly [string, number])[]): string =>
    stops.map(([stop, meters], seq) => `${no},${name},${seq + 1},${stop},${north(meters)}\n`).join('');
  const forth = [
    ['东', 0],
    ['中', 1000],
    ['西', 2000],
  ] as const;

  it('are lists that differ in their ends only: two directions, repeats and short variants left out', async () => {
    const { parts, notes } = await read(
      HEADER +
        list(1, 'm505a线(东-西(地下站))', forth) +
        list(2, 'm505a线(西(地下站)-东①)', forth.toReversed()) +
        list(3, 'm505a线(东-西(地下站))', forth) +
        list(4, 'm505a线(西-中)', [
          ['西', 2000],
          ['中', 1000],
        ]) +
        list(5, '空线(东-东)', [
          ['东', 0],
          ['东', 10],
        ]),
    );
    assert.deepEqual(parts.lines, [
      { id: 'M505A线', name: { zh: 'M505A线', en: 'M505A线' }, shortName: 'M505A', mode: 'bus', colour: '#2f6f9f' },
    ]);
    assert.deepEqual(
      parts.directions.map(({ dir, headsign, stops }) => [dir, headsign.zh, stops.map((id) => id.charAt(0)).join('')]),
      [
        [0, '西(地下站)', '东中西'],
        [1, '东', '西中东'],
      ],
    );
    assert.deepEqual(notes.slice(1), ['lists-repeated: 1', 'lists-too-short: 1', 'variants-left-out: 1']);
  });

  it('that are circles run as their stops are ordered', async () => {
    const circle = [
      ['东', 0],
      ['南', 600],
      ['西', 1200],
      ['北', 1800],
      ['东', 0],
    ] as const;
    const { parts } = await read(HEADER + list(1, '环线(东-东)', circle) + list(2, '环线(东-东)', circle.toReversed()));
    assert.deepEqual(
      parts.directions.map(({ dir }) => dir),
      [0, 1],
    );
  });

  it('of a metro listed one way run both ways, under their first name', async () => {
    const { parts, notes } = await read(HEADER + list(1, '1号线/罗宝线', forth));
    assert.deepEqual(
      parts.lines.map(({ id, name, shortName, mode }) => [id, name.zh, shortName, mode]),
      [['1号线', '1号线/罗宝线', '1号线', 'metro']],
    );
    const [there, back] = parts.directions;
    assert.deepEqual(back?.stops, there?.stops.toReversed());
    assert.equal(back?.headsign.zh, '东');
    assert.ok(notes.includes('reverse-added: 1'));
  });
});

describe('a network', () => {
  const stop = fc.tuple(
    fc.constantFrom('市民中心', '莲花山②', '福田口岸', '=1+1', '"少年宫"', '北,站'),
    fc.integer({ min: 0, max: 4000 }),
  );
  const line = fc.tuple(
    fc.constantFrom('1路(a-b)', '1路(b-a)', 'm2线', '3号线', '机场（快）线', '＝4路'),
    fc.array(stop, { minLength: 1, maxLength: 6 }),
  );
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const network = fc
    .array(line, { maxLength: 6 })
    .map((lists) =>
      lists.flatMap(([name, stops], no) =>
        stops.map(([title, meters], seq) => `${no},${quoted(name)},${seq},${quoted(title)},${north(meters)}\n`),
      ),
    );

  it('reads back as it was written, and the same each time', async () => {
    await fc.assert(
      fc.asyncProperty(network, async (rows) => {
        const first = await read(HEADER + rows.join(''));
        assert.deepEqual(first.errors, []);
        assert.deepEqual((await read(HEADER + rows.join(''))).parts, first.parts);
        assert.deepEqual((await read(lineStopsCsv(first.parts), { coordinates: 'bd09' })).parts, first.parts);
        const xlsx = await tableXlsx(LINE_STOPS_HEADER, lineStopsRows(first.parts));
        assert.deepEqual((await readLineStops(xlsx)).parts, first.parts);
        const known = new Set(first.parts.stops.map(({ id }) => id));
        assert.ok(first.parts.directions.every(({ stops }) => stops.length > 1 && stops.every((id) => known.has(id))));
      }),
      { seed, numRuns: 80 },
    );
  });

  it('is a city without runs', async () => {
    const { parts } = await read(`${HEADER}1,1路,1,a,${north(0)}\n1,1路,2,b,${north(900)}\n`);
    const city = cityOfNetwork(parts, { units: [], codes: [], zone: 'Asia/Shanghai' });
    assert.equal(city.lines.length, 1);
    assert.deepEqual(city.runs(20_777), []);
  });
});
