// What one person's rides tell of one another. The line runs north, a stop every 500 m; the way back is the same in reverse.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { call, EIGHT, fromTo, minuteMs, ride, worldOf } from './engine-kit.test.ts';
import type { Presence, RunTimes } from './index.ts';
import { ownRides } from './own-rides.ts';

const DAY_MS = 86_400_000;
const STEP = 0.0045;

/** Stops 0..7 of a line, or 7..0 on the way back; `east` puts the line so many kilometres aside. */
function line(runKey: string, startMs: number, dir: 0 | 1 = 0, east = 0): RunTimes {
  const stops = Array.from({ length: 8 }, (_, seq) => {
    const place = dir === 0 ? seq : 7 - seq;
    const at = { stopId: `s${place}.${east}`, lat: 22.5 + place * STEP, lon: 114 + east * 0.01 };
    return call(seq, startMs + seq * 4 * minuteMs, startMs + (seq * 4 + 1) * minuteMs, at);
  });
  return { runKey, vehicle: runKey, lineId: `l${east}`, dir, line: null, stops };
}

const EVENING = EIGHT + 9 * 60 * minuteMs;
const runs = [
  line('out', EIGHT),
  line('back', EVENING, 1),
  line('out2', EIGHT + DAY_MS),
  line('far', EIGHT + 10 * minuteMs, 0, 30),
];
const world = worldOf(runs);
const days = {
  lifeDay: (ms: number) => Math.floor((ms + 5 * 3_600_000) / DAY_MS),
  dayStartMs: (ms: number) => Math.floor((ms + 8 * 3_600_000) / DAY_MS) * DAY_MS - 8 * 3_600_000,
};

function on(id: string, runKey: string, stop: number, more: Partial<Presence> = {}): Presence {
  const run = runs.find((one) => one.runKey === runKey);
  const boardedMs = (run?.stops[0]?.arrMs ?? EIGHT) + (stop * 4 + 1) * minuteMs;
  return ride(id, 0, { person: 'p-c', unit: runKey, runKey, boardedMs, ...more });
}

function endsOf(rides: readonly Presence[]) {
  return ownRides(rides, world, days).map(({ id, evidence: [first] }) => [id, first?.basis, first?.best, first?.link]);
}

describe('own rides', () => {
  it('end where the next one of the day begins, and the last one where the first began', () => {
    // Out from 1; back from place 5 (stop 2 on the way back).
    assert.deepEqual(endsOf([on('b', 'back', 2), on('a', 'out', 1)]), [
      ['a', 'chained', 5, 'next'],
      ['b', 'chained', 6, 'wrap'],
    ]);
  });

  it('end where they usually end when nothing follows', () => {
    const rides = [on('a', 'out', 1), on('b', 'back', 2), on('c', 'out2', 1)];
    assert.deepEqual(endsOf(rides).at(-1), ['c', 'habitual', 5, undefined]);
  });

  it('keep what was seen or said', () => {
    const seen = on('a', 'out', 1, { evidence: [fromTo(1, 3)] });
    assert.deepEqual(endsOf([seen, on('b', 'back', 2)])[0], ['a', 'observed', undefined, undefined]);
  });

  it('are over when the next one begins, unless nobody can have been there by then', () => {
    const [first] = ownRides([on('a', 'out', 1), on('b', 'back', 2)], world, days);
    assert.equal(first?.goneMs, EVENING + 9 * minuteMs);
    // Thirty kilometres away, ten minutes later: somebody else with the same phone.
    const [apart] = ownRides([on('a', 'out', 1), on('x', 'far', 1)], world, days);
    assert.deepEqual([apart?.goneMs, apart?.evidence], [null, []]);
  });

  it('go on in another carriage of the same run', () => {
    const [first, second] = ownRides([on('a', 'out', 1), on('a2', 'out', 3, { unit: 'k2' })], world, days);
    assert.equal(first?.goneMs, EIGHT + 13 * minuteMs);
    assert.equal(second?.goneMs, null);
  });

  it('registered twice are one, seen at the second time, doubtful only if both are', () => {
    const again = on('again', 'out', 3, { doubtful: true, party: 2, row: 4 });
    const [one, ...others] = ownRides([again, on('a', 'out', 1)], world, days);
    assert.equal(others.length, 0);
    assert.deepEqual([one?.id, one?.party, one?.row, one?.doubtful], ['a', 2, 4, false]);
    // A doubtful registration does not say that they were still there.
    assert.equal(one?.seenMs, EIGHT + 5 * minuteMs);
    const [sure] = ownRides([on('a', 'out', 1), on('again', 'out', 3)], world, days);
    assert.equal(sure?.seenMs, EIGHT + 13 * minuteMs);
  });
});
