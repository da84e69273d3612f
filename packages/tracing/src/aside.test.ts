import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { rankApart } from './aside.ts';
import type { Rider } from './aside.ts';
import { fromTo, ride, run } from './kit.test.ts';
import { rank } from './rank.ts';

const sure = (id: string, fields: Partial<Rider> = {}): Rider => ({ ...ride(id), doubtful: false, ...fields });
const doubtful = (id: string, fields: Partial<Rider> = {}): Rider => sure(id, { doubtful: true, ...fields });
const sick = ride('c', { notes: [fromTo(0, 6)] });
const runs = [run('r1'), run('r2')];

describe('rankApart', () => {
  it('keeps whoever has doubtful rides only apart, in calling order', () => {
    const riders = [doubtful('junk'), sure('near'), doubtful('short', { notes: [fromTo(1, 2)] })];
    const { listed, aside } = rankApart({ cases: [sick], riders, runs });
    assert.deepEqual(
      [listed.map(({ person }) => person), aside.map(({ person }) => person)],
      [['p-near'], ['p-junk', 'p-short']],
    );
  });

  it('lists by sure rides alone and tells of doubtful ones elsewhere', () => {
    const both = { person: 'p-both' };
    const riders = [sure('a', both), doubtful('again', both), doubtful('b', { ...both, unit: 'bus2', runKey: 'r2' })];
    const cases = [sick, ride('d', { unit: 'bus2', runKey: 'r2' })];
    const { listed, aside } = rankApart({ cases, riders, runs });
    assert.deepEqual(aside, []);
    assert.deepEqual(
      listed[0]?.legs.map(({ presenceId }) => presenceId),
      ['a'],
    );
    assert.deepEqual(
      listed[0]?.doubtfulLegs.map(({ presenceId }) => presenceId),
      ['b'],
      'not the second scan of one bus',
    );
  });

  const riders = fc.array(
    fc.record({
      person: fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p-c'),
      unit: fc.constantFrom('bus1', 'bus2'),
      runKey: fc.constantFrom('r1', 'r2', null),
      boardSeq: fc.integer({ min: 0, max: 7 }),
      doubtful: fc.boolean(),
    }),
    { maxLength: 12 },
  );

  it('lists the same people whatever doubtful rides there are, and nobody twice', () => {
    fc.assert(
      fc.property(riders, (fields) => {
        const all = fields.map((each, n) => sure(`x${n}`, each));
        const cases = [sick, ride('d', { person: 'p-c', unit: 'bus2', runKey: 'r2' })];
        const { listed, aside } = rankApart({ cases, riders: all, runs });
        const plain = rank({ cases, riders: all.filter((one) => !one.doubtful), runs });
        assert.deepEqual(
          listed.map(({ doubtfulLegs: _legs, ...contact }) => contact),
          plain,
        );
        const people = [...listed, ...aside].map(({ person }) => person);
        assert.equal(new Set(people).size, people.length);
        // Nobody is lost: whoever would be found without any doubt is in one of the two.
        const found = rank({ cases, riders: all, runs }).map(({ person }) => person);
        assert.deepEqual(new Set(people), new Set(found));
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});
