// A trace of one case through a small city: who is listed, as what, in which order.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EIGHT, fromTo, inputOf, minuteMs, ride, runOf, spaceOf, worldOf } from './engine-kit.test.ts';
import { trace } from './index.ts';

describe('a trace', () => {
  it('lists who was aboard with the case, with the minutes of the timeline', () => {
    const presences = [ride('c', 2, { evidence: [fromTo(2, 5)] }), ride('x', 3, { evidence: [fromTo(3, 7)] })];
    const { contacts, legs, policy } = trace(inputOf(presences));
    assert.deepEqual(policy, { id: 'covid-cn-2020', version: 1 });
    assert.deepEqual(
      legs.map(({ id }) => id),
      ['c'],
    );
    const [contact, ...others] = contacts;
    assert.equal(others.length, 0);
    assert.equal(contact?.tier, 'close');
    assert.equal(contact.probability, 1);
    // From the departure at stop 3 (13 min) to the arrival at stop 5 (20 min).
    assert.ok(Math.abs(contact.minutes - 7) < 1e-9, String(contact.minutes));
    assert.deepEqual([contact.firstMs, contact.lastMs], [EIGHT + 13 * minuteMs, EIGHT + 20 * minuteMs]);
    assert.match(contact.reasons[0]?.text.zh ?? '', /M133路.*站3至站5之间同乘.*100%/);
  });

  it('never lists who left before the case boarded, or boarded where it got off', () => {
    const presences = [
      ride('c', 2, { evidence: [fromTo(2, 5)] }),
      ride('before', 0, { evidence: [fromTo(0, 2)] }),
      ride('after', 5, { evidence: [fromTo(5, 7)] }),
    ];
    assert.deepEqual(trace(inputOf(presences)).contacts, []);
  });

  it('takes people of other carriages for general contacts only', () => {
    const train = ['k1', 'k2'].map((unit, i) => spaceOf(unit, { kind: 'carriage', vehicle: 't1', carriageNo: i + 1 }));
    const world = worldOf([runOf('r1', EIGHT, 8, 't1')], train);
    const presences = [
      ride('c', 0, { unit: 'k1', evidence: [fromTo(0, 7)] }),
      ride('x', 0, { unit: 'k1', evidence: [fromTo(0, 7)] }),
      ride('y', 0, { unit: 'k2', evidence: [fromTo(0, 7)] }),
    ];
    assert.deepEqual(
      trace(inputOf(presences, { world })).contacts.map(({ person, tier }) => [person, tier]),
      [
        ['p-x', 'close'],
        ['p-y', 'general'],
      ],
    );
  });

  it('judges by how long rides last where there is no timeline, and says so', () => {
    const presences = [ride('c', 0, { runKey: null }), ride('x', 1, { runKey: null }), ride('z', 40, { runKey: null })];
    const { contacts } = trace(inputOf(presences, { world: worldOf([]) }));
    const [contact] = contacts;
    assert.equal(contact?.person, 'p-x');
    assert.equal(contact.exposures[0]?.timeline, false);
    assert.ok(contact.reasons.some(({ code }) => code === 'no-timeline'));
    assert.ok(!contacts.some(({ person, probability }) => person === 'p-z' && probability > 0.1));
  });
});
