// Stop notes the rider makes: ranges that run from low to high.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { likelyStop, noteAtStop, noteNow } from './stops.ts';
import type { Run } from './stops.ts';

const names = ['布吉', '草埔', '水贝', '田贝', '翠竹', '深圳湾'];
const run: Run = {
  key: 'r',
  boardSeq: 1,
  stops: names.map((zh, seq) => ({ seq, name: { zh, en: zh }, arr: 480 + seq * 6, dep: 481 + seq * 6 })),
};

test('the likely stop is the one being reached, and the last one at the end', () => {
  assert.equal(likelyStop(run, 481)?.seq, 2);
  assert.equal(likelyStop(run, 493)?.seq, 2);
  assert.equal(likelyStop(run, 496)?.seq, 3);
  assert.equal(likelyStop(run, 900)?.seq, 5);
});

test('a chosen stop is one stop', () => {
  const stop = run.stops[3];
  assert.ok(stop);
  assert.deepEqual(noteAtStop('off-tap', run, stop), {
    basis: 'off-tap',
    boardLo: 1,
    boardHi: 1,
    alightLo: 3,
    alightHi: 3,
    minuteLo: 495,
    minuteHi: 502,
  });
});

test('a vehicle without a run names no stop', () => {
  const note = noteNow('off-tap', null, 100, 90);
  assert.deepEqual([note.alightLo, note.alightHi, note.minuteLo], [0, 255, 100]);
});

test('every note runs from low to high within a byte and two days', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 5 }), (minute, boardSeq) => {
      const note = noteNow('rescan', { ...run, boardSeq }, 0, minute);
      const ordered = note.alightLo <= note.alightHi && note.minuteLo <= note.minuteHi && note.minuteHi <= 2879;
      return ordered && note.alightHi <= 255;
    }),
    { seed: 2 },
  );
});
