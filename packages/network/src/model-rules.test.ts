// Bindings, runs and boarding stops against plain, slow definitions of what they mean.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import {
  bindingAt,
  distanceM,
  firstDepartureMs,
  lastArrivalMs,
  runAt,
  serviceStartMs,
  stopAt,
  weekdayOf,
} from './index.ts';
import type { Binding, Run } from './index.ts';

const MINUTE_MS = 60_000;
const seed = 20_261_120;

const interval = { code: fc.constant('x'), unitId: fc.constantFrom('a', 'b', 'c'), fromMs: fc.nat(100) };
const bindings: fc.Arbitrary<readonly Binding[]> = fc.array(
  fc.oneof(fc.record(interval), fc.record({ ...interval, toMs: fc.nat(120) })),
  { maxLength: 8 },
);

/** A run from `startMs` whose drives and dwells are the given seconds. */
function runFrom(startMs: number, legs: readonly (readonly [driveS: number, dwellS: number])[], key = 'r'): Run {
  let clockMs = startMs;
  const stops = [[0, 0] as const, ...legs].map(([driveS, dwellS], seq) => {
    const arrMs = clockMs + driveS * 1000;
    clockMs = arrMs + dwellS * 1000;
    return { seq, stopId: `s${seq}`, arrMs, depMs: clockMs };
  });
  return { runKey: key, lineId: 'l', dir: 0, day: 0, vehicleId: 'v', stops };
}

const legs = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 60 })), {
  minLength: 1,
  maxLength: 20,
});

describe('bindingAt', () => {
  it('finds the youngest binding in force, whatever the order', () => {
    fc.assert(
      fc.property(bindings, fc.integer({ min: -5, max: 130 }), (list, ms) => {
        const inForce = list.filter(({ fromMs, toMs }) => fromMs <= ms && ms < (toMs ?? Infinity));
        const found = bindingAt(list, ms);
        assert.equal(found !== undefined, inForce.length > 0);
        if (found === undefined) return;
        assert.ok(inForce.includes(found));
        assert.equal(found.fromMs, Math.max(...inForce.map(({ fromMs }) => fromMs)));
      }),
      { seed },
    );
  });

  it('gives the instant of a change to the new unit', () => {
    const list: readonly Binding[] = [
      { code: 'x', unitId: 'old', fromMs: 0, toMs: 10 },
      { code: 'x', unitId: 'new', fromMs: 10 },
    ];
    assert.equal(bindingAt(list, 9)?.unitId, 'old');
    assert.equal(bindingAt(list, 10)?.unitId, 'new');
    assert.equal(bindingAt(list, -1), undefined);
    assert.equal(bindingAt(list.slice(0, 1), 9)?.unitId, 'old');
    assert.equal(bindingAt(list.slice(0, 1), 10), undefined);
  });
});

describe('stopAt', () => {
  it('is the last boardable stop reached, inside its bounds', () => {
    fc.assert(
      fc.property(legs, fc.integer({ min: -600, max: 8_000 }), fc.nat(300), (way, atS, slackS) => {
        const run = runFrom(0, way);
        const ms = atS * 1000;
        const boardable = run.stops.slice(0, -1);
        const reached = boardable.findLast(({ arrMs }) => arrMs <= ms)?.seq ?? 0;
        const { seq, lo, hi } = stopAt(run, ms, slackS * 1000);
        assert.equal(seq, reached);
        assert.ok(0 <= lo && lo <= seq && seq <= hi && hi <= run.stops.length - 2);
        // Whoever scanned up to `slackMs` off the timetable got on within the bounds.
        for (const shift of [-slackS * 1000, slackS * 1000]) {
          const shifted = stopAt(run, ms + shift, 0);
          assert.ok(lo <= shifted.seq && shifted.seq <= hi);
        }
      }),
      { seed },
    );
  });

  it('counts a stop as reached at its arrival, and as left behind by nobody before its departure', () => {
    const run = runFrom(0, [
      [100, 100],
      [100, 100],
      [100, 0],
    ]);
    const at = (s: number, slackS: number): readonly number[] => {
      const { seq, lo, hi } = stopAt(run, s * 1000, slackS * 1000);
      return [lo, seq, hi];
    };
    assert.deepEqual(at(99, 0), [0, 0, 0]);
    // Doors are open from 100 to 200: late riders of the stop before may still be scanning.
    assert.deepEqual(at(100, 0), [0, 1, 1]);
    assert.deepEqual(at(199, 0), [0, 1, 1]);
    assert.deepEqual(at(200, 0), [1, 1, 1]);
    assert.deepEqual(at(250, 50), [1, 1, 2]);
    assert.deepEqual(at(249, 50), [0, 1, 1]);
  });

  it('never moves back as time goes on', () => {
    fc.assert(
      fc.property(legs, fc.nat(8_000), fc.nat(8_000), (way, aS, bS) => {
        const run = runFrom(0, way);
        const [early, late] = [Math.min(aS, bS), Math.max(aS, bS)].map((s) => stopAt(run, s * 1000));
        assert.ok(early !== undefined && late !== undefined);
        assert.ok(early.seq <= late.seq && early.lo <= late.lo && early.hi <= late.hi);
      }),
      { seed },
    );
  });

  it('says the last stop but one after the run has ended, for nobody boards at the last', () => {
    const run = runFrom(0, [
      [100, 20],
      [100, 20],
    ]);
    assert.deepEqual(stopAt(run, 10_000_000), { seq: 1, lo: 1, hi: 1 });
    assert.deepEqual(stopAt(run, -10_000_000), { seq: 0, lo: 0, hi: 0 });
    assert.deepEqual(stopAt(run, 110_000, 15_000), { seq: 1, lo: 0, hi: 1 });
  });
});

describe('runAt', () => {
  const way = [
    [600, 0],
    [600, 0],
  ] as const;
  const out = runFrom(0, way, 'out');
  const back = runFrom(30 * MINUTE_MS, way, 'back');

  it('knows the run under way and the idle vehicle', () => {
    const at = (minute: number): string | undefined => runAt([back, out], minute * MINUTE_MS)?.runKey;
    assert.deepEqual([-16, -15, 0, 19, 20, 24].map(at), [undefined, 'out', 'out', 'out', 'out', 'out']);
    // Ten minutes of rest from 20 to 30: the nearer end counts, the next run at equal distance.
    assert.deepEqual([25, 26, 29.9, 30, 50, 55, 55.1].map(at), [
      'back',
      'back',
      'back',
      'back',
      'back',
      'back',
      undefined,
    ]);
  });

  it('leaves the vehicle idle outside of tolerances that are set to nothing', () => {
    const none = { beforeMs: 0, afterMs: 0 };
    assert.equal(runAt([out, back], 25 * MINUTE_MS, none), undefined);
    assert.equal(runAt([out, back], 20 * MINUTE_MS, none)?.runKey, 'out');
    assert.equal(runAt([], 0), undefined);
  });

  it('prefers a moving vehicle to a waiting one, for any runs that follow each other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1_800), legs), { minLength: 1, maxLength: 6 }),
        fc.nat(30_000),
        (parts, atS) => {
          let clockMs = 0;
          const runs = parts.map(([restS, way], index) => {
            const run = runFrom(clockMs + restS * 1000, way, String(index));
            clockMs = lastArrivalMs(run);
            return run;
          });
          const ms = atS * 1000;
          const found = runAt(runs.toReversed(), ms);
          const moving = runs.filter((run) => firstDepartureMs(run) <= ms && ms < lastArrivalMs(run));
          if (moving.length > 0) assert.ok(found !== undefined && moving.includes(found));
          else if (found !== undefined) {
            assert.ok(firstDepartureMs(found) - ms <= 15 * MINUTE_MS && ms - lastArrivalMs(found) <= 5 * MINUTE_MS);
          }
        },
      ),
      { seed },
    );
  });
});

describe('service days and distances', () => {
  it('start at noon minus twelve hours, also when clocks change', () => {
    const iso = (day: number, zone: string): string => new Date(serviceStartMs(day, zone)).toISOString();
    const day = (text: string): number => Date.parse(text) / 86_400_000;
    assert.equal(iso(day('2026-11-20'), 'Asia/Shanghai'), '2026-11-19T16:00:00.000Z');
    // In New York clocks go forward on 8 March 2026 (23 h) and back on 1 November (25 h).
    assert.equal(iso(day('2026-03-08'), 'America/New_York'), '2026-03-08T04:00:00.000Z');
    assert.equal(iso(day('2026-11-01'), 'America/New_York'), '2026-11-01T05:00:00.000Z');
    assert.equal(iso(day('2026-07-01'), 'Asia/Kathmandu'), '2026-06-30T18:15:00.000Z');
    assert.throws(() => serviceStartMs(0, 'Nowhere/Land'), RangeError);
    assert.deepEqual([weekdayOf(0), weekdayOf(day('2026-11-20')), weekdayOf(-4)], [3, 4, 6]);
  });

  it('are twelve hours before noon in any zone on any day', () => {
    const zones = [
      'Asia/Shanghai',
      'America/New_York',
      'Australia/Lord_Howe',
      'Pacific/Auckland',
      'America/Adak',
      'UTC',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 7_500, max: 40_000 }), (zone, day) => {
        const noon = new Date(serviceStartMs(day, zone) + 12 * 60 * MINUTE_MS);
        const wall = noon.toLocaleString('sv-SE', { timeZone: zone });
        assert.equal(wall, `${new Date(day * 86_400_000).toISOString().slice(0, 10)} 12:00:00`);
      }),
      { seed },
    );
  });

  it('measures a degree of latitude as 111.2 km, alike both ways', () => {
    assert.equal(Math.round(distanceM({ lat: 22, lon: 115 }, { lat: 23, lon: 115 })), 111_195);
    const point = fc.record({
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
      lon: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(point, point, (a, b) => {
        assert.ok(Math.abs(distanceM(a, b) - distanceM(b, a)) < 1e-6);
        assert.ok(distanceM(a, b) >= 0 && distanceM(a, b) <= 20_015_200);
        assert.equal(distanceM(a, a), 0);
      }),
      { seed },
    );
  });
});
