// Where a ride ended, from where the next one begins: along a made-up line with a stop every 500 m.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { chained, isStrong, MAX_WALK_M, told, usual } from './chaining.ts';
import type { ChainPlace, ChainRun, ChainStop, Ended } from './chaining.ts';

/** 501 m of latitude. */
const STEP = 45;
const stopAt = (seq: number): ChainStop => ({
  seq,
  name: { zh: `站${seq}` },
  arr: 480 + seq * 3,
  dep: 480 + seq * 3,
  at: [225_000 + seq * STEP, 1_140_000],
});
const run: ChainRun = { boardSeq: 2, stops: Array.from({ length: 12 }, (_, seq) => stopAt(seq)) };
/** Named `zh`, so many steps of 500 m along the line and beside it. */
const place = (along: number, beside = 0, zh = '别处'): ChainPlace => ({
  name: { zh },
  at: [225_000 + Math.round(along * STEP), 1_140_000 + Math.round((beside * STEP) / Math.cos((22.5 * Math.PI) / 180))],
});
const bounds = (note: ReturnType<typeof chained>): unknown =>
  note === undefined ? undefined : [note.alightLo, note.best, note.alightHi];

test('the nearest stop ahead that is within a walk, and its neighbours as bounds', () => {
  assert.deepEqual(bounds(chained(run, { minute: 520, place: place(6, 1) })), [5, 6, 7]);
  assert.deepEqual(bounds(chained(run, { minute: 520, place: place(6, 1.9) })), [6, 6, 6]);
  assert.deepEqual(bounds(chained(run, { minute: 520, place: place(6.4) })), [5, 6, 8]);
});

test('a note says which boarding told it, and whether that lay far away', () => {
  const how = (note: ReturnType<typeof chained>): unknown => [note?.link, note?.far];
  const tomorrow = { minute: 1_440 + 420, place: place(4) };
  assert.deepEqual(how(chained(run, { minute: 520, place: place(6, 0.6) })), ['next', false]);
  assert.deepEqual(how(chained(run, { minute: 520, place: place(6, 0.8) })), ['next', true]);
  assert.deepEqual(how(chained(run, tomorrow, { minute: 400, place: place(9) })), ['wrap', false]);
  assert.deepEqual(how(chained(run, tomorrow, { minute: 400, place: place(0, 3) })), ['next-day', false]);
  assert.deepEqual(how(chained(run, { minute: 500, place: undefined })), [undefined, undefined]);
});

test('stops behind the boarding are never named', () => {
  assert.deepEqual(bounds(chained(run, { minute: 600, place: place(2.6) })), [3, 3, 4]);
  assert.equal(chained(run, { minute: 600, place: place(0) }), undefined);
});

test('who boards next nearer to where they got on came back some other way, and nothing tells from where', () => {
  assert.equal(chained(run, { minute: 600, place: place(2.4) }), undefined);
  assert.equal(chained(run, { minute: 600, place: place(2, 0.5) }), undefined);
  // Only time still bounds such a ride.
  assert.deepEqual(bounds(chained(run, { minute: 500, place: place(2) })), [3, undefined, 7]);
});

test('a stop must have been reached, and walked from, by the next boarding', () => {
  // Stop 6 is reached at minute 498; from stop 5 it is 500 m, eight minutes.
  assert.deepEqual(bounds(chained(run, { minute: 498, place: place(6) })), [6, 6, 6]);
  assert.deepEqual(bounds(chained(run, { minute: 494, place: place(6) })), [3, undefined, 5]);
});

test('beyond a walk only time bounds the ride, and nothing does when the run is over', () => {
  assert.deepEqual(bounds(chained(run, { minute: 500, place: place(6, 3) })), [3, undefined, 7]);
  assert.equal(chained(run, { minute: 560, place: place(6, 3) }), undefined);
  assert.deepEqual(bounds(chained(run, { minute: 500, place: undefined })), [3, undefined, 7]);
});

test('without positions the name tells, of the stop ahead that has it', () => {
  const unplaced = { ...run, stops: run.stops.map(({ at: _at, ...stop }) => stop) };
  assert.deepEqual(bounds(chained(unplaced, { minute: 900, place: { name: { zh: '站9' } } })), [9, 9, 9]);
  assert.equal(chained(unplaced, { minute: 900, place: { name: { zh: '站1' } } }), undefined);
});

test('the last ride of a day ends where the first began; on another day, else, where that begins; bounds are wider', () => {
  const home = { minute: 400, place: place(9) };
  const tomorrow = { minute: 1_440 + 420, place: place(4) };
  assert.deepEqual(bounds(chained(run, tomorrow, home)), [6, 9, 11]);
  assert.deepEqual(bounds(chained(run, undefined, home)), [6, 9, 11]);
  assert.deepEqual(bounds(chained(run, tomorrow)), [3, 4, 7]);
  assert.deepEqual(bounds(chained(run, tomorrow, { minute: 400, place: place(9, 4) })), [3, 4, 7]);
  assert.equal(chained(run, undefined), undefined);
});

test('until three in the night it is the same day', () => {
  assert.deepEqual(
    bounds(chained(run, { minute: 1_440 + 60, place: place(6) }, { minute: 400, place: place(9) })),
    [5, 6, 7],
  );
});

test('when the next ride was, and of which day, is not in the note', () => {
  for (const beside of [0, 1]) {
    const first = chained(run, { minute: 540, place: place(6, beside) });
    for (const minute of [541, 700, 1_300]) assert.deepEqual(chained(run, { minute, place: place(6, beside) }), first);
  }
});

const from2 = (end: number, day = 1): Ended => ({ day, board: place(2.3), end: place(end) });
const backTo2 = (board: number, day = 1): Ended => ({ day, board: place(board), end: place(2) });

const ends = (note: ReturnType<typeof usual>): unknown =>
  note === undefined ? undefined : [note.alightLo, note.best, note.alightHi];

test('most of the other rides from here, and back to here, name where this one ends', () => {
  const elsewhere: Ended = { day: 1, board: place(4), end: place(7) };
  assert.deepEqual(ends(usual(run, [from2(6), from2(9), backTo2(9, 2)])), [8, 9, 10]);
  // Of equals the nearest ahead; out and back on one day is one reason; what is elsewhere or behind names nothing.
  assert.deepEqual(ends(usual(run, [from2(9), backTo2(9), backTo2(6), elsewhere, from2(0)])), [5, 6, 7]);
  assert.equal(usual(run, [from2(0), elsewhere]), undefined);
  assert.deepEqual([usual(run, [from2(9)])?.settled, usual(run, [from2(9), from2(9, 2)])?.settled], [undefined, true]);
  assert.equal(usual(run, [from2(11)])?.alightHi, 11);
});

test('a habit names no stop that was not reached by the next boarding', () => {
  assert.equal(usual(run, [from2(9)], { minute: 500, place: undefined }), undefined);
  assert.equal(usual(run, [from2(9)], { minute: 505, place: undefined })?.best, 9);
});

test('a habit is told where the next ride is far, on another day, silent, or bounds by time alone', () => {
  const next = (minute: number, where: ChainPlace) => ({ minute, place: where });
  for (const one of [
    next(560, place(6, 1)),
    next(560, place(6, 3)),
    next(1_440 + 420, place(4)),
    next(508, place(2)),
  ]) {
    const chain = chained(run, one);
    assert.equal(isStrong(chain), false);
    assert.deepEqual(told(run, chain, [from2(9)], one)?.basis, 'habit');
    assert.deepEqual(told(run, chain, [], one), chain);
  }
});

test('of stops side by side a strong chain leaves the choice to two days that agree', () => {
  const next = { minute: 560, place: place(6.4) };
  const chain = chained(run, next);
  assert.deepEqual(told(run, chain, [from2(7), backTo2(7, 2)], next), { ...chain, best: 7, settled: true });
  assert.deepEqual(told(run, chain, [from2(7)], next), chain);
  assert.deepEqual(told(run, chain, [from2(10), from2(10, 2)], next), chain);
});

const anywhere = fc.record({
  minute: fc.integer({ min: -200, max: 9_000 }),
  place: fc.option(
    fc.record({
      name: fc.constantFrom({ zh: '站5' }, { zh: '别处' }),
      at: fc.option(
        fc.tuple(fc.integer({ min: 224_000, max: 226_500 }), fc.integer({ min: 1_139_000, max: 1_141_000 })),
        {
          nil: undefined,
        },
      ),
    }),
    { nil: undefined },
  ),
});

test('whatever happened next, bounds run from low to high ahead of the boarding, and hold the best', () => {
  fc.assert(
    fc.property(fc.option(anywhere, { nil: undefined }), fc.option(anywhere, { nil: undefined }), (next, first) => {
      const others = [next, first].flatMap((one) =>
        one?.place === undefined ? [] : [from2(9), { day: 2, board: one.place, end: place(2) }],
      );
      const note = told(run, chained(run, next, first), others, next);
      if (note === undefined) return true;
      const { alightLo, alightHi, best = alightLo, minuteLo, minuteHi, boardLo, boardHi } = note;
      return (
        boardLo === 2 &&
        boardHi === 2 &&
        alightLo > 2 &&
        alightLo <= best &&
        best <= alightHi &&
        alightHi <= 11 &&
        minuteLo <= minuteHi &&
        minuteHi <= 2_879 &&
        Number.isInteger(minuteLo)
      );
    }),
    { seed: 5, numRuns: 2_000 },
  );
});

test('the walk is measured in metres, whatever the latitude', () => {
  for (const lat of [0, 225_000, 530_000]) {
    const stop: ChainStop = { seq: 1, name: { zh: '甲' }, arr: 10, dep: 10, at: [lat, 1_140_000] };
    const one: ChainRun = { boardSeq: 0, stops: [stop] };
    const eastM = (metres: number): ChainPlace => ({
      name: { zh: '乙' },
      at: [lat, 1_140_000 + Math.round(metres / (11.13 * Math.cos((lat / 10_000) * (Math.PI / 180))))],
    });
    assert.equal(chained(one, { minute: 100, place: eastM(MAX_WALK_M - 30) })?.best, 1);
    assert.equal(chained(one, { minute: 100, place: eastM(MAX_WALK_M + 30) }), undefined);
  }
});
