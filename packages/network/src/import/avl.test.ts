// Lists of vehicle positions: headings, time zones, coordinates, and what is wrong with a row.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { distanceM, fromWgs84, OCCUPANCIES } from '../index.ts';
import type { VehiclePosition } from '../index.ts';
import { positionsCsv, readAvl, readPositions } from './index.ts';
import type { AvlOptions } from './index.ts';

const seed = 20_261_120;
const text = (csv: string): Uint8Array => Buffer.from(csv);

async function atOf(timestamp: string, options: AvlOptions = {}): Promise<string> {
  const { rows, errors } = await readAvl(text(`vehicle_id;timestamp;lat;lon\nv;${timestamp};22.5;114\n`), options);
  const [row] = rows;
  return row === undefined
    ? errors.map(({ column, reason }) => `${column} ${reason}`).join()
    : new Date(row.atMs).toISOString();
}

describe('a list of vehicle positions', () => {
  it('is read as a portal publishes it', async () => {
    const csv =
      'vehicle_id,timestamp,speed,route_id,trip_id,latitude,longitude,trip_headsign\n' +
      '8940,2016-11-25T11:53:40-06:00,7.15264,1,1669591,30.421946,-97.665924,1-Metric\n';
    for (const source of [text(csv), gzipSync(csv)]) {
      const { rows, errors, notes } = await readPositions(source);
      assert.deepEqual(errors, []);
      assert.deepEqual(notes, ['columns-ignored: trip_headsign']);
      assert.deepEqual(rows, [
        {
          vehicleId: '8940',
          atMs: Date.UTC(2016, 10, 25, 17, 53, 40),
          lat: 30.421946,
          lon: -97.665924,
          tripId: '1669591',
          routeId: '1',
          speedMps: 7.15264,
        },
      ]);
    }
  });

  it('is read with Chinese headings and coordinates of the map it was made for', async () => {
    const truth = { lat: 22.5431, lon: 114.0579 };
    const shown = fromWgs84(truth, 'gcj02');
    const csv = `车牌号,定位时间,经度,纬度,速度(km/h),线路,上下行\n粤B12345,2026/11/20 8:05:09,${shown.lon},${shown.lat},36,M133,下行\n`;
    const { rows, errors } = await readAvl(text(csv), { zone: 'Asia/Shanghai', coordinates: 'gcj02' });
    assert.deepEqual(errors, []);
    const [row] = rows;
    assert.ok(row !== undefined && distanceM(row, truth) < 0.01);
    assert.deepEqual(
      [row.vehicleId, row.plate, row.routeId, row.dir, row.speedMps, new Date(row.atMs).toISOString()],
      ['粤B12345', '粤B12345', 'M133', 1, 10, '2026-11-20T00:05:09.000Z'],
    );
  });

  it('understands instants with an offset, of a zone, and counted from 1970', async () => {
    const zone = 'Asia/Shanghai';
    for (const [written, options] of [
      ['2026-11-20T08:00:00.250+08:00', {}],
      ['2026-11-20 00:00:00.25Z', {}],
      ['2026-11-19 18:00:00,250-0600', {}],
      ['1795132800250', {}],
      ['2026-11-20 08:00:00.250', { zone }],
    ] as const) {
      assert.equal(await atOf(written, options), '2026-11-20T00:00:00.250Z', written);
    }
    for (const written of ['1795132800', '20261120080000', '2026/11/20 8:00', '2026.11.20 08:00:00']) {
      assert.equal(await atOf(written, { zone }), '2026-11-20T00:00:00.000Z', written);
    }
    for (const written of ['8:00', '2026-11-31 08:00:00', '2026-11-20 24:00:00', 'yesterday']) {
      assert.equal(await atOf(written, { zone }), 'timestamp bad-time', written);
    }
    assert.equal(await atOf('2026-11-20 08:00:00'), 'timestamp bad-time');
  });

  it('keeps to the clock on the days it changes', async () => {
    const zone = 'America/Chicago';
    assert.equal(await atOf('2026-03-08 01:59:59', { zone }), '2026-03-08T07:59:59.000Z');
    assert.equal(await atOf('2026-03-08 03:00:00', { zone }), '2026-03-08T08:00:00.000Z');
    assert.equal(await atOf('2026-11-01 01:30:00', { zone }), '2026-11-01T06:30:00.000Z');
    assert.equal(await atOf('2026-11-01 02:00:00', { zone }), '2026-11-01T08:00:00.000Z');
  });

  it('hands back rows without a place', async () => {
    const csv =
      'vehicle_id,timestamp,lat,lon\na,1795132800,0,0\n,1795132800,22,114\nb,1795132800,91,114\nc,1795132800,,114\n';
    const { rows, rejected } = await readAvl(text(csv));
    assert.deepEqual(rows, []);
    assert.deepEqual(
      rejected.map(({ line, errors }) => [line, errors.map(({ column, reason }) => `${column} ${reason}`).join()]),
      [
        [2, 'lat bad-number'],
        [3, 'plate missing-value'],
        [4, 'lat bad-number'],
        [5, 'lat missing-value'],
      ],
    );
    assert.deepEqual(
      (await readAvl(text('a,b\n1,2\n'))).errors.map(({ reason }) => reason),
      ['missing-column', 'missing-column', 'missing-column', 'missing-column'],
    );
  });

  it('reads back what was written', async () => {
    const id = fc.stringMatching(/^[A-Z0-9一-龥]{1,8}$/);
    const some = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined });
    const position = fc.record({
      vehicleId: id,
      atMs: fc.integer({ min: 1_000_000_000_000, max: 4_000_000_000_000 }),
      lat: fc.double({ min: 1, max: 90, noNaN: true }),
      lon: fc.double({ min: -180, max: 180, noNaN: true }).map((lon) => lon + 0),
      plate: some(id),
      tripId: some(id),
      routeId: some(id),
      dir: some(fc.constantFrom(0 as const, 1 as const)),
      stopId: some(id),
      currentStopSeq: some(fc.nat(1_000)),
      bearingDeg: some(fc.nat(360)),
      speedMps: some(fc.double({ min: 0, max: 40, noNaN: true }).map((speed) => speed + 0)),
      occupancy: some(fc.constantFrom(...OCCUPANCIES)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(position, { minLength: 1, maxLength: 5 }), async (made) => {
        const positions = made.map((one): VehiclePosition =>
          Object.assign(
            {},
            ...Object.entries(one).map(([key, value]) => (value === undefined ? {} : { [key]: value })),
          ),
        );
        const { rows, errors } = await readAvl(text(positionsCsv(positions)));
        assert.deepEqual(errors, []);
        assert.deepEqual(rows, positions);
      }),
      { seed, numRuns: 100 },
    );
  });
});
