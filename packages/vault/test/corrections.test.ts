// The operator corrects which run a vehicle made: open traces follow, say so, and forget nobody who was told.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergeContacts } from '../src/cases/merge-contacts.ts';
import type { ContactDoc } from '../src/cases/model.ts';
import { contactsOf, masked, tracedCase, traceOf, viewOf } from './casework.ts';
import { hourMs, minuteMs, post, somePhone, startWorld } from './kit.ts';
import type { World } from './kit.ts';
import { addRide, addRun, boarded } from './rides.ts';

/** The operator says that these rides were on another run. */
function relabel(world: World, runKey: string, isMoved: (ride: World['platform']['rides'][number]) => boolean): void {
  const { rides } = world.platform;
  const moved = rides.filter(isMoved);
  for (const ride of moved) rides[rides.indexOf(ride)] = { ...ride, runKey, basis: 'corrected' };
  world.platform.relabelled = { revision: world.platform.relabelled.revision + 3, rides: moved.length };
}

/** A case with two fellow riders, of whom the second has been called, and two people on the run before it. */
async function scene() {
  const world = await startWorld();
  addRun(world, 'r1', boarded);
  addRun(world, 'r0', boarded - 28 * minuteMs);
  const [sick, near, called, early] = [somePhone(), somePhone(), somePhone(), somePhone()];
  await addRide(world, { phone: sick, boardedMs: boarded + 8 * minuteMs, boardSeq: 2, alight: 6 });
  await addRide(world, { phone: near, boardedMs: boarded, boardSeq: 0, alight: 5 });
  await addRide(world, { phone: called, boardedMs: boarded, boardSeq: 0, alight: 6 });
  await addRide(world, { phone: early, boardedMs: boarded - 2 * minuteMs, boardSeq: null, runKey: 'r0' });
  const one = await tracedCase(world, [sick]);
  const contacts = await contactsOf(world, one);
  assert.deepEqual(contacts.map((each) => each.masked).sort(), [masked(near), masked(called)].sort());
  const told = contacts.find((each) => each.masked === masked(called));
  const path = `/cases/${one.caseId}/contacts/${told?.contactId}/outcome`;
  await post(world, world.people.lin, path, { outcome: 'reached', detail: 'called' });
  return { world, one, near, called, early };
}

describe('a correction by the operator', () => {
  it('moves contacts in and out, keeps those who were told, and stands in the history', async () => {
    const { world, one, near, called, early } = await scene();
    assert.deepEqual((await traceOf(world, one)).history, []);
    // Whoever boarded before the run's second minute was on the run before it; somebody of that run was on this one.
    relabel(world, 'r0', ({ boardedMs }) => boardedMs === boarded);
    relabel(world, 'r1', ({ boardedMs }) => boardedMs === boarded - 2 * minuteMs);
    world.platform.relabelled = { revision: 6, rides: 3 };
    await world.clock.advance(world.config.limits.correctionsEveryMs);
    await world.vault.idle();
    const contacts = await contactsOf(world, one);
    assert.deepEqual(
      contacts.map((each) => [each.masked, each.droppedMs !== null, each.outcome]),
      [
        [masked(early), false, null],
        [masked(called), true, 'reached: called'],
      ],
    );
    assert.ok(!contacts.some((each) => each.masked === masked(near)));
    const { history } = await traceOf(world, one);
    assert.deepEqual(
      history.map(({ atMs: _at, ...entry }) => entry),
      [{ kind: 'corrected', rides: 3, added: 1, removed: 1, kept: 1, changed: 0, upgraded: 0, downgraded: 0 }],
    );
    assert.equal((await viewOf(world, one)).counts.contacts, 1, 'who is kept is not counted');
    const [event] = world.log.lines.filter((line) => line.event === 'vault.traceCorrected');
    assert.deepEqual([event?.['rides'], event?.['added'], event?.['removed'], event?.['kept']], [3, 1, 1, 1]);
  });

  it('is heard of once, also after a restart, and undone by another one', async () => {
    const { world, one, near, called } = await scene();
    relabel(world, 'r0', ({ boardedMs }) => boardedMs === boarded);
    await world.restart();
    await world.clock.advance(world.config.limits.correctionsEveryMs);
    await world.vault.idle();
    const matches = world.platform.matches.length;
    await world.clock.advance(2 * world.config.limits.correctionsEveryMs);
    assert.equal(world.platform.matches.length, matches, 'nothing new was said');
    relabel(world, 'r1', ({ boardedMs }) => boardedMs === boarded);
    await world.clock.advance(world.config.limits.correctionsEveryMs);
    await world.vault.idle();
    const contacts = await contactsOf(world, one);
    assert.deepEqual(
      new Map(contacts.map((each) => [each.masked, each.droppedMs])),
      new Map([
        [masked(near), null],
        [masked(called), null],
      ]),
    );
    assert.equal(contacts.find((each) => each.masked === masked(called))?.outcome, 'reached: called');
    const { history } = await traceOf(world, one);
    assert.deepEqual(
      history.map(({ added, removed, kept }) => [added, removed, kept]),
      [
        [0, 1, 1],
        [2, 0, 0],
      ],
    );
  });

  it('waits while the operator is silent, and comes to nothing once the order is over', async () => {
    const { world, one } = await scene();
    relabel(world, 'r0', ({ boardedMs }) => boardedMs === boarded);
    world.platform.isDown = true;
    await world.clock.advance(world.config.limits.correctionsEveryMs);
    assert.deepEqual((await traceOf(world, one)).history, []);
    world.platform.isDown = false;
    await world.clock.advance(world.config.limits.correctionsEveryMs);
    await world.vault.idle();
    assert.equal((await traceOf(world, one)).history.length, 1);
    await world.clock.advance(world.config.limits.watchHours * hourMs);
    relabel(world, 'r1', ({ boardedMs }) => boardedMs === boarded);
    const matches = world.platform.matches.length;
    await world.clock.advance(2 * world.config.limits.watchEveryMs);
    assert.equal(world.platform.matches.length, matches);
    assert.equal((await traceOf(world, one)).history.length, 1);
  });
});

describe('merging an old list with a new one', () => {
  const doc = (changes: Partial<ContactDoc> = {}): ContactDoc => ({
    kind: 'phone',
    value: '1',
    reach: '',
    name: '',
    verified: true,
    assisted: false,
    forged: false,
    holder: '',
    tier: 'close',
    probability: 1,
    minutes: 4,
    legs: [],
    reason: { zh: '', en: '' },
    outcome: null,
    ...changes,
  });
  const rules = {
    wasCorrected: true,
    isFirst: false,
    nowMs: 9,
    isTold: (id: string) => id === 'told',
    isReadable: () => true,
  };

  it('removes nobody who got a message, and nobody without a correction', () => {
    const before = new Map([
      ['told', doc()],
      ['quiet', doc()],
      ['same', doc()],
      ['other', doc()],
    ]);
    const found = [
      { contactId: 'same', doc: doc({ reason: { zh: '新', en: 'new' } }) },
      { contactId: 'other', doc: doc({ tier: 'verify' }) },
      { contactId: 'new', doc: doc() },
    ];
    const merged = mergeContacts(before, found, rules);
    assert.deepEqual(merged.diff, { added: 1, removed: 1, kept: 1, changed: 1, upgraded: 0, downgraded: 1 });
    assert.deepEqual(
      merged.list.map(({ doc: { change } }) => [change?.kind, change?.before]),
      [
        [undefined, undefined],
        ['downgraded', 'close'],
        ['added', undefined],
        ['withdrawn', undefined],
      ],
    );
    const first = mergeContacts(new Map(), found, { ...rules, isFirst: true });
    assert.ok(
      first.list.every(({ doc: { change } }) => change === undefined),
      'a first list is no news',
    );
    assert.deepEqual(merged.gone, ['quiet']);
    assert.deepEqual(
      merged.list.map(({ contactId, doc: { droppedMs } }) => [contactId, droppedMs]),
      [
        ['same', undefined],
        ['other', undefined],
        ['new', undefined],
        ['told', 9],
      ],
    );
    const late = mergeContacts(before, found, { ...rules, wasCorrected: false });
    assert.deepEqual([late.gone, late.diff.kept], [[], 2]);
  });

  it('does not take what cannot be read any more for disproved', () => {
    const before = new Map([['quiet', doc({ legs: [{ boardedMs: 5 } as ContactDoc['legs'][number]] })]]);
    const merged = mergeContacts(before, [], { ...rules, isReadable: (ms) => ms > 5 });
    assert.deepEqual([merged.gone, merged.list[0]?.doc.droppedMs], [[], undefined]);
  });
});
