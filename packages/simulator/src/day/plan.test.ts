import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, integer, property } from 'fast-check';
import { cityOf } from '@tongche/network/import';
import { makeDemoCity } from '../city/index.ts';
import type { DayPlan, PlannedRide } from './model.ts';
import { DEFAULT_DAY } from './parameters.ts';
import { maskOf } from './people.ts';
import { planDay } from './plan.ts';

const city = cityOf(makeDemoCity({ seed: 7 }).parts);
/** Thursday 19 November 2026. */
const day = 20_776;
const runs = new Map(city.runs(day).map((run) => [run.runKey, run]));
const hourMs = 3_600_000;
const minuteMs = 60_000;

function scans({ rides }: DayPlan): readonly (PlannedRide & { readonly registration: { readonly kind: 'scan' } })[] {
  return rides.flatMap((ride) =>
    ride.registration.kind === 'scan' ? [{ ...ride, registration: ride.registration }] : [],
  );
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}

test('the same seed gives the same day, another seed another one', () => {
  const text = (seed: number) => {
    const { units, ...plan } = planDay(city, day, { seed, riders: 120 });
    return JSON.stringify([plan, [...units]]);
  };
  assert.equal(text(3), text(3));
  assert.notEqual(text(3), text(4));
});

test('rides are possible: on a run of the unit’s vehicle, forwards, scanned after boarding, nobody in two places', () => {
  const vehicleOf = new Map(city.units.map((unit) => [unit.unitId, unit.vehicleId]));
  check(
    property(integer({ min: 0, max: 1e6 }), integer({ min: 1, max: 150 }), (seed, riders) => {
      const plan = planDay(city, day, { seed, riders });
      for (const ride of plan.rides) {
        const run = runs.get(ride.runKey);
        assert.equal(run?.vehicleId, vehicleOf.get(ride.unitId));
        assert.ok(ride.boardSeq < ride.alightSeq);
        assert.equal(ride.boardMs, run?.stops[ride.boardSeq]?.depMs);
        assert.equal(ride.alightMs, run?.stops[ride.alightSeq]?.arrMs);
        assert.ok(ride.scanMs >= ride.boardMs && ride.scanMs - ride.boardMs <= 3 * minuteMs);
        assert.ok(ride.scanMs >= plan.fromMs && ride.scanMs < plan.toMs);
      }
      for (const own of Map.groupBy(plan.rides, ({ riderId }) => riderId).values()) {
        const inOrder = own.toSorted((a, b) => a.boardMs - b.boardMs);
        for (const [index, ride] of inOrder.entries()) {
          const before = inOrder[index - 1];
          assert.ok(before === undefined || before.alightMs <= ride.boardMs);
        }
      }
      assert.deepEqual(
        plan.rides.map(({ scanMs }) => scanMs),
        plan.rides.map(({ scanMs }) => scanMs).toSorted((a, b) => a - b),
      );
    }),
    { numRuns: 25, seed: 11 },
  );
});

test('what is sent late is sent after the scan and before the day is over; a wrong vehicle is another one', () => {
  const plan = planDay(city, day, { riders: 2_000, seed: 5 });
  const late = scans(plan).filter(({ registration }) => registration.sentMs !== undefined);
  assert.ok(late.length > 20);
  for (const { scanMs, registration } of late) {
    assert.ok((registration.sentMs ?? 0) > scanMs + 3 * minuteMs || registration.sentMs === plan.toMs);
    assert.ok((registration.sentMs ?? 0) <= plan.toMs);
  }
  const wrong = scans(plan).filter(({ registration }) => registration.wrong !== undefined);
  assert.ok(wrong.length > 10);
  for (const { unitId, registration } of wrong) assert.notEqual(registration.wrong?.unitId, unitId);
});

test('the day has the shape of recorded ones', () => {
  const plan = planDay(city, day, { riders: 6_000 });
  const minutes = plan.rides.map(({ boardMs, alightMs }) => (alightMs - boardMs) / minuteMs);
  assert.ok(
    Math.abs(quantile(minutes, 0.5) - DEFAULT_DAY.rideMedianMin) < 2,
    `half ride ${quantile(minutes, 0.5)} min`,
  );
  // The city's lines are shorter than the longest recorded rides.
  assert.ok(quantile(minutes, 0.95) > 25 && quantile(minutes, 0.95) <= DEFAULT_DAY.rideP95Min);
  const startMs = plan.fromMs - 4.5 * hourMs;
  const hours = Map.groupBy(plan.rides, ({ boardMs }) => Math.floor((boardMs - startMs) / hourMs));
  const peak = Math.max(...[...hours.values()].map((rides) => rides.length / plan.rides.length));
  assert.ok(peak > 0.105 && peak < 0.13, `the peak hour has ${peak}`);
  const legs = plan.rides.length / plan.riders.length;
  assert.ok(legs > 1.7 && legs < 2.6, `${legs} rides a rider`);
});

test('masked forms tell riders apart, so that a masked list can be graded', () => {
  const { riders } = planDay(city, day, { riders: 5_000 });
  assert.equal(new Set(riders.map(maskOf)).size, riders.length);
});

test('the case rides and is registered on every ride, before noon', () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const plan = planDay(city, day, { seed, riders: 400 });
    const own = plan.rides.filter(({ riderId }) => riderId === plan.caseRider);
    assert.ok(own.length >= 3, `${own.length} rides with seed ${seed}`);
    for (const ride of own) {
      assert.equal(ride.registration.kind, 'scan');
      assert.equal(plan.units.get(ride.unitId)?.isDead, false);
      assert.ok(ride.alightMs < plan.fromMs + 7.5 * hourMs);
    }
  }
});

test('a shift’s trips follow each other, and somebody drives the busiest bus all day', () => {
  const plan = planDay(city, day, { riders: 500 });
  assert.ok(plan.shifts.some(({ account }) => account === 'driver'));
  for (const shift of plan.shifts) {
    for (const [index, trip] of shift.trips.entries()) {
      assert.ok(trip.startMs < trip.endMs && trip.startMs >= shift.fromMs && trip.endMs < shift.toMs);
      assert.ok((shift.trips[index - 1]?.endMs ?? 0) <= trip.startMs);
    }
  }
  const byUnit = Map.groupBy(plan.shifts, ({ unitId }) => unitId);
  for (const own of byUnit.values()) {
    const inOrder = own.toSorted((a, b) => a.fromMs - b.fromMs);
    for (const [index, shift] of inOrder.entries()) assert.ok((inOrder[index - 1]?.toMs ?? 0) <= shift.fromMs);
  }
});

test('a day without riders or with more than there are numbers is refused', () => {
  assert.throws(() => planDay(city, day, { riders: 0 }), RangeError);
  assert.throws(() => planDay(city, day, { riders: 200_001 }), RangeError);
});
