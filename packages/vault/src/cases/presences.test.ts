// What a stop note becomes as evidence: its basis in the engine's words, its bounds, and the likeliest stop where it names one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceRide } from '@tongche/contract';
import type { StopNote } from '@tongche/protocol';
import type { Static } from 'typebox';
import type { OpenedRide } from '../opening/packed.ts';
import { presenceOf } from './presences.ts';

const boardedMs = Date.UTC(2026, 4, 3);
const ride = {
  unitId: 'bus',
  w2: 0,
  boardedMs,
  receivedS: boardedMs / 1000 + 5,
  runKey: 'run',
  boardSeq: 2,
  crewUntilMs: null,
  doubts: [],
  notes: [],
} as unknown as Static<typeof TraceRide>;
const bounds = { boardLo: 2, boardHi: 2, alightLo: 4, alightHi: 7 } as const;

function evidenceOf(notes: readonly StopNote[]): unknown {
  const contact = { kind: 'phone', flags: { companion: false, assisted: false } };
  const opened = { contact, tagFits: true, notes } as unknown as OpenedRide;
  return presenceOf(ride, { id: 'r', person: 'p', opened }).evidence;
}

test('a chained note keeps what told it and whether that was far, from which the engine believes it more or less', () => {
  const note = { basis: 'chained', ...bounds, best: 5, minuteLo: 480, minuteHi: 500 } as const;
  assert.deepEqual(
    evidenceOf([
      { ...note, link: 'wrap', far: false },
      { ...note, link: 'next', far: true },
    ]),
    [
      { basis: 'chained', ...bounds, best: 5, link: 'wrap', walkM: 0 },
      { basis: 'chained', ...bounds, best: 5, link: 'next', walkM: 1_000 },
    ],
  );
});

test('a chained note keeps its bounds and its likeliest stop', () => {
  const minutes = { minuteLo: 480, minuteHi: 500 };
  assert.deepEqual(
    evidenceOf([
      { basis: 'chained', ...bounds, best: 5, ...minutes },
      { basis: 'off-tap', ...bounds, ...minutes },
    ]),
    [
      { basis: 'chained', ...bounds, best: 5 },
      { basis: 'observed', ...bounds },
    ],
  );
});
