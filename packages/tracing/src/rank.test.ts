import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { fromTo, minuteMs, ride, run } from './kit.test.ts';
import type { Presence, StopBounds } from './model.ts';
import { rank } from './rank.ts';

const runs = [run('r1'), run('r2')];

describe('rank', () => {
  it('calls riders close who were together for a stop at least, with the minutes of the timeline', () => {
    const cases = [ride('c', { notes: [fromTo(2, 5)] })];
    const [contact, ...others] = rank({ cases, riders: [ride('x', { notes: [fromTo(3, 7)] })], runs });
    assert.equal(others.length, 0);
    assert.equal(contact?.tier, 'close');
    assert.equal(contact.probability, 1);
    // From the departure at stop 3 (13 min) to the arrival at stop 5 (20 min).
    assert.ok(Math.abs(contact.minutes - 7) < 1e-9, String(contact.minutes));
    assert.match(contact.reason.zh, /M133路同一班次.*站3至站5.*约 7 分钟/);
    assert.match(contact.reason.en, /about 7 min between Stop 3 and Stop 5/);
    assert.deepEqual([contact.legs[0]?.fromMs, contact.legs[0]?.toMs], [13 * minuteMs, 20 * minuteMs]);
  });

  it('leaves out who boards where the case gets off', () => {
    const cases = [ride('c', { notes: [fromTo(2, 5)] })];
    const riders = [ride('after', { notes: [fromTo(5, 7)] }), ride('before', { notes: [fromTo(0, 2)] })];
    assert.deepEqual(rank({ cases, riders, runs }), []);
  });

  it('asks to verify where nobody knows when they got off', () => {
    const cases = [ride('c', { boardSeq: 2 })];
    const [contact] = rank({ cases, riders: [ride('x', { boardSeq: 4 })], runs });
    assert.equal(contact?.tier, 'verify');
    // The case gets off at 3..7, evenly: behind stop 4 in three of five.
    assert.ok(Math.abs(contact.probability - 3 / 5) < 1e-9);
    assert.match(contact.reason.en, /^To verify: .*60 %/);
  });

  it('is certain without notes when both board at the same stop', () => {
    const [contact] = rank({ cases: [ride('c', { boardSeq: 2 })], riders: [ride('x', { boardSeq: 2 })], runs });
    assert.equal(contact?.tier, 'close');
    assert.match(contact.reason.en, /together from Stop 2 to Stop 3 at least and Stop 7 at most/);
  });

  it('takes the boarding stop from the time when it was not recorded', () => {
    const cases = [ride('c', { boardSeq: null, boardedMs: 8.5 * minuteMs, notes: [] })];
    const [contact] = rank({ cases, riders: [ride('x', { boardSeq: 2 })], runs });
    assert.equal(contact?.legs[0]?.fromSeq, 2);
  });

  it('matches nobody over another unit, another run, no run, an unknown run', () => {
    const cases = [ride('c', { notes: [fromTo(0, 7)] })];
    const riders = [
      ride('carriage', { unit: 'car2' }),
      ride('later', { runKey: 'r2' }),
      ride('none', { runKey: null }),
      ride('unknown', { runKey: 'r9' }),
    ];
    assert.deepEqual(rank({ cases, riders, runs }), []);
    assert.deepEqual(rank({ cases: [ride('c', { runKey: null })], riders: [ride('x', { runKey: null })], runs }), []);
  });

  it('never lists the case itself', () => {
    const cases = [ride('c')];
    assert.deepEqual(rank({ cases, riders: [ride('again', { person: 'p-c' }), ...cases], runs }), []);
  });

  it('counts a ride registered twice once, and two shared rides twice', () => {
    const cases = [ride('c1'), ride('c2', { person: 'p-c1', runKey: 'r2' })];
    const riders = [
      ride('x1', { person: 'x', boardSeq: 3 }),
      ride('x2', { person: 'x', boardSeq: 3 }),
      ride('x3', { person: 'x', boardSeq: 3, runKey: 'r2', party: 2 }),
    ];
    const [contact] = rank({ cases, riders, runs });
    assert.equal(contact?.legs.length, 2);
    const [first, second] = contact.legs;
    assert.ok(
      Math.abs(contact.probability - (1 - (1 - (first?.probability ?? 0)) * (1 - (second?.probability ?? 0)))) < 1e-9,
    );
    assert.equal(contact.legs.find((leg) => leg.runKey === 'r2')?.party, 2);
    assert.match(contact.reason.zh, /另有 1 次同乘/);
  });

  it('asks to verify on a run without stop times', () => {
    const bare = { runKey: 'taxi', line: null, stops: [] };
    const at = { runKey: 'taxi', unit: 'taxi1' };
    const [contact] = rank({ cases: [ride('c', at)], riders: [ride('x', at)], runs: [bare] });
    assert.equal(contact?.tier, 'verify');
    assert.equal(contact.probability, 0.5);
  });

  it('orders by tier, likelihood, minutes', () => {
    const cases = [ride('c', { notes: [fromTo(1, 6)] })];
    const riders = [
      ride('unknown', { boardSeq: 0 }),
      ride('short', { notes: [fromTo(5, 7)] }),
      ride('long', { notes: [fromTo(0, 7)] }),
    ];
    assert.deepEqual(
      rank({ cases, riders, runs }).map((contact) => contact.person),
      ['p-long', 'p-short', 'p-unknown'],
    );
  });

  it('ignores a note of another timeline', () => {
    const strange: StopBounds = { basis: 'off-tap', boardLo: 40, boardHi: 41, alightLo: 44, alightHi: 50 };
    const [contact] = rank({
      cases: [ride('c', { boardSeq: 2, notes: [strange] })],
      riders: [ride('x', { boardSeq: 2 })],
      runs,
    });
    assert.equal(contact?.legs[0]?.fromSeq, 2);
  });
});

const bounds: fc.Arbitrary<StopBounds> = fc
  .tuple(
    fc.constantFrom<StopBounds['basis'][]>('off-tap', 'rescan', 'interview', 'chained'),
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 }),
  )
  .map(([basis, numbers]) => {
    const [boardLo = 0, boardHi = 0, alightLo = 0, alightHi = 0] = numbers.toSorted((a, b) => a - b);
    return { basis, boardLo, boardHi, alightLo, alightHi };
  });

function presence(id: string): fc.Arbitrary<Presence> {
  return fc
    .record({
      boardSeq: fc.option(fc.integer({ min: 0, max: 7 })),
      runKey: fc.constantFrom('r1', 'r1', 'r2', null),
      unit: fc.constantFrom('bus1', 'bus1', 'bus2'),
      notes: fc.array(bounds, { maxLength: 3 }),
      boardedMs: fc.integer({ min: 0, max: 40 * minuteMs }),
      party: fc.integer({ min: 0, max: 7 }),
    })
    .map((fields) => ride(id, fields));
}

function presences(prefix: string, max: number): fc.Arbitrary<Presence[]> {
  return fc
    .integer({ min: 1, max })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => presence(`${prefix}${i}`))));
}

const options = { seed: 7, numRuns: 300 };

describe('rank, for every set of rides', () => {
  it('is the same from either side', () => {
    fc.assert(
      fc.property(presence('a'), presence('b'), (a, b) => {
        const [ab] = rank({ cases: [a], riders: [b], runs });
        const [ba] = rank({ cases: [b], riders: [a], runs });
        assert.equal(ab === undefined, ba === undefined);
        assert.equal(ab?.tier, ba?.tier);
        assert.ok(Math.abs((ab?.probability ?? 0) - (ba?.probability ?? 0)) < 1e-12);
        assert.ok(Math.abs((ab?.minutes ?? 0) - (ba?.minutes ?? 0)) < 1e-9);
      }),
      options,
    );
  });

  it('keeps probabilities within bounds and close exactly for certain ones', () => {
    fc.assert(
      fc.property(presences('c', 3), presences('x', 6), (cases, riders) => {
        for (const contact of rank({ cases, riders, runs })) {
          assert.ok(contact.probability > 0 && contact.probability <= 1);
          assert.ok(contact.minutes >= 0 && contact.minutes < 60);
          assert.equal(
            contact.tier === 'close',
            contact.legs.some((leg) => leg.certain),
          );
          if (contact.tier === 'close') assert.equal(contact.probability, 1);
          for (const leg of contact.legs) assert.ok((leg.fromSeq ?? 0) < (leg.toSeq ?? 0) && leg.fromMs <= leg.toMs);
        }
      }),
      options,
    );
  });

  it('does not change by rides of other vehicles and runs', () => {
    fc.assert(
      fc.property(presences('c', 3), presences('x', 6), presences('u', 4), (cases, riders, others) => {
        const unrelated = others.map((one) => ({ ...one, unit: 'elsewhere' }));
        assert.deepEqual(rank({ cases, riders: [...riders, ...unrelated], runs }), rank({ cases, riders, runs }));
      }),
      options,
    );
  });

  it('does not depend on the order of rows', () => {
    fc.assert(
      fc.property(presences('c', 3), presences('x', 6), (cases, riders) => {
        const turned = rank({ cases: cases.toReversed(), riders: riders.toReversed(), runs: runs.toReversed() });
        assert.deepEqual(turned, rank({ cases, riders, runs }));
      }),
      options,
    );
  });

  it('loses exactly one contact with one removed ride', () => {
    fc.assert(
      fc.property(presences('c', 3), presences('x', 6), fc.nat(), (cases, riders, pick) => {
        const all = rank({ cases, riders, runs });
        const gone = all[pick % Math.max(all.length, 1)];
        if (gone === undefined) return;
        const left = rank({ cases, riders: riders.filter((one) => one.person !== gone.person), runs });
        assert.deepEqual(
          left,
          all.filter((contact) => contact !== gone),
        );
      }),
      options,
    );
  });
});
