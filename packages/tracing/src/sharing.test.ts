// One number, two riders: told from days that hold together only as two, said on the list, and settled by asking.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { covid, nothingKnown, plainPriors, sourceOf } from './engine-kit.test.ts';
import { trace } from './index.ts';
import type { CaseFacts, Presence, Trace } from './index.ts';
import { byHand, MONDAY, registered, weekOfCommuters, zone } from './journey-kit.test.ts';
import { sharingOf } from './sharing.ts';

const shared = [0.2, 0.8, 0.95];
const RULES = { compliance: 0.85, wrongShare: 0.01 };

/** Both live at the crossing: one goes along line A, the other along line B, and both come back. */
function couple(days: readonly number[]) {
  const { world, ride } = byHand();
  const one = days.flatMap((day) => [ride(day, 'A', 0, '07:30', 5), ride(day, 'A', 1, '18:00', 1)]);
  const other = days.flatMap((day) => [ride(day, 'B', 0, '07:40', 5), ride(day, 'B', 1, '17:30', 1)]);
  return { world, ride, one, other };
}

describe('a number that two use', () => {
  it('is told from days that hold together only as those of two', () => {
    const { world, one, other } = couple([0, 1, 2]);
    const found = sharingOf([...other, ...one], world, { zone, shared });
    assert.deepEqual(found, { mended: 6, probability: 0.95, ownShare: 0.525, days: [MONDAY, MONDAY + 1, MONDAY + 2] });
    for (const alone of [one, other, []])
      assert.deepEqual(sharingOf(alone, world, { zone, shared }), { mended: 0, probability: 0, ownShare: 1, days: [] });
  });

  it('is told the less surely the less it shows', () => {
    const { world, one, other } = couple([0, 1]);
    // On the second day the other one's way there is all that is registered.
    const rides = [...one.slice(2), other[2]].flatMap((ride) => ride ?? []);
    const { mended, probability } = sharingOf(rides, world, { zone, shared });
    assert.deepEqual([mended, probability], [1, 0.2], 'nobody came back from it either way');
    const back = sharingOf([...one.slice(2), ...other.slice(2)], world, { zone, shared });
    assert.deepEqual([back.mended, back.probability], [2, 0.8]);
  });

  it('is not seen in what one person forgot to register, and is seen in the weeks of two', () => {
    const week = weekOfCommuters(7, 400, RULES);
    const alone = week.rides.map((rides) => sharingOf(registered(rides), week.world, { zone, shared }).mended);
    const atAll = alone.filter((mended) => mended > 0).length;
    assert.ok(atAll / alone.length <= 0.04, `${atAll} of ${alone.length} taken for two`);
    const pairs = Array.from({ length: 200 }, (_, i) =>
      [week.rides[2 * i], week.rides[2 * i + 1]].flatMap((rides) => registered(rides ?? [])),
    );
    const told = pairs.filter((rides) => sharingOf(rides, week.world, { zone, shared }).mended > 0).length;
    assert.ok(told / pairs.length >= 0.6, `${told} of ${pairs.length} told apart`);
  });
});

describe('a trace of a number that two use', () => {
  const { world, ride, one, other } = couple([0, 1, 2]);
  const [mine, theirs] = [one[0], other[0]].map((of) => of ?? ride(0, 'A', 0, '07:30', 5));
  assert.ok(mine !== undefined && theirs !== undefined);
  const riders = [mine, theirs].map((of, i): Presence => ({ ...of, id: `rider${i}`, person: `p-${i}` }));
  const day = MONDAY + 2;

  function traced(facts: Partial<CaseFacts> = {}): Trace {
    const presences = [...one, ...other, ...riders];
    return trace({
      policy: covid,
      zone,
      facts: { ...nothingKnown, persons: ['c'], onset: { lo: day, hi: day }, ...facts },
      source: sourceOf(presences),
      world,
      priors: { ...plainPriors, shared },
      untilMs: (day + 1) * 86_400_000,
    });
  }
  const probabilityOf = ({ contacts }: Trace, person: string) =>
    contacts.find((contact) => contact.person === person)?.probability ?? 0;
  const sole = traced({ soleUser: true });

  it('counts each ride as the other one’s as well, and says so', () => {
    const found = traced();
    assert.equal(found.sharing.ownShare, 0.525);
    for (const person of ['p-0', 'p-1']) {
      const [said, alone] = [probabilityOf(found, person), probabilityOf(sole, person)];
      assert.ok(Math.abs(said - alone * 0.525) < 1e-9, `${said} of ${alone}`);
      const contact = found.contacts.find((each) => each.person === person);
      const codes = contact?.reasons.map(({ code }) => code) ?? [];
      assert.ok(codes.includes('number-of-two'), codes.join());
    }
  });

  it('takes the case at its word: nobody else, or not this ride, or this one', () => {
    assert.equal(sole.sharing.probability, 0);
    assert.ok(sole.contacts.every(({ reasons }) => reasons.every(({ code }) => code !== 'number-of-two')));
    const struck = traced({ struck: other.map(({ id }) => id) });
    assert.deepEqual([struck.sharing.probability, probabilityOf(struck, 'p-1')], [0, 0]);
    assert.ok(Math.abs(probabilityOf(struck, 'p-0') - probabilityOf(sole, 'p-0')) < 1e-9);
    const own = { basis: 'interviewed', boardLo: 5, boardHi: 5, alightLo: 9, alightHi: 9 } as const;
    const confirmed = traced({ interviewed: { [mine.id]: own } });
    const exposure = confirmed.contacts.find(({ person }) => person === 'p-0')?.exposures[0];
    assert.equal(exposure?.ownShare, 1);
  });
});
