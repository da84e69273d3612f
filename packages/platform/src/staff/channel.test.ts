// The numbered sequence of a shift: whatever the moment of coming back, a reader ends with what happened, once each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveRide, LiveRideEvent, LiveUndo } from '@tongche/contract';
import { MINUTE_MS } from '@tongche/protocol';
import { rideIdFromDigest } from '@tongche/protocol';
import * as fc from 'fast-check';
import type { Boarding } from '../peers/boarding.ts';
import { boardedMsOfBoarding, headsOfBoarding } from '../peers/boarding.ts';
import { makeChannel } from './channel.ts';
import type { Channel, LiveSnapshot, Reader } from './channel.ts';

const startedMs = 1_700_000_000_000;

function boarding(n: number, { minute = 0, party = 0 } = {}): Boarding {
  const digest = new Uint8Array(32);
  new DataView(digest.buffer).setUint32(2, n);
  const rideId = rideIdFromDigest(startedMs + minute * MINUTE_MS, digest);
  const check = { text: 'A7', colour: 'purple' } as const;
  return { codeId: 5, rideId, receivedS: startedMs / 1000 + n, w2: party << 11, flags: 0, check };
}

function takenBack(ride: Boarding) {
  const { codeId, rideId } = ride;
  return { codeId, rideId, boardedMs: boardedMsOfBoarding(ride), heads: headsOfBoarding(ride) };
}

/** What a page makes of what it is sent. */
function page() {
  let view: { heads: number; rides: { seq: number; undone: boolean }[] } = { heads: 0, rides: [] };
  let lastId = '';
  const shown = ({ seq, undone }: LiveRide) => ({ seq, undone });
  return {
    get lastId() {
      return lastId;
    },
    get view() {
      return view;
    },
    state({ id, heads, rides }: LiveSnapshot) {
      view = { heads, rides: rides.map(shown) };
      lastId = id;
    },
    frame(bytes: Uint8Array) {
      const fields = new Map(
        Buffer.from(bytes)
          .toString()
          .trimEnd()
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      const [id = '', event] = [fields.get('id'), fields.get('event')];
      const numberOf = (text: string): number => Number(text.split('.')[1] ?? 0);
      assert.ok(lastId === '' || numberOf(id) > numberOf(lastId), 'an event came twice or out of order');
      lastId = id;
      const data: unknown = JSON.parse(fields.get('data') ?? '');
      if (event === 'ride') {
        const ride = data as LiveRideEvent;
        view = { heads: ride.total, rides: [...view.rides, shown(ride)].slice(-50) };
      } else if (event === 'undo') {
        const { seq, total } = data as LiveUndo;
        view = { heads: total, rides: view.rides.map((one) => (one.seq === seq ? { ...one, undone: true } : one)) };
      } else if (event === 'trip') {
        this.state(data as LiveSnapshot);
      }
    },
  };
}

function readerOf(one: ReturnType<typeof page>): Reader {
  return {
    send(frame) {
      one.frame(frame);
      return true;
    },
    close() {},
  };
}

function comeBack(channel: Channel, one: ReturnType<typeof page>, reader: Reader): void {
  const missed = one.lastId === '' ? undefined : channel.since(one.lastId);
  if (missed === undefined) one.state(channel.snapshot());
  else for (const frame of missed) one.frame(frame);
  channel.readers.add(reader);
}

test('readers that come and go at any moment agree with one that stayed', () => {
  const step = fc.constantFrom('ride', 'ride', 'ride', 'undo', 'old undo', 'trip', 'leave', 'return');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const channel = makeChannel({ epoch: 'e', startedMs, fits: () => undefined });
      const [stayed, moved] = [page(), page()];
      const reader = readerOf(moved);
      channel.readers.add(readerOf(stayed));
      comeBack(channel, moved, reader);
      const rides: Boarding[] = [];
      let heads = 0;
      for (const what of steps) {
        if (what === 'ride') {
          const one = boarding(rides.length, { minute: rides.length % 7, party: rides.length % 3 });
          rides.push(one);
          heads += headsOfBoarding(one);
          channel.ride(one);
        }
        const undone = what === 'undo' ? rides.pop() : what === 'old undo' ? rides.shift() : undefined;
        if (undone !== undefined) {
          heads -= headsOfBoarding(undone);
          channel.undo(takenBack(undone));
        }
        if (what === 'trip') channel.restate('trip', (now) => now);
        if (what === 'leave') channel.readers.delete(reader);
        if (what === 'return' && !channel.readers.has(reader)) comeBack(channel, moved, reader);
      }
      if (!channel.readers.has(reader)) comeBack(channel, moved, reader);
      assert.equal(stayed.view.heads, heads);
      assert.deepEqual(moved.view, stayed.view);
      const fresh = page();
      fresh.state(channel.snapshot());
      assert.deepEqual([fresh.view, fresh.lastId.split('.')[0]], [stayed.view, 'e']);
    }),
    { seed: 20, numRuns: 300 },
  );
});

test('ids of another process, of before a new beginning, of the future and nonsense are answered with the state', () => {
  const channel = makeChannel({ epoch: 'mine', startedMs, fits: () => undefined });
  channel.begin([[startedMs, 2]], [boarding(1), boarding(2)]);
  for (const id of ['other.2', 'mine.1', 'mine.3', 'mine.-1', 'mine.1.5', 'mine.', 'mine', '', '2']) {
    assert.equal(channel.since(id), undefined, id);
  }
  const { id, heads, rides } = channel.snapshot();
  assert.deepEqual([id, heads, rides.length], ['mine.2', 2, 2]);
  assert.deepEqual(channel.since(id), []);
});

test('too long an absence is answered with the state, a short one with just what was missed', () => {
  const channel = makeChannel({ epoch: 'e', startedMs, fits: () => undefined });
  for (let n = 0; n < 200; n += 1) channel.ride(boarding(n));
  assert.equal(channel.since('e.100'), undefined);
  assert.equal(channel.since('e.160')?.length, 40);
  assert.equal(channel.snapshot().rides.length, 50);
  assert.deepEqual(
    channel.snapshot().rides.map(({ seq }) => seq),
    Array.from({ length: 50 }, (_, n) => 151 + n),
  );
});

test('a run has its own count, also of rides that come late', () => {
  let ofTrip: ((ms: number) => boolean) | undefined;
  const channel = makeChannel({ epoch: 'e', startedMs, fits: () => ofTrip });
  for (let n = 0; n < 100; n += 1) channel.ride(boarding(n, { minute: n % 2 }));
  assert.equal(channel.snapshot().heads, 100);
  ofTrip = (ms) => ms >= startedMs - (startedMs % MINUTE_MS) + MINUTE_MS;
  const view = page();
  channel.readers.add(readerOf(view));
  channel.restate('trip', (now) => now);
  assert.equal(view.view.heads, 50);
  channel.ride(boarding(200, { minute: 0 }));
  assert.equal(view.view.heads, 50);
  channel.ride(boarding(201, { minute: 5, party: 3 }));
  assert.equal(view.view.heads, 54);
});

test('a ride that is heard of after it was taken back is shown as such and counts nothing', () => {
  const channel = makeChannel({ epoch: 'e', startedMs, fits: () => undefined });
  const view = page();
  channel.readers.add(readerOf(view));
  const one = boarding(1, { party: 2 });
  channel.undo(takenBack(one));
  channel.ride(one);
  assert.deepEqual(view.view, { heads: 0, rides: [{ seq: 2, undone: true }] });
  channel.undo(takenBack(one));
  assert.equal(channel.snapshot().heads, 0);
});

test('a shift that nobody ends keeps its count and stays small', () => {
  const channel = makeChannel({ epoch: 'e', startedMs, fits: () => undefined });
  for (let day = 0; day < 20; day += 1) channel.ride(boarding(day, { minute: day * 24 * 60 }));
  channel.undo(takenBack(boarding(0)));
  assert.equal(channel.snapshot().heads, 19);
});
