// GTFS-Realtime vehicle positions: what is written reads back, what is damaged is refused, what is unknown is passed over.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { PbfWriter } from 'pbf';
import { OCCUPANCIES, STOP_STATUSES } from '../index.ts';
import type { CarriagePosition, VehiclePosition } from '../index.ts';
import {
  MAX_FEED_BYTES,
  MAX_FEED_ENTITIES,
  readPositions,
  readVehiclePositions,
  writeVehiclePositions,
} from './index.ts';
import type { PositionFeed } from './index.ts';

const seed = 20_261_120;
const AT_MS = Date.UTC(2026, 10, 20, 8);

const some = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined });
const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const float = (min: number, max: number): fc.Arbitrary<number> =>
  fc.float({ min: Math.fround(min), max: Math.fround(max), noNaN: true }).map((value) => (value === 0 ? 0 : value));

const carriage = fc.record(
  {
    carriageSeq: fc.integer({ min: 1, max: 20 }),
    carriageId: some(id),
    label: some(id),
    occupancy: some(fc.constantFrom(...OCCUPANCIES)),
    occupancyPercent: some(fc.nat(150)),
  },
  { requiredKeys: ['carriageSeq'] },
);

const position: fc.Arbitrary<VehiclePosition> = fc
  .record(
    {
      vehicleId: id,
      atMs: fc.integer({ min: 1_000_000_000, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
      lat: float(1, 90),
      lon: float(-180, 180),
      label: some(id),
      plate: some(id),
      tripId: some(id),
      startDay: some(fc.integer({ min: 10_000, max: 30_000 })),
      startS: some(fc.nat(200_000)),
      routeId: some(id),
      dir: some(fc.constantFrom(0 as const, 1 as const)),
      stopId: some(id),
      currentStopSeq: some(fc.nat(0x7fff_ffff)),
      status: some(fc.constantFrom(...STOP_STATUSES)),
      occupancy: some(fc.constantFrom(...OCCUPANCIES)),
      occupancyPercent: some(fc.nat(200)),
      bearingDeg: some(float(0, 359)),
      speedMps: some(float(0, 80)),
      carriages: some(
        fc.array(
          carriage.map((one): CarriagePosition => Object.assign({ carriageSeq: 0 }, bare(one))),
          { minLength: 1, maxLength: 12 },
        ),
      ),
    },
    { requiredKeys: ['vehicleId', 'atMs', 'lat', 'lon'] },
  )
  .map((one): VehiclePosition => Object.assign({ vehicleId: '', atMs: 0, lat: 0, lon: 0 }, bare(one)));

/** The object without the keys that have no value, as readers give it. */
function bare(value: object): object {
  const held = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(held);
}

function read(bytes: Uint8Array): PositionFeed {
  const feed = readVehiclePositions(bytes);
  assert.ok(feed.ok, feed.ok ? '' : (feed.detail ?? ''));
  return feed.value;
}

/** A feed of one entity whose vehicle is written by `fill`. */
function one(fill: (pbf: PbfWriter) => void, header = true): Uint8Array {
  const pbf = new PbfWriter();
  const version = (_: number, inner: PbfWriter): void => inner.writeStringField(1, '2.0');
  if (header) pbf.writeMessage(1, version, 0);
  const vehicle = (_: number, inner: PbfWriter): void => fill(inner);
  const entity = (_: number, inner: PbfWriter): void => {
    inner.writeStringField(1, 'e1');
    inner.writeMessage(4, vehicle, 0);
  };
  pbf.writeMessage(2, entity, 0);
  return pbf.finish();
}

const place = (pbf: PbfWriter, lat = 22.5, lon = 114): void =>
  pbf.writeMessage(
    2,
    (_: number, inner) => {
      inner.writeFloatField(1, lat);
      inner.writeFloatField(2, lon);
    },
    0,
  );

describe('a feed of vehicle positions', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(position, { maxLength: 8 }), (positions) => {
        const feed = read(writeVehiclePositions(positions, AT_MS + 999));
        assert.deepEqual(feed.positions, positions);
        assert.equal(feed.headerMs, AT_MS);
        assert.equal(feed.errorCount, 0);
      }),
      { seed, numRuns: 500 },
    );
  });

  it('is never the end of its reader, whatever the bytes', () => {
    const [whole] = fc.sample(fc.array(position, { minLength: 3, maxLength: 3 }), { seed, numRuns: 1 });
    const bytes = writeVehiclePositions(whole ?? [], AT_MS);
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = readVehiclePositions(bytes.subarray(0, length));
      assert.ok(!cut.ok || cut.value.entityCount < 3);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const result = readVehiclePositions(noise);
        assert.ok(result.ok || result.code === 'bad-feed');
      }),
      { seed, numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = value;
        const result = readVehiclePositions(changed);
        assert.ok(result.ok || result.code === 'bad-feed');
      }),
      { seed, numRuns: 2_000 },
    );
  });

  it('passes over unknown fields, trip updates, alerts and deleted entities', () => {
    const pbf = new PbfWriter();
    pbf.writeMessage(1, (_: number, inner) => inner.writeStringField(1, '2.0'), 0);
    pbf.writeMessage(
      2,
      (_: number, inner) => {
        inner.writeStringField(1, 'alert');
        inner.writeMessage(5, (__: number, alert) => alert.writeStringField(10, 'x'), 0);
      },
      0,
    );
    pbf.writeMessage(
      2,
      (_: number, inner) => {
        inner.writeStringField(1, 'gone');
        inner.writeBooleanField(2, true);
        inner.writeMessage(4, (__: number, vehicle) => place(vehicle), 0);
      },
      0,
    );
    pbf.writeDoubleField(1000, 1.5);
    pbf.writeFixed32Field(1001, 7);
    const feed = read(pbf.finish());
    assert.deepEqual([feed.entityCount, feed.otherCount, feed.positions], [2, 2, []]);
    const odd = read(
      one((vehicle) => {
        place(vehicle);
        vehicle.writeVarintField(5, AT_MS / 1000);
        vehicle.writeStringField(2000, 'of a later version');
        // A number where a text belongs: not this version's stop_id.
        vehicle.writeVarintField(7, 5);
        vehicle.writeVarintField(4, 77);
      }),
    );
    assert.deepEqual(odd.positions, [{ vehicleId: 'e1', atMs: AT_MS, lat: 22.5, lon: 114 }]);
  });

  it('names the vehicle by id, else label, else plate, else entity', () => {
    const named = (fields: readonly (readonly [number, string])[]): string | undefined =>
      read(
        one((vehicle) => {
          place(vehicle);
          vehicle.writeVarintField(5, AT_MS / 1000);
          vehicle.writeMessage(
            8,
            (_: number, inner) => fields.forEach(([field, text]) => inner.writeStringField(field, text)),
            0,
          );
        }),
      ).positions[0]?.vehicleId;
    assert.deepEqual(
      [
        named([
          [3, 'plate'],
          [2, 'label'],
          [1, 'id'],
        ]),
        named([
          [3, 'plate'],
          [2, 'label'],
        ]),
        named([[3, 'plate']]),
        named([[1, '']]),
      ],
      ['id', 'label', 'plate', 'e1'],
    );
  });

  it('says which vehicles lack place or time', () => {
    const fault = (fill: (pbf: PbfWriter) => void): string => {
      const { errors, positions } = read(one(fill));
      assert.equal(positions.length, 0);
      return errors.map(({ line, column, reason }) => `${line} ${column} ${reason}`).join();
    };
    assert.equal(
      fault(() => undefined),
      '1 position missing-value',
    );
    assert.equal(
      fault((pbf) => place(pbf, 91)),
      '1 position bad-number',
    );
    assert.equal(
      fault((pbf) => place(pbf, 0, 0)),
      '1 position bad-number',
    );
    assert.equal(
      fault((pbf) => place(pbf, NaN)),
      '1 position bad-number',
    );
    assert.equal(
      fault((pbf) => place(pbf)),
      '1 timestamp missing-value',
    );
    const late = (pbf: PbfWriter): void => {
      place(pbf);
      pbf.writeVarintField(5, AT_MS);
    };
    assert.equal(fault(late), '1 timestamp bad-time');
  });

  it('takes the time of the header, else of the fetch, where a vehicle has none', () => {
    const bytes = one((pbf) => place(pbf));
    const fetched = readVehiclePositions(bytes, { receivedMs: 5 });
    assert.equal(fetched.ok && fetched.value.positions[0]?.atMs, 5);
  });

  it('is refused without a header, and with fields that run past their message', () => {
    assert.equal(readVehiclePositions(one((pbf) => place(pbf), false)).ok, false);
    assert.equal(readVehiclePositions(new Uint8Array()).ok, false);
    const long = Uint8Array.of(0x0a, 0x05, 0x0a, 0x03, 0x32, 0x2e, 0x30, 0x12, 0x7f, 0x0a);
    const result = readVehiclePositions(long);
    assert.match(result.ok ? '' : (result.detail ?? ''), /runs past its message/);
  });

  it('is refused beyond its limits', () => {
    const detail = (bytes: Uint8Array): string => {
      const result = readVehiclePositions(bytes);
      return result.ok ? 'read' : (result.detail ?? '');
    };
    assert.match(detail(new Uint8Array(MAX_FEED_BYTES + 1)), /more than \d+ bytes/);
    const header = writeVehiclePositions([], AT_MS);
    const empty = (count: number): Uint8Array => {
      const bytes = new Uint8Array(header.length + 2 * count);
      bytes.set(header);
      for (let at = header.length; at < bytes.length; at += 2) bytes[at] = 0x12;
      return bytes;
    };
    assert.equal(detail(empty(MAX_FEED_ENTITIES)), 'read');
    assert.match(detail(empty(MAX_FEED_ENTITIES + 1)), /more than \d+ entities/);
  });
});

describe('positions of unknown kind', () => {
  it('are known as a feed by their bytes, gzipped or not', async () => {
    const sent: VehiclePosition = { vehicleId: 'v', atMs: AT_MS, lat: 22.5, lon: 114 };
    const bytes = writeVehiclePositions([sent], AT_MS);
    for (const source of [bytes, gzipSync(bytes)]) {
      const list = await readPositions(source);
      assert.deepEqual([list.rows, list.errors, list.rowCount], [[sent], [], 1]);
    }
    const damaged = await readPositions(bytes.subarray(0, bytes.length - 2));
    assert.deepEqual(damaged.errors, [
      { file: 'vehicle_positions.pb', line: 0, column: '', reason: 'unreadable-file' },
    ]);
  });
});
