import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DayPlan, PlannedRide, Registration, Rider } from './model.ts';
import { gradeList } from './truth.ts';

const scan = {
  kind: 'scan',
  party: 0,
  companion: undefined,
  sentMs: undefined,
  wrong: undefined,
  leaving: 'silent',
} as const;
const noonMs = 1_000;

function ride(riderId: number, stops: readonly [number, number], registration: Registration = scan, unitId = 'bus') {
  const [boardSeq, alightSeq] = stops;
  const times = { boardMs: 100, alightMs: 200, scanMs: 100 };
  return { riderId, unitId, runKey: `${unitId}-run`, boardSeq, alightSeq, ...times, registration };
}

function planOf(rides: readonly PlannedRide[]): DayPlan {
  const riders = Array.from({ length: 12 }, (_, riderId): Rider =>
    riderId === 9
      ? { riderId, kind: 'assisted', document: '', reach: '', name: '' }
      : { riderId, kind: 'phone', digits: '', name: '', isFirstTime: false },
  );
  const nothing = { units: new Map(), shifts: [], caseRider: 0, fromMs: 0, toMs: 9_999 };
  return { day: 1, zone: 'UTC', riders, rides, ...nothing };
}

function grade(rides: readonly PlannedRide[], listed: readonly number[], atMs = noonMs) {
  const people = listed.map((riderId) => ({ riderId: riderId < 0 ? undefined : riderId }));
  return gradeList(planOf([ride(0, [2, 6]), ...rides]), people, atMs);
}

test('together means at least one stretch; who gets off where the case gets on was not', () => {
  const all = [ride(1, [0, 2]), ride(2, [0, 3]), ride(3, [5, 9]), ride(4, [6, 9]), ride(5, [2, 6], scan, 'other')];
  const { expected, found, missing, recall } = grade(all, [2, 3]);
  assert.deepEqual({ expected, found, missing, recall }, { expected: 2, found: 2, missing: 0, recall: 1 });
});

test('who is not registered cannot be missed, and it is said why', () => {
  const all = [
    ride(1, [2, 4]),
    ride(2, [2, 4], { kind: 'none', gap: 'no-scan' }),
    ride(3, [2, 4], { kind: 'none', gap: 'dead-sticker' }),
    ride(4, [2, 4], { ...scan, sentMs: 2_000 }),
    ride(9, [2, 4], { kind: 'assisted', party: 0 }),
  ];
  const noon = grade(all, [9]);
  assert.equal(noon.aboard, 5);
  assert.equal(noon.expected, 2);
  assert.deepEqual([noon.found, noon.foundAssisted, noon.missing], [1, 1, 1]);
  assert.deepEqual([noon.unknown['no-scan'], noon.unknown['dead-sticker'], noon.unknown['not-sent-yet']], [1, 1, 1]);
  assert.equal(grade(all, [9], 3_000).expected, 3, 'what was offline is expected once it is sent');
});

test('a companion with an own number is a person, and one registered ride of a person is enough', () => {
  const all = [
    ride(1, [2, 4], { ...scan, companion: 6 }),
    ride(2, [2, 4], { kind: 'none', gap: 'no-scan' }),
    ride(2, [4, 6]),
  ];
  assert.equal(grade(all, [1, 2, 6]).found, 3);
  assert.equal(grade(all, [1]).missing, 2);
});

test('who is listed without having been aboard is explained', () => {
  const all = [ride(1, [0, 2]), ride(2, [2, 4], { ...scan, wrong: { unitId: 'bus', isUndone: false } }, 'other')];
  const { extra, extras, precision } = grade([...all, ride(4, [2, 3])], [1, 2, 4, 7, -1]);
  assert.deepEqual(extra, { 'stops-not-told': 1, 'wrong-vehicle': 1, unexplained: 2 });
  assert.equal(extras, 4);
  assert.equal(precision, 0.2);
});

test('an empty list of nobody is a good one', () => {
  const { precision, recall } = grade([], []);
  assert.deepEqual([precision, recall], [1, 1]);
});
