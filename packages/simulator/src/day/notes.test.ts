import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RideReceipt } from '@tongche/contract';
import type { PlannedRide } from './model.ts';
import { noteBefore, noteOf } from './notes.ts';

const minuteMs = 60_000;
const name = { zh: '站', en: 'Stop' };
/** A run with a stop every four minutes from 08:00 on. */
const stops = Array.from({ length: 8 }, (_, seq) => ({ seq, name, arr: 480 + seq * 4, dep: 480 + seq * 4 }));

function receipt(key: string, boardSeq: number): RideReceipt {
  // Only the run is looked at.
  return { run: { key, boardSeq, stops } } as unknown as RideReceipt;
}
const ride: PlannedRide = {
  riderId: 1,
  unitId: 'bus',
  runKey: 'run',
  boardSeq: 2,
  alightSeq: 5,
  boardMs: 488 * minuteMs,
  alightMs: 500 * minuteMs,
  scanMs: 488 * minuteMs,
  registration: { kind: 'none', gap: 'no-scan' },
};

test('a tap names the stop; where the ride began is what the answer said', () => {
  const note = noteOf('off-tap', ride, receipt('run', 3), 0);
  assert.deepEqual(note, {
    basis: 'off-tap',
    boardLo: 3,
    boardHi: 3,
    alightLo: 5,
    alightHi: 5,
    minuteLo: 497,
    minuteHi: 503,
  });
});

test('a second scan bounds the stop by the minutes around it', () => {
  const note = noteOf('rescan', { ...ride, alightMs: 502 * minuteMs }, receipt('run', 2), 0);
  assert.deepEqual([note?.alightLo, note?.alightHi, note?.minuteLo], [5, 6, 502]);
});

test('nothing is said of another run, of a stop behind, or by somebody who is silent', () => {
  assert.equal(noteOf('off-tap', ride, receipt('other', 2), 0), undefined);
  assert.equal(noteOf('off-tap', ride, receipt('run', 5), 0), undefined);
  assert.equal(noteOf('silent', ride, receipt('run', 2), 0), undefined);
  assert.equal(noteOf('chained', ride, { ...receipt('run', 2), run: null }, 0), undefined);
});

test('the phone tells the ride before from what its scans were answered, not from the plan', () => {
  const places = stops.map((stop, seq) => ({ ...stop, name: { zh: `${seq}`, en: '' }, at: [225_000 + seq * 40, 0] }));
  const receiptOf = (boardSeq: number, from = 0): RideReceipt =>
    ({ run: { key: 'run', boardSeq, stops: places.slice(from) } }) as unknown as RideReceipt;
  const next = { boardedMs: 520 * minuteMs, receipt: receiptOf(6, 3) };
  const note = noteBefore(receiptOf(2), next, 0);
  assert.deepEqual([note?.basis, note?.alightLo, note?.best, note?.alightHi], ['chained', 4, 6, 7]);
  assert.equal(noteBefore({ ...receiptOf(2), run: null }, next, 0), undefined);
  // Nothing is known of where a taxi was boarded, and by then the run was over.
  assert.equal(noteBefore(receiptOf(2), { ...next, receipt: { ...next.receipt, run: null } }, 0), undefined);
});
