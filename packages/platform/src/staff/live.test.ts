// The numbered sequence of a shift: whatever the moment of reconnecting, a reader ends with what happened, once each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settableClock } from '@tongche/runtime';
import * as fc from 'fast-check';
import { liveHub } from './live.ts';
import type { LiveEvent, ShownRide } from './live.ts';

function ride(key: string, heads = 1): ShownRide {
  const check = { text: 'AB', colour: 'blue' };
  return { key, boardedMs: 0, receivedMs: 0, check, heads, assisted: false, late: false };
}

/** What a screen makes of what it is sent. */
function screen() {
  let heads = 0;
  const seqs: number[] = [];
  let last = 0;
  return {
    get state() {
      return { heads, last, seqs: [...seqs] };
    },
    snapshot(snapshot: { seq: number; heads: number; rides: readonly { seq: number }[] }) {
      heads = snapshot.heads;
      seqs.splice(0, seqs.length, ...snapshot.rides.map(({ seq }) => seq));
      last = snapshot.seq;
    },
    event(event: LiveEvent) {
      assert.ok(event.seq > last, 'an event came twice or out of order');
      last = event.seq;
      if (event.kind === 'ride') {
        heads += event.ride.heads;
        seqs.push(event.ride.seq);
      }
      if (event.kind === 'undo') heads -= 1;
    },
  };
}

test('readers that come and go at any moment agree with one that stayed', () => {
  const step = fc.constantFrom('ride', 'undo', 'trip', 'leave', 'return');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const hub = liveHub(settableClock(0));
      hub.open({ shiftId: 1, startedMs: 0 }, new Map(), []);
      const channel = hub.channel(1);
      assert.ok(channel);
      const stayed = screen();
      const moved = screen();
      channel.subscribe((event) => stayed.event(event));
      let stop: (() => void) | undefined = channel.subscribe((event) => moved.event(event));
      let rides = 0;
      for (const what of steps) {
        if (what === 'ride') hub.ride(1, ride(`${(rides += 1)}`));
        if (what === 'undo') hub.undo(1, `${rides}`);
        if (what === 'trip') hub.trip(1);
        if (what === 'leave') {
          stop?.();
          stop = undefined;
        }
        if (what === 'return' && stop === undefined) {
          for (const event of channel.since(moved.state.last) ?? assert.fail('the sequence was lost'))
            moved.event(event);
          stop = channel.subscribe((event) => moved.event(event));
        }
      }
      if (stop === undefined) for (const event of channel.since(moved.state.last) ?? []) moved.event(event);
      assert.deepEqual(moved.state, stayed.state);
      const fresh = screen();
      fresh.snapshot(channel.snapshot());
      assert.equal(fresh.state.heads, stayed.state.heads);
      assert.equal(fresh.state.last, stayed.state.last);
    }),
    { seed: 20, numRuns: 200 },
  );
});

test('numbers of before a restart, of the future and nonsense are not of this sequence', () => {
  const clock = settableClock(10_000);
  const hub = liveHub(clock);
  hub.open({ shiftId: 1, startedMs: 0 }, new Map([[0, 2]]), [ride('a'), ride('b')]);
  const channel = hub.channel(1);
  for (const seq of [1, 9_999, 11_000, -1, 1.5, Number.NaN]) assert.equal(channel?.since(seq), undefined, `${seq}`);
  const { seq, heads, rides } = channel?.snapshot() ?? assert.fail();
  assert.deepEqual([heads, rides.length], [2, 2]);
  assert.deepEqual(channel?.since(seq), []);
});

test('too long an absence is answered with the state, and a run has its own count', () => {
  const hub = liveHub(settableClock(0));
  hub.open({ shiftId: 1, startedMs: 0 }, new Map(), []);
  const channel = hub.channel(1);
  for (let n = 0; n < 1_100; n += 1) hub.ride(1, { ...ride(`${n}`), boardedMs: n % 2 });
  assert.equal(channel?.since(1), undefined);
  assert.equal(channel?.since(100)?.length, 1_000);
  assert.deepEqual(
    [channel?.snapshot().heads, channel?.snapshot((ms) => ms === 1).heads, channel?.snapshot((ms) => ms === 7).heads],
    [1_100, 550, 0],
  );
  assert.equal(channel?.snapshot().rides.length, 50);
  hub.close(1);
  assert.equal(hub.channel(1), undefined);
});
