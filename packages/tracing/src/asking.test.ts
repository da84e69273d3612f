// What is asked of the operator is what a trace reads: no more, and nothing is missing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  covid,
  EIGHT,
  fromTo,
  inputOf,
  minuteMs,
  nothingKnown,
  ride,
  runOf,
  sourceOf,
  spaceOf,
  worldOf,
} from './engine-kit.test.ts';
import { policyById, trace, windowsFor } from './index.ts';
import type { Presence, PresenceSource, TraceInput } from './index.ts';

const span = { fromMs: EIGHT - 86_400_000, toMs: EIGHT + 86_400_000 };
const nothing: ReadonlySet<string> = new Set();

function asked(rides: readonly Presence[], more: Partial<TraceInput> = {}, included = nothing) {
  return windowsFor(inputOf([], more), span, { rides, included });
}

describe('windows', () => {
  it('reach from a quarter of an hour before the run to where the case left', () => {
    const [window, ...others] = asked([ride('c', 2, { evidence: [fromTo(2, 5)] })]);
    assert.equal(others.length, 0);
    assert.deepEqual(window, {
      unit: 'bus1',
      fromMs: EIGHT - 15 * minuteMs,
      toMs: EIGHT + 26 * minuteMs,
      reason: 'ride',
    });
  });

  it('reach as much further as the air counts', () => {
    const world = worldOf([runOf('r1')], [spaceOf('bus1', { air: 'sealed' })]);
    const [window] = asked([ride('c', 2, { evidence: [fromTo(2, 5)] })], { world });
    assert.equal(window?.toMs, EIGHT + 56 * minuteMs);
  });

  it('open the other carriages of the train where the policy speaks of them', () => {
    const train = ['k1', 'k2', 'k3'].map((unit) => spaceOf(unit, { kind: 'carriage', vehicle: 't' }));
    const world = worldOf([runOf('r1', EIGHT, 8, 't')], train);
    const units = (more: Partial<TraceInput>) =>
      asked([ride('c', 2, { unit: 'k2' })], { world, ...more }).map(({ unit }) => unit);
    assert.deepEqual(units({}), ['k1', 'k2', 'k3']);
    const tb = policyById('tb');
    assert.ok(tb);
    assert.deepEqual(units({ policy: tb }), ['k2']);
  });

  it('are six hours at most, near a ride, and ask no minute twice', () => {
    const measles = policyById('measles');
    assert.ok(measles);
    const slow = {
      ...runOf('r1'),
      stops: runOf('r1').stops.map((stop, i) => ({
        ...stop,
        arrMs: EIGHT + i * 3_600_000,
        depMs: EIGHT + i * 3_600_000,
      })),
    };
    const rides = [
      ride('c', 0, { boardedMs: EIGHT + 3 * 3_600_000 }),
      ride('d', 0, { boardedMs: EIGHT + 4 * 3_600_000, runKey: null }),
    ];
    const windows = asked(rides, { world: worldOf([slow]), policy: measles });
    for (const { fromMs, toMs } of windows) {
      assert.ok(toMs - fromMs <= 6 * 3_600_000);
      assert.ok(
        rides.some(({ boardedMs }) => fromMs >= boardedMs - 180 * minuteMs && toMs <= boardedMs + 300 * minuteMs),
      );
    }
    windows.every(({ fromMs }, i) => assert.ok(i === 0 || fromMs >= (windows[i - 1]?.toMs ?? 0)));
  });

  it('say why: a ride, an interview, a doubtful ride taken in', () => {
    const told = ride('told', 2, { unit: 'bus3', via: 'investigator' });
    const facts = { ...nothingKnown, legs: [told] };
    const doubtful = ride('d', 2, { unit: 'bus2', doubtful: true });
    const reasons = asked([ride('c', 2), doubtful], { facts }, new Set(['d'])).map(({ unit, reason }) => [
      unit,
      reason,
    ]);
    assert.deepEqual(reasons, [
      ['bus1', 'ride'],
      ['bus2', 'included'],
      ['bus3', 'interview'],
    ]);
    assert.deepEqual(asked([doubtful], {}), []);
  });

  it('hold everything the trace then reads, and the trace reads nothing else', () => {
    const presences = [
      ride('c', 2),
      ride('c2', 0, { person: 'p-c', unit: 'bus2', runKey: null }),
      ride('x', 3),
      ride('y', 4),
    ];
    const reads: (readonly [string, number, number])[] = [];
    const plain = sourceOf(presences);
    const source: PresenceSource = {
      ...plain,
      on(unit, fromMs, toMs) {
        reads.push([unit, fromMs, toMs]);
        return plain.on(unit, fromMs, toMs);
      },
    };
    const input = inputOf([], { source, policy: covid });
    trace(input);
    const own = presences.filter(({ person }) => person === 'p-c');
    const windows = windowsFor(input, span, { rides: own, included: nothing });
    assert.deepEqual(
      windows.map(({ unit, fromMs, toMs }) => [unit, fromMs, toMs]),
      reads.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
  });
});
