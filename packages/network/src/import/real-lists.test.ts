// The readers on a real city's lists, which are no part of the repository: skipped where their folder is absent.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { distanceM, parsePlate } from '../index.ts';
import { fleetCsv, lineStopsCsv, readFleet, readLineStops } from './index.ts';
import type { LineStopsRead } from './index.ts';

const folder = process.env['TONGCHE_DATA'] ?? join(import.meta.dirname, '../../../../../shared/data');
const files = {
  stops: join(folder, 'open-licence/network/shenzhen-bus-line-stops.csv.gz'),
  metro: join(folder, 'local-only/afc/shenzhen-metro-stations.csv.gz'),
  fleet: join(folder, 'local-only/afc/shenzhen-bus-fleet.csv.gz'),
};
const absent = !Object.values(files).every((file) => existsSync(file));

describe(
  'the lists of Shenzhen',
  { skip: absent ? 'no folder of real data (TONGCHE_DATA or ../shared/data)' : false },
  () => {
    let network: LineStopsRead;
    before(async () => {
      network = await readLineStops(files.stops);
    });

    it('make a bus network, equal each time and after export', async () => {
      const read = network;
      assert.equal(read.rowCount, 61_026);
      assert.deepEqual(read.errors, []);
      const { lines, directions, stops } = read.parts;
      assert.deepEqual([lines.length, directions.length, stops.length], [1062, 1944, 7194]);
      assert.equal(new Set(stops.map(({ id }) => id)).size, stops.length);
      assert.deepEqual((await readLineStops(Buffer.from(lineStopsCsv(read.parts)))).parts, read.parts);
      assert.deepEqual((await readLineStops(files.stops)).parts, read.parts);
    });

    it('make bus stops (BD-09) and metro stations (GCJ-02) that lie at each other', async () => {
      const bus = network.parts;
      const { errors, parts: metro } = await readLineStops(files.metro);
      assert.deepEqual(errors, []);
      assert.deepEqual([metro.lines.length, metro.directions.length, metro.stops.length], [8, 16, 181]);
      // Bus stops lie around their station; on the average over all stations that must cancel out.
      const pairs = metro.stops.flatMap((station) =>
        bus.stops
          .filter(({ name }) => name.zh === `${station.name.zh}地铁站`)
          .map((stop) => ({ station, stop }))
          .filter((pair) => distanceM(pair.station, pair.stop) < 500),
      );
      assert.ok(pairs.length > 80);
      const mean = (of: (pair: (typeof pairs)[number]) => number): number =>
        pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
      const middle = { lat: 22.55, lon: 114 };
      const moved = {
        lat: middle.lat + mean(({ stop, station }) => stop.lat - station.lat),
        lon: middle.lon + mean(({ stop, station }) => stop.lon - station.lon),
      };
      assert.ok(distanceM(middle, moved) < 25, `${distanceM(middle, moved)} m`);
      // The railway station of the same name, in WGS 84: the metro's hall is in front of it.
      const north = metro.stops.find(({ name }) => name.zh === '深圳北');
      assert.ok(north !== undefined && distanceM(north, { lat: 22.612, lon: 114.0239 }) < 250);
    });

    it('have 1,640 buses whose plates come in three forms, all of them read', async () => {
      const options = { platePrefix: '粤B', lines: network.parts.lines, unknownLines: 'leave-out' } as const;
      const read = await readFleet(files.fleet, options);
      assert.deepEqual([read.rowCount, read.rows.length, read.errorCount], [1640, 1640, 0]);
      assert.ok(read.rows.every(({ plate }) => plate !== undefined && parsePlate(plate).ok));
      assert.ok(read.rows.filter(({ usualLineId }) => usualLineId !== undefined).length > 1550);
      const again = await readFleet(Buffer.from(fleetCsv(read.rows)), { lines: network.parts.lines });
      assert.deepEqual(again.rows, read.rows);
      // Without the prefix the bare serials are no plates, and each row says so.
      const bare = await readFleet(files.fleet);
      assert.equal(bare.rows.length + bare.rejected.length, 1640);
      assert.ok(
        bare.rejected.length > 1400 &&
          bare.errors.every(({ reason, column }) => reason === 'bad-plate' && column === 'car_no'),
      );
    });
  },
);
