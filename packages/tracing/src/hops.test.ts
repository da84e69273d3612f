// Contacts of contacts, crew, people without phones, air that was left behind, dates that change.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  covid,
  DAY,
  EIGHT,
  fromTo,
  inputOf,
  minuteMs,
  nothingKnown,
  plainPriors,
  ride,
  runOf,
  sourceOf,
  spaceOf,
  worldOf,
} from './engine-kit.test.ts';
import { deltaOf, policyById, trace, windowOf } from './index.ts';
import type { Contact, Policy, Presence, TraceInput } from './index.ts';

const DAY_MS = 86_400_000;
const LATER = EIGHT + 60 * minuteMs;

function policyNamed(id: string): Policy {
  const policy = policyById(id);
  assert.ok(policy);
  return policy;
}

const v8 = policyNamed('covid-cn-v8');
const measles = policyNamed('measles');

function people(contacts: readonly Contact[]): readonly (readonly [string, string, number])[] {
  return contacts.map(({ person, tier, hop }) => [person, tier, hop] as const);
}

describe('the second hop', () => {
  const world = worldOf([runOf('r1'), runOf('r2', LATER, 8, 'bus2'), runOf('r0', EIGHT - 90 * minuteMs, 8, 'bus3')]);
  const on = (id: string, person: string, run: string, unit: string, startMs: number, from: number, to: number) =>
    ride(id, 0, {
      person,
      runKey: run,
      unit,
      boardedMs: startMs + (from * 4 + 1) * minuteMs,
      evidence: [fromTo(from, to)],
    });
  const presences = [
    on('c', 'p-c', 'r1', 'bus1', EIGHT, 2, 6),
    on('x', 'p-x', 'r1', 'bus1', EIGHT, 3, 6),
    // With x an hour later; with x an hour before x met the case; on x's bus before x boarded.
    on('x2', 'p-x', 'r2', 'bus2', LATER, 1, 5),
    on('y', 'p-y', 'r2', 'bus2', LATER, 2, 7),
    on('early', 'p-early', 'r2', 'bus2', LATER, 0, 1),
    on('x0', 'p-x', 'r0', 'bus3', EIGHT - 90 * minuteMs, 1, 5),
    on('before', 'p-before', 'r0', 'bus3', EIGHT - 90 * minuteMs, 1, 5),
    // On the case's own bus: with x for a stop after the case had left.
    on('x3', 'p-z', 'r1', 'bus1', EIGHT, 6, 7),
  ];

  it('goes from each close contact forward in time, and stops there', () => {
    assert.deepEqual(people(trace(inputOf(presences, { policy: v8, world })).contacts), [
      ['p-x', 'close', 1],
      ['p-y', 'secondary', 2],
    ]);
  });

  it('is not gone where the policy does not follow it', () => {
    assert.deepEqual(people(trace(inputOf(presences, { world })).contacts), [['p-x', 'close', 1]]);
  });

  it('is as likely as the whole chain, and followed as long as the policy says', () => {
    const doubtful = presences.map((one) => (one.id === 'x' ? { ...one, evidence: [] } : one));
    const contacts = trace(inputOf(doubtful, { policy: v8, world })).contacts;
    const [first, second] = contacts;
    assert.equal(second?.hop, 2);
    assert.ok(first !== undefined && Math.abs(second.probability - first.probability) < 1e-9);
    // The last day they were together, and seven more.
    assert.equal(second.followUpUntilDay, DAY + 7);
    assert.equal(first.followUpUntilDay, DAY + 21);
    assert.equal(second.exposures[0]?.throughId, 'x2');
  });

  it('never lists a contact of the case again, nor the case', () => {
    const both = [...presences, on('y1', 'p-y', 'r1', 'bus1', EIGHT, 3, 5), on('c2', 'p-c', 'r2', 'bus2', LATER, 1, 5)];
    const found = people(trace(inputOf(both, { policy: v8, world })).contacts);
    assert.equal(found.filter(([person]) => person === 'p-y').length, 1);
    assert.ok(!found.some(([person]) => person === 'p-c'));
  });
});

describe('everybody on board', () => {
  const c = ride('c', 2, { evidence: [fromTo(2, 6)] });

  it('includes crew on shift, however long before it began', () => {
    const shift = (id: string, fromMin: number, toMin: number) =>
      ride(id, 0, {
        staff: true,
        via: 'staff-shift',
        runKey: null,
        boardedMs: EIGHT + fromMin * minuteMs,
        goneMs: EIGHT + toMin * minuteMs,
      });
    const shifts = [shift('driver', -400, 100), shift('relief', 100, 400)];
    const source = {
      ...sourceOf([c]),
      staff: (unit: string, fromMs: number, toMs: number) =>
        shifts.filter((one) => one.unit === unit && one.boardedMs < toMs && (one.goneMs ?? 0) > fromMs),
    };
    const { contacts } = trace(inputOf([], { source }));
    assert.deepEqual(people(contacts), [['p-driver', 'staff', 1]]);
    assert.equal(contacts[0]?.minutes, 15);
    assert.ok(contacts[0]?.reasons.some(({ code }) => code === 'staff'));
  });

  it('includes who was registered by a helper or on paper, with those who travelled along', () => {
    const { contacts } = trace(
      inputOf([c, ride('h', 3, { via: 'helper', party: 2 }), ride('p', 3, { via: 'paper', evidence: [fromTo(3, 6)] })]),
    );
    assert.deepEqual(contacts.map(({ person }) => person).toSorted(), ['p-h', 'p-p']);
    assert.ok(contacts.find(({ person }) => person === 'p-h')?.reasons.some(({ code }) => code === 'party'));
    const codes = (person: string) =>
      contacts.find((one) => one.person === person)?.reasons.map(({ code }) => code) ?? [];
    assert.ok(codes('p-h').includes('registered-by-helper') && codes('p-p').includes('registered-on-paper'));
  });

  it('keeps doubtful registrations apart, and counts none of them beside sure ones', () => {
    const sure = ride('s', 5, { person: 'p-s', evidence: [fromTo(5, 6)] });
    const doubtful = ride('d', 2, { person: 'p-s', unit: 'bus1', runKey: null, doubtful: true });
    const { contacts } = trace(inputOf([c, sure, doubtful, ride('j', 2, { doubtful: true })]));
    assert.deepEqual(
      contacts.map(({ person, aside }) => [person, aside]),
      [
        ['p-s', false],
        ['p-j', true],
      ],
    );
    assert.equal(contacts[0]?.minutes, 3);
    assert.ok(contacts[0]?.exposures.some(({ doubtful: is }) => is));
  });

  it('leaves out whom only a ride of another on the same phone was shared with', () => {
    const world = worldOf([runOf('r1'), runOf('r2', EIGHT, 8, 'bus2')]);
    const partner = ride('c9', 2, { person: 'p-c', unit: 'bus2', runKey: 'r2' });
    const presences = [c, partner, ride('x', 3), ride('y', 3, { unit: 'bus2', runKey: 'r2' })];
    const listed = (facts: TraceInput['facts']) =>
      trace(inputOf(presences, { world, facts })).contacts.map(({ person }) => person);
    assert.deepEqual(new Set(listed(nothingKnown)), new Set(['p-x', 'p-y']));
    assert.deepEqual(listed({ ...nothingKnown, struck: ['c9'] }), ['p-x']);
  });

  it('counts two registrations of one ride once, and two rides twice', () => {
    const world = worldOf([runOf('r1'), runOf('r2', LATER)]);
    const own = [
      c,
      ride('c2', 2, { person: 'p-c', runKey: 'r2', boardedMs: LATER + 9 * minuteMs, evidence: [fromTo(2, 6)] }),
    ];
    const x = ride('x', 3);
    const twice = { ...x, id: 'again', boardedMs: x.boardedMs + 30_000 };
    const later = { ...x, id: 'later', runKey: 'r2', boardedMs: LATER + 13 * minuteMs };
    const one = trace(inputOf([...own, x], { world })).contacts[0];
    const registeredTwice = trace(inputOf([...own, x, twice], { world })).contacts[0];
    assert.equal(registeredTwice?.exposures.length, 1);
    const both = trace(inputOf([...own, x, later], { world })).contacts[0];
    assert.equal(both?.exposures.length, 2);
    const p = one?.probability ?? 0;
    assert.ok(Math.abs(both.probability - (1 - (1 - p) ** 2)) < 1e-9);
    assert.ok(Math.abs(both.minutes - 2 * (one?.minutes ?? 0)) < 1e-9);
  });

  it('asks about seats where rows decide', () => {
    const coach = spaceOf('bus1', { kind: 'coach', air: 'ventilated' });
    const world = worldOf([runOf('r1')], [coach]);
    const sits = (id: string, row: number | null) => ride(id, 2, { row, evidence: [fromTo(2, 6)] });
    const { contacts } = trace(
      inputOf([sits('c', 5), sits('same', 5), sits('near', 8), sits('far', 9), sits('where', null)], { world }),
    );
    assert.deepEqual(
      people(contacts).map(([person, tier]) => [person, tier]),
      [
        ['p-same', 'close'],
        ['p-near', 'close'],
        ['p-where', 'verify'],
        ['p-far', 'general'],
      ],
    );
    const severe = { ...nothingKnown, severe: true };
    const all = trace(inputOf([sits('c', 5), sits('far', 9)], { world, facts: severe })).contacts;
    assert.equal(all[0]?.tier, 'close');
  });

  it('orders by the weight of minutes: nearer rows and the day of onset first', () => {
    const coach = spaceOf('bus1', { kind: 'coach', air: 'ventilated' });
    const world = worldOf([runOf('r1')], [coach]);
    const sits = (id: string, row: number) => ride(id, 2, { row, evidence: [fromTo(2, 6)] });
    const [near, far] = trace(inputOf([sits('c', 5), sits('far', 7), sits('near', 5)], { world })).contacts;
    assert.deepEqual([near?.person, far?.person], ['p-near', 'p-far']);
    // 15 minutes, day −1 weighs .9, ventilated .3, same row 4.7 against .44 nearby.
    assert.ok(Math.abs((near?.eem ?? 0) - 15 * 0.9 * 0.3 * 4.7) < 1e-9);
    assert.ok(Math.abs((far?.eem ?? 0) - 15 * 0.9 * 0.3 * 0.44) < 1e-9);
    assert.equal(near?.band, 'B');
  });
});

describe('air that was left', () => {
  const sealed = worldOf([runOf('r1'), runOf('r2', EIGHT + 35 * minuteMs)], [spaceOf('bus1', { air: 'sealed' })]);
  const facts = { ...nothingKnown, rash: { lo: DAY, hi: DAY } };
  const c = ride('c', 2, { evidence: [fromTo(2, 4)] });
  const next = (id: string, minute: number) =>
    ride(id, 0, { runKey: 'r2', boardedMs: EIGHT + minute * minuteMs, evidence: [fromTo(0, 4)] });

  function found(presences: readonly Presence[], more: Partial<TraceInput>): readonly (readonly [string, string])[] {
    const { contacts } = trace(inputOf(presences, { world: sealed, facts, ...more }));
    return contacts.map(({ person, tier }) => [person, tier] as const);
  }

  it('makes close contacts for two hours of measles, also on the next run', () => {
    const riders = [ride('after', 5), next('soon', 36), next('late', 180)];
    assert.deepEqual(
      new Map(found([c, ...riders], { policy: measles })),
      new Map([
        ['p-after', 'close'],
        ['p-soon', 'close'],
      ]),
    );
  });

  it('makes general contacts for half an hour of sealed air', () => {
    assert.deepEqual(found([c, ride('after', 5)], { policy: covid }), [['p-after', 'general']]);
    const open = worldOf([runOf('r1')], [spaceOf('bus1', { air: 'ventilated' })]);
    assert.deepEqual(found([c, ride('after', 5)], { policy: covid, world: open }), []);
  });

  it('never counts for who had left before', () => {
    const before = ride('before', 0, { evidence: [fromTo(0, 1)] });
    assert.deepEqual(found([c, before], { policy: measles }), []);
  });
});

describe('dates', () => {
  it('open the window from local midnight to isolation', () => {
    const isolatedMs = EIGHT + DAY_MS;
    const facts = { ...nothingKnown, onset: { lo: DAY, hi: DAY + 1 }, isolatedMs };
    const span = windowOf(covid, facts, 'Asia/Shanghai', isolatedMs + DAY_MS);
    assert.ok(span.ok);
    assert.deepEqual(span.value, { fromMs: (DAY - 2) * DAY_MS - 8 * 3_600_000, toMs: isolatedMs });
  });

  it('must be known', () => {
    const without = windowOf(covid, { ...nothingKnown, onset: null }, 'Asia/Shanghai', EIGHT);
    assert.deepEqual(without.ok ? '' : without.code, 'no-anchor');
    assert.throws(() => trace(inputOf([], { facts: { ...nothingKnown, onset: null } })), /no-anchor/);
    const over = { ...nothingKnown, isolatedMs: EIGHT - 10 * DAY_MS };
    const empty = windowOf(covid, over, 'Asia/Shanghai', EIGHT);
    assert.equal(empty.ok ? '' : empty.code, 'empty-window');
  });

  it('that are corrected, and records that come late, tell what changed', () => {
    const c = ride('c', 2, { evidence: [fromTo(2, 6)] });
    const [x, late] = [ride('x', 3, { evidence: [fromTo(3, 6)] }), ride('late', 4, { evidence: [fromTo(4, 6)] })];
    const unsure = ride('u', 5, { evidence: [] });
    const before = trace(inputOf([c, x, { ...unsure, evidence: [] }])).contacts;
    const told = { ...unsure, evidence: [fromTo(6, 7)], boardSeq: 6 };
    const after = trace(inputOf([c, x, told, late])).contacts;
    assert.deepEqual(deltaOf(before, after), [
      { kind: 'added', person: 'p-late', tier: 'close' },
      { kind: 'withdrawn', person: 'p-u', before: 'close' },
    ]);
    const moved = { ...nothingKnown, onset: { lo: DAY + 4, hi: DAY + 4 } };
    const corrected = trace(inputOf([c, x], { facts: moved })).contacts;
    assert.deepEqual(
      deltaOf(before, corrected).map(({ kind }) => kind),
      ['withdrawn', 'withdrawn'],
    );
    assert.deepEqual(deltaOf(after, after), []);
  });

  it('grade a change by tier', () => {
    const [one] = trace(inputOf([ride('c', 2), ride('x', 3)], { priors: plainPriors })).contacts;
    assert.ok(one);
    const as = (tier: Contact['tier'], aside = false): readonly Contact[] => [{ ...one, tier, aside }];
    assert.deepEqual(deltaOf(as('verify'), as('close')), [
      { kind: 'upgraded', person: 'p-x', before: 'verify', tier: 'close' },
    ]);
    assert.deepEqual(deltaOf(as('close'), as('general')), [
      { kind: 'downgraded', person: 'p-x', before: 'close', tier: 'general' },
    ]);
    assert.deepEqual(deltaOf(as('close'), as('close', true)), [{ kind: 'withdrawn', person: 'p-x', before: 'close' }]);
  });
});
