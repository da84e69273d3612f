// Which rides on a phone are ended by which others, and what is left alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RideReceipt } from '@tongche/contract';
import type { StoredRide } from '../ride/model.ts';
import { endsOf } from './chain.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const START_MS = Date.parse('2026-05-04T00:00:00+08:00');
const at = (day: number, minute: number): number => START_MS + day * DAY_MS + minute * MINUTE_MS;
/** Stops lie 700 m apart along a line, and two minutes; `east` of it by as many metres. */
const stop = (seq: number, from: number, direction: 1 | -1, eastM: number) => {
  const north = direction === 1 ? seq : 9 - seq;
  const name = { zh: `站${north}`, en: `Stop ${north}` };
  return {
    seq,
    name,
    arr: from + seq * 2,
    dep: from + seq * 2,
    at: [225_000 + north * 63, 1_140_000 + Math.round(eastM / 10.28)] as [number, number],
  };
};

interface Made {
  readonly day?: number;
  readonly minute: number;
  readonly boardSeq?: number;
  readonly direction?: 1 | -1;
  readonly eastM?: number;
}

function ride(
  id: string,
  { day = 0, minute, boardSeq = 0, direction = 1, eastM = 0 }: Made,
  more: Partial<StoredRide> = {},
): StoredRide {
  const stops = Array.from({ length: 10 }, (_, seq) => stop(seq, minute - boardSeq * 2, direction, eastM));
  const receipt = { run: { key: id, boardSeq, stops } } as unknown as RideReceipt;
  const sealed = { day, dayStartMs: at(day, 0), minute } as unknown as NonNullable<StoredRide['sealed']>;
  const rest = { id, code: id, offsetMs: 0, party: 0, notes: 0, status: 'registered', receipt, sealed } as const;
  return { ...rest, boardedMs: at(day, minute), ...more };
}
const told = (rides: readonly StoredRide[], nowMs: number): readonly unknown[] =>
  endsOf(rides, nowMs).map((end) => [end.ride.id, end.note.best, end.alighted.stop?.en]);

const out = ride('out', { minute: 480 });
const on = ride('on', { minute: 500, eastM: 150, boardSeq: 4 });
const back = ride('back', { minute: 1_080, direction: -1, boardSeq: 3 });

test('each ride ends where the next one begins; the last one is still under way', () => {
  assert.deepEqual(told([back, out, on], at(0, 1_090)), [
    ['out', 4, 'Stop 4'],
    ['on', 6, 'Stop 6'],
  ]);
});

test('after three in the night the last ride of the day ends where the first began', () => {
  const rides = [out, { ...on, alighted: { basis: 'off-tap', stop: null, atMs: 0 } } as const, back];
  assert.deepEqual(told(rides, at(1, 179)), [['out', 4, 'Stop 4']]);
  assert.deepEqual(told(rides, at(1, 181)), [
    ['out', 4, 'Stop 4'],
    ['back', 9, 'Stop 0'],
  ]);
});

test('a day of one ride is ended by the next day’s first', () => {
  const tomorrow = ride('tomorrow', { day: 1, minute: 470, boardSeq: 5 });
  assert.deepEqual(told([out], at(1, 400)), []);
  assert.deepEqual(told([out, tomorrow], at(1, 471)), [['out', 5, 'Stop 5']]);
});

test('no companion, no undone ride, nothing told twice, nothing older than a week', () => {
  const none = [
    [{ ...out, companion: '张*' }, on],
    [{ ...out, status: 'undone' }, on],
    [{ ...out, alighted: { basis: 'rescan', stop: null, atMs: 0 } }, on],
    [{ ...out, receipt: { ...out.receipt, run: null } as unknown as RideReceipt }, on],
  ] as const;
  for (const rides of none) assert.deepEqual(told(rides as readonly StoredRide[], at(0, 501)), []);
  assert.deepEqual(told([out, { ...on, companion: '张*' }], at(0, 501)), []);
  assert.deepEqual(
    told([out, on], at(7, 479)),
    [
      ['out', 4, 'Stop 4'],
      ['on', 9, 'Stop 9'],
    ].slice(0, 1),
  );
  assert.deepEqual(told([out, on], at(7, 481)), []);
});

test('a ride whose next one tells nothing ends where its rider got off on another day', () => {
  const monday = [out, on, back];
  const tuesday = ride('again', { day: 1, minute: 482 });
  const evening = ride('home', { day: 1, minute: 1_085, boardSeq: 2, direction: -1, eastM: 5_000 });
  assert.deepEqual(told([...monday, tuesday, evening], at(1, 1_090)).at(-1), ['again', 4, 'Stop 4']);
  const ends = endsOf([...monday, tuesday, evening], at(1, 1_090));
  assert.deepEqual([ends.at(-1)?.note.basis, ends.at(-1)?.ride.id], ['habit', 'again']);
});

test('what two other days agree on is told again, after all that was not told yet', () => {
  const days = [0, 1, 2].flatMap((day) => [
    ride(`out${day}`, { day, minute: 480 }),
    ride(`back${day}`, { day, minute: 1_080, boardSeq: 5, direction: -1 }),
  ]);
  const [first, ...others] = days;
  assert.ok(first !== undefined);
  const before = endsOf(days.slice(0, 2), at(0, 1_090))[0];
  assert.deepEqual([before?.ride.id, before?.note.settled], ['out0', undefined]);
  const marked = before === undefined ? first : { ...first, notes: 1, alighted: before.alighted };
  const now = endsOf([marked, ...others], at(2, 1_090));
  assert.deepEqual([now[0]?.ride.id, now.at(-1)?.ride.id, now.at(-1)?.note.settled], ['back0', 'out0', true]);
  const settled = { ...marked, notes: 2, alighted: now.at(-1)?.alighted ?? before?.alighted } as StoredRide;
  const used = { ...marked, notes: 3 };
  for (const done of [settled, used])
    assert.ok(endsOf([done, ...others], at(2, 1_090)).every((end) => end.ride.id !== 'out0'));
});

test('a next ride that waits to be sent tells nothing yet, and none after it does instead', () => {
  const waiting = { ...on, status: 'sealed' } as const;
  assert.deepEqual(told([out, waiting, back], at(0, 1_090)), []);
  assert.deepEqual(told([out, on, back], at(0, 1_090)).length, 2);
});

test('where no stop is near, the time alone bounds the ride and no stop is named', () => {
  const [end] = endsOf([out, ride('far', { minute: 491, eastM: 5_000 })], at(0, 492));
  assert.deepEqual(
    [end?.note.alightLo, end?.note.best, end?.note.alightHi, end?.alighted.stop],
    [1, undefined, 7, null],
  );
});
