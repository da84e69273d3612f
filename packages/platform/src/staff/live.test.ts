// A screen made of the database while rides are committed: every transaction once, whichever came first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveState } from '@tongche/contract';
import { MINUTE_MS, rideIdFromDigest } from '@tongche/protocol';
import { memoryLog, settableClock } from '@tongche/runtime';
import type { Boarding } from '../peers/boarding.ts';
import { boardedMsOfBoarding } from '../peers/boarding.ts';
import { parseSnapshot } from '../peers/snapshot.ts';
import { liveHub } from './live.ts';
import type { LiveOptions, ReadShift } from './live.ts';
import type { OpenShift } from './shifts.ts';

const startedMs = 1_700_000_000_000 - (1_700_000_000_000 % MINUTE_MS);
const shift: OpenShift = { shiftId: 1, staffId: 1, unitId: 'u', codeId: 5, startedMs, trip: undefined };

function boarding(n: number): Boarding {
  const rideId = rideIdFromDigest(startedMs, new Uint8Array(32).fill(n));
  return { codeId: 5, rideId, receivedS: n, w2: 0, flags: 0, check: { text: 'A7', colour: 'blue' } };
}

function taken(ride: Boarding) {
  return { codeId: ride.codeId, rideId: ride.rideId, boardedMs: boardedMsOfBoarding(ride), heads: 1 };
}

type Read = Awaited<ReturnType<LiveOptions['read']>>;

/** A hub whose readings are answered by hand. */
function openHub() {
  const asked: {
    readonly shifts: readonly OpenShift[];
    answer(snapshot: string, rides: readonly Boarding[]): void;
    fail(): void;
  }[] = [];
  const clock = settableClock(startedMs);
  let epoch = 0;
  let waiting: (() => void) | undefined;
  const hub = liveHub({
    clock,
    log: memoryLog('platform'),
    random: (n) => new Uint8Array(n).fill((epoch += 1)),
    read(shifts) {
      const { promise, resolve, reject } = Promise.withResolvers<Read>();
      asked.push({
        shifts,
        answer(text, rides) {
          const of: ReadShift = { heads: [[startedMs, rides.length]], rides };
          resolve({ snapshot: parseSnapshot(text), of: shifts.map(() => of) });
        },
        fail: () => reject(new Error('no database')),
      });
      waiting?.();
      return promise;
    },
    present: async () => shift,
    fits: () => undefined,
    state: (_shiftId, { heads, rides }) => ({ heads, rides: [...rides] }) as unknown as LiveState,
  });
  async function reading() {
    if (asked.length === 0) await new Promise<void>((resolve) => (waiting = resolve));
    const one = asked.shift();
    assert.ok(one);
    return one;
  }
  return { hub, clock, reading, asked };
}

test('what is committed while a screen is read is there once', async () => {
  const { hub, reading } = openHub();
  const opening = hub.channel(shift);
  const read = await reading();
  // 10 and 12 are in the reading, 11 was under way, 13 came after it.
  for (const xid of [10, 11, 13]) hub.ride(1, boarding(xid), xid);
  read.answer('11:13:11', [boarding(10), boarding(12)]);
  const channel = await opening;
  assert.equal(channel.snapshot().heads, 4);
  // Heard late, in another order than committed.
  hub.ride(1, boarding(12), 12);
  hub.ride(1, boarding(15), 15);
  hub.ride(1, boarding(14), 14);
  assert.equal(channel.snapshot().heads, 6);
  hub.undo(1, taken(boarding(9)), 9);
  hub.undo(1, taken(boarding(15)), 16);
  assert.equal(channel.snapshot().heads, 5);
});

test('a new beginning while another is read counts from the last reading', async () => {
  const { hub, reading } = openHub();
  const opening = hub.channel(shift);
  const first = await reading();
  const renewing = hub.renew();
  hub.ride(1, boarding(20), 20);
  first.answer('20:20:', []);
  const second = await reading();
  hub.ride(1, boarding(21), 21);
  second.answer('21:21:', [boarding(20)]);
  await renewing;
  assert.equal((await opening).snapshot().heads, 2);
});

test('readers get the new state of a screen that began anew, under an id of the new sequence', async () => {
  const { hub, reading } = openHub();
  const opening = hub.channel(shift);
  (await reading()).answer('5:5:', [boarding(1)]);
  const before = (await opening).snapshot().id;
  const heard: string[] = [];
  hub.join(1, { send: (frame) => heard.push(Buffer.from(frame).toString()) > 0, close() {} });
  const renewing = hub.renew();
  (await reading()).answer('9:9:', [boarding(1), boarding(2)]);
  await renewing;
  assert.equal(heard.length, 1);
  assert.match(heard[0] ?? '', /^id: [\w-]{8}\.3\nevent: state\ndata: \{"heads":2/);
  const now = await hub.channel(shift);
  assert.equal(now.since(before), undefined);
});

test('a reading that fails fails whoever asked, ends streams, and the next one begins anew', async () => {
  const { hub, reading } = openHub();
  const opening = hub.channel(shift);
  (await reading()).fail();
  await assert.rejects(opening, /no database/);
  const again = hub.channel(shift);
  (await reading()).answer('5:5:', []);
  await again;
  let closed = false;
  hub.join(1, { send: () => true, close: () => void (closed = true) });
  const renewing = hub.renew();
  (await reading()).fail();
  await assert.rejects(renewing, /no database/);
  assert.equal(closed, true);
});

test('a screen outlives its last reader for a while, and a shift that ends closes it', async () => {
  const { hub, clock, reading, asked } = openHub();
  const reader = { send: () => true, close() {} };
  const opening = hub.channel(shift);
  (await reading()).answer('5:5:', []);
  await opening;
  hub.join(1, reader);
  await clock.advance(10 * MINUTE_MS);
  hub.leave(1, reader);
  await clock.advance(MINUTE_MS);
  await hub.channel(shift);
  assert.equal(asked.length, 0);
  await clock.advance(3 * MINUTE_MS);
  const anew = hub.channel(shift);
  (await reading()).answer('5:5:', []);
  await anew;
  let closed = false;
  hub.join(1, { send: () => true, close: () => void (closed = true) });
  hub.close(1);
  assert.equal(closed, true);
});
