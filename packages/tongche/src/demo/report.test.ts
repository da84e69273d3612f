import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DayStatistics, Grade } from '@tongche/simulator';
import { gradeLines, isGood } from './report.ts';
import type { DemoReport } from './report.ts';

const grade: Grade = {
  aboard: 9,
  expected: 6,
  found: 6,
  foundAssisted: 1,
  missing: 0,
  unknown: { 'no-scan': 2, 'dead-sticker': 0, 'nobody-signed-in': 0, 'driver-busy': 0, 'not-sent-yet': 1 },
  extra: { 'stops-not-told': 2, 'wrong-vehicle': 0, unexplained: 0 },
  extras: 2,
  precision: 0.75,
  recall: 1,
};
const counts = { acknowledged: 20, scanned: 18, companions: 1, assisted: 1, offline: 0, crew: 0, heads: 24 };
const statistics: DayStatistics = {
  ...counts,
  wrong: 1,
  undone: 1,
  chained: 3,
  notes: 5,
  enrolled: 12,
  signIns: 2,
  trips: 7,
  refused: {},
  retried: {},
  faults: 0,
  firstFault: undefined,
  ride: { count: 20, p50Ms: 3, p99Ms: 9 },
};
const report: DemoReport = {
  date: '2026-11-19',
  riders: 15,
  seed: 1,
  plannedRides: 30,
  statistics,
  stored: 19,
  expectedStored: 19,
  theCase: {
    caseId: 'c',
    contacts: 8,
    grade,
    enterToListMs: 300,
    listToSentMs: 200,
    messages: 8,
    delivered: 8,
    failed: 0,
  },
  later: grade,
  phases: { startS: 1, enrolS: 1, dayS: 1, totalS: 3 },
};

test('a grade says what was found, what nobody could know and why, and who is listed besides', () => {
  assert.deepEqual(gradeLines(grade), [
    'found 6 of 6 registered fellow riders, 1 of them registered by a driver (recall 100 %)',
    '9 were aboard; not registered: 2 did not scan, 1 still without a network',
    'listed besides: 2 did not say where they got off (precision 75 %)',
  ]);
  const nothing = { ...grade, foundAssisted: 0, unknown: { ...grade.unknown, 'no-scan': 0, 'not-sent-yet': 0 } };
  assert.equal(gradeLines({ ...nothing, extra: { ...grade.extra, 'stops-not-told': 0 } }).length, 1);
});

test('a day is good only if nothing was refused, lost, missed, unexplained or not delivered', () => {
  assert.equal(isGood(report), true);
  const bad: readonly DemoReport[] = [
    { ...report, statistics: { ...statistics, refused: { busy: 1 } } },
    { ...report, statistics: { ...statistics, faults: 1 } },
    { ...report, stored: 18 },
    { ...report, later: { ...grade, missing: 1 } },
    { ...report, theCase: { ...report.theCase, grade: { ...grade, missing: 1 } } },
    { ...report, theCase: { ...report.theCase, grade: { ...grade, extra: { ...grade.extra, unexplained: 1 } } } },
    { ...report, theCase: { ...report.theCase, delivered: 7 } },
  ];
  for (const one of bad) assert.equal(isGood(one), false);
});
