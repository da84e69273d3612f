// Shifted coordinates against published pairs, there and back over the whole mainland, and untouched elsewhere.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import {
  bd09ToGcj02,
  bd09ToWgs84,
  distanceM,
  fromWgs84,
  gcj02ToBd09,
  gcj02ToWgs84,
  toWgs84,
  wgs84ToBd09,
  wgs84ToGcj02,
} from './index.ts';
import type { Point } from './index.ts';

const seed = 20_261_120;
/** Far below what a stop's own place is good to. */
const GOOD_M = 0.01;

const at = (lat: number, lon: number): Point => ({ lat, lon });
const near = (a: Point, b: Point, withinM: number): void => {
  assert.ok(distanceM(a, b) <= withinM, `${JSON.stringify(a)} ${JSON.stringify(b)} ${distanceM(a, b)} m`);
};

/** Places in all three systems, longitude first: from the table of cities that gcoord is tested against. */
const CITIES: Readonly<Record<string, Readonly<Record<'wgs84' | 'gcj02' | 'bd09', readonly [number, number]>>>> = {
  Nagqu: { wgs84: [92.0499619, 31.4784436], gcj02: [92.0512438, 31.4762063], bd09: [92.0576832, 31.4824421] },
  Jiuquan: { wgs84: [98.4937175, 39.7319946], gcj02: [98.4943595, 39.7328234], bd09: [98.5008441, 39.7388949] },
  Chuxiong: { wgs84: [101.5265949, 25.048566], gcj02: [101.5280737, 25.0455363], bd09: [101.5344863, 25.0518094] },
  Qinzhou: { wgs84: [108.6503952, 21.9828281], gcj02: [108.6541485, 21.9799392], bd09: [108.6607283, 21.9856319] },
  Heyuan: { wgs84: [114.6962648, 23.7463448], gcj02: [114.7009627, 23.7436914], bd09: [114.7074093, 23.7498752] },
  Xilin: { wgs84: [116.0414035, 43.9312805], gcj02: [116.0482308, 43.9334573], bd09: [116.0546232, 43.9397782] },
  Shenyang: { wgs84: [123.4253306, 41.8032629], gcj02: [123.4314787, 41.8057023], bd09: [123.438095, 41.8114013] },
};

/** Boxes well inside the mainland that together reach into every corner of it: south, west, north, east. */
const MAINLAND = [
  [18.2, 108.7, 20.1, 110.9], // Hainan
  [21.6, 108.3, 25, 118.7],
  [25, 108.3, 30, 119.3],
  [22.45, 113.8, 22.86, 114.6], // Shenzhen, up to the river
  [24.1, 97.6, 28, 108.3],
  [21.2, 100.2, 22.2, 101.7], // Xishuangbanna
  [27.8, 88.1, 36, 97.4],
  [30.3, 81.1, 40, 88.1],
  [37, 75, 40, 81],
  [36, 81.1, 45, 96],
  [45, 83, 48.9, 91.5],
  [30, 97.4, 42, 121.5],
  [27, 119.3, 30.5, 122.2],
  [39.4, 119.5, 42, 126],
  [42.5, 117, 49.2, 130.9],
  [45.2, 131, 48.2, 134.2],
  [50, 119.9, 53.5, 126],
] as const;
const inland = fc.constantFrom(...MAINLAND).chain(([south, west, north, east]) =>
  fc.record({
    lat: fc.double({ min: south, max: north, noNaN: true }),
    lon: fc.double({ min: west, max: east, noNaN: true }),
  }),
);

describe('mainland coordinates', () => {
  it('agree with pairs that others published', () => {
    // eviltransform's test table (Shanghai, Shenzhen, Beijing).
    near(wgs84ToGcj02(at(31.1774276, 121.5272106)), at(31.17530398364597, 121.531541859215), 0.5);
    near(wgs84ToGcj02(at(22.543847, 113.912316)), at(22.540796131694766, 113.9171764808363), 0.5);
    near(wgs84ToGcj02(at(39.911954, 116.377817)), at(39.91334545536069, 116.38404722455657), 0.5);
    // coordtransform's test table.
    near(wgs84ToGcj02(at(39.915, 116.404)), at(39.91640428150164, 116.41024449916938), GOOD_M);
    near(gcj02ToBd09(at(39.915, 116.404)), at(39.92133699351022, 116.41036949371029), GOOD_M);
    // Its way back is a single step, good to a few decimetres.
    near(bd09ToGcj02(at(39.915, 116.404)), at(39.90865673957631, 116.39762729119315), 1);
    near(gcj02ToWgs84(at(39.915, 116.404)), at(39.91359571849836, 116.39775550083061), 5);
  });

  it('agree with a table of places in three systems', () => {
    for (const systems of Object.values(CITIES)) {
      const place = ([lon, lat]: readonly [number, number]): Point => at(lat, lon);
      const wgs = place(systems.wgs84);
      near(wgs84ToGcj02(wgs), place(systems.gcj02), 3);
      near(wgs84ToBd09(wgs), place(systems.bd09), 3);
      near(gcj02ToWgs84(place(systems.gcj02)), wgs, 3);
      near(bd09ToWgs84(place(systems.bd09)), wgs, 3);
    }
  });

  it('come back to where they were, all over the mainland', () => {
    fc.assert(
      fc.property(inland, (point) => {
        const gcj = wgs84ToGcj02(point);
        const bd = wgs84ToBd09(point);
        // Shifted for certain, by what is known of the shift: a check that no corner was forgotten.
        assert.ok(distanceM(point, gcj) > 50 && distanceM(point, gcj) < 1500);
        assert.ok(distanceM(gcj, bd) > 500 && distanceM(gcj, bd) < 1500);
        near(gcj02ToWgs84(gcj), point, GOOD_M);
        near(bd09ToWgs84(bd), point, GOOD_M);
        near(gcj02ToBd09(gcj), bd, GOOD_M);
        near(bd09ToGcj02(bd), gcj, GOOD_M);
        near(wgs84ToGcj02(gcj02ToWgs84(point)), point, GOOD_M);
      }),
      { seed, numRuns: 5_000 },
    );
  });

  it('are named by the file they stand in', () => {
    const point = at(22.5431, 114.0579);
    for (const system of ['wgs84', 'gcj02', 'bd09'] as const)
      near(toWgs84(fromWgs84(point, system), system), point, GOOD_M);
    assert.deepEqual(toWgs84(point, 'wgs84'), point);
  });

  it('are left alone where maps are not shifted, and shifted in Hong Kong and Macau as mainland maps are', () => {
    const abroad: Record<string, Point> = {
      taipei: at(25.033, 121.565),
      kaohsiung: at(22.627, 120.301),
      magong: at(23.571, 119.579),
      seoul: at(37.567, 126.978),
      busan: at(35.18, 129.075),
      tokyo: at(35.68, 139.69),
      vladivostok: at(43.115, 131.885),
      ulaanbaatar: at(47.92, 106.92),
      hanoi: at(21.03, 105.85),
      haiphong: at(20.86, 106.68),
      bangkok: at(13.75, 100.5),
      manila: at(14.6, 120.98),
      singapore: at(1.35, 103.82),
      kathmandu: at(27.717, 85.324),
      delhi: at(28.61, 77.21),
      'mexico city': at(19.43, -99.13),
      'new york': at(40.71, -74.01),
    };
    for (const [name, point] of Object.entries(abroad)) {
      for (const move of [wgs84ToGcj02, gcj02ToWgs84, wgs84ToBd09, bd09ToWgs84, gcj02ToBd09, bd09ToGcj02])
        assert.deepEqual(move(point), point, name);
    }
    for (const point of [at(22.3193, 114.1694), at(22.1987, 113.5439)]) {
      assert.ok(distanceM(point, wgs84ToGcj02(point)) > 300);
      near(gcj02ToWgs84(wgs84ToGcj02(point)), point, GOOD_M);
    }
  });

  it('stay numbers for any numbers', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -90, max: 90, noNaN: true }),
        fc.double({ min: -180, max: 180, noNaN: true }),
        (lat, lon) => {
          for (const move of [wgs84ToGcj02, gcj02ToWgs84, wgs84ToBd09, bd09ToWgs84]) {
            const moved = move(at(lat, lon));
            assert.ok(Number.isFinite(moved.lat) && Number.isFinite(moved.lon));
          }
        },
      ),
      { seed },
    );
  });
});
