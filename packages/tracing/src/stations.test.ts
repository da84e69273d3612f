// Feasible trains of a station's code and what being on the same one is worth, worked out by hand on small timetables.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { covid, EIGHT, fromTo, inputOf, minuteMs, nothingKnown, plainPriors } from './engine-kit.test.ts';
import { policyById, trace, trainWindowsFor, windowsFor } from './index.ts';
import type { Contact, Policy, Presence, RunTimes } from './index.ts';
import { atHall, inTrain, metroOf, metroScene, trainRun } from './station-kit.test.ts';
import { feasibleTrains } from './station-trains.ts';
import type { Exit, Feasible } from './station-trains.ts';
import { normalShare, stationDefaults, walkedWithin, walksPerHour } from './station-walks.ts';

const { access, egress, leftBehind } = stationDefaults;

function close(actual: number | undefined, expected: number, within = 1e-9): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);
}

/** Leaves stop s3, in the middle of the line, so many seconds after eight. */
function leaving(runKey: string, afterS: number, dir: 0 | 1 = 0): RunTimes {
  return trainRun(runKey, EIGHT + afterS * 1000 - 9 * minuteMs, dir);
}

function sharesOf(runs: readonly RunTimes[], presence: Presence, exit?: Exit): Record<string, number> {
  return sharesIn(feasibleTrains(metroScene(runs), presence, exit));
}
function sharesIn({ trains }: Feasible): Record<string, number> {
  return Object.fromEntries(trains.map(({ model, share }) => [model.run.runKey, share]));
}

describe('walks', () => {
  it('are log-normal: half within the median, and blurred by clocks that differ', () => {
    close(normalShare(0), 0.5, 1e-7);
    close(normalShare(1.959964), 0.975, 1e-6);
    close(walkedWithin(access, access.medianS * 1000, 0), 0.5, 1e-7);
    // One deviation of the logarithm above the median.
    close(walkedWithin(access, access.medianS * Math.exp(access.spread) * 1000, 0), 0.841345, 1e-5);
    assert.equal(walkedWithin(access, 0, 0), 0);
    assert.ok(walkedWithin(access, 0, 60_000) > 0.03);
    close(walkedWithin(access, 3_600_000, 60_000), 1, 1e-4);
    for (const clockMs of [0, 10_000, 30_000, 120_000]) {
      const shares = Array.from({ length: 200 }, (_, i) => walkedWithin(access, (i - 60) * 5_000, clockMs));
      assert.ok(shares.every((share, i) => share >= (shares[i - 1] ?? 0) - 1e-12));
    }
    const hours = Array.from({ length: 400 }, (_, i) => walksPerHour(egress, i * 10_000, 30_000) * (10 / 3600));
    close(
      hours.reduce((sum, one) => sum + one, 0),
      1 - walkedWithin(egress, -5_000, 30_000),
      0.01,
    );
  });
});

describe('trains of a station’s code', () => {
  it('are shared by who reaches the platform before each, the rest waits, and some are left behind', () => {
    // One direction: leaving 75 s (the median walk), 255 s and 435 s after the registration.
    const shares = sharesOf([leaving('a', 75), leaving('b', 255), leaving('c', 435)], atHall('x', 3, 0));
    const [first, second, third] = [75, 255, 435].map((s) => walkedWithin(access, s * 1000, 0));
    const by = 1 - leftBehind;
    close(first, 0.5, 1e-7);
    close(shares['a'], 0.5 * by, 1e-7);
    const waiting = 0.5 * leftBehind + ((second ?? 0) - 0.5);
    close(shares['b'], waiting * by, 1e-7);
    close(shares['c'], (waiting * leftBehind + ((third ?? 0) - (second ?? 0))) * by, 1e-7);
    const sum = Object.values(shares).reduce((all, one) => all + one, 0);
    assert.ok(sum > 0.98 && sum <= 1, 'nearly everybody took one of them');
  });

  it('are those of both directions, as far as there are stops ahead, and of none that had left or ends there', () => {
    const runs = [leaving('gone', -30), leaving('up', 300), leaving('down', 300, 1)];
    const shares = sharesOf(runs, atHall('x', 3, 0));
    const aboard = walkedWithin(access, 300_000, 0) * (1 - leftBehind);
    // Three stops ahead either way.
    assert.deepEqual(Object.keys(shares).toSorted(), ['down', 'up']);
    close(shares['up'], aboard / 2);
    close(shares['down'], aboard / 2);
    // At s1 five stops lie ahead one way, and one the other; at the terminus all.
    const near = [trainRun('up', EIGHT + 2 * minuteMs), trainRun('down', EIGHT - 10 * minuteMs, 1)];
    const atOne = sharesOf(near, atHall('x', 1, 0));
    close(atOne['up'], (walkedWithin(access, 300_000, 0) * (1 - leftBehind) * 5) / 6);
    close(atOne['down'], (walkedWithin(access, 300_000, 0) * (1 - leftBehind) * 1) / 6);
    assert.deepEqual(Object.keys(sharesOf(near, atHall('x', 6, -13 * 60))), ['down']);
  });

  it('with an exit are those which came in there before the walk out', () => {
    const runs = [leaving('a', 120), leaving('b', 300), leaving('c', 480), leaving('back', 120, 1)];
    const ride = atHall('x', 3, 0);
    // `a` comes in at s5 at 450 s, `b` at 630 s, `c` at 810 s after the registration; out 80 s after `b`.
    const ms = EIGHT + 710_000;
    const found = feasibleTrains(metroScene(runs), ride, { stopIds: ['s5'], ms });
    const shares = sharesIn(found);
    assert.deepEqual(Object.keys(shares).toSorted(), ['a', 'b']);
    const prior = sharesOf(runs.slice(0, 3), ride);
    const { exitShare, laterHours } = stationDefaults;
    const weight = (key: string, afterS: number) =>
      (prior[key] ?? 0) *
      (exitShare * walksPerHour(egress, afterS * 1000, 0) +
        ((1 - exitShare) / laterHours) * walkedWithin(egress, afterS * 1000, 0));
    const [a, b] = [weight('a', 260), weight('b', 80)];
    close(shares['a'], a / (a + b));
    close(shares['b'], b / (a + b));
    assert.ok((shares['b'] ?? 0) > (prior['b'] ?? 0) && found.leftBy > 0.98);
  });

  it('with a registration elsewhere hours later follow its direction, as far as a chain is believed', () => {
    const runs = [leaving('up', 300), leaving('back', 300, 1)];
    const { trains, leftBy } = feasibleTrains(metroScene(runs), atHall('x', 3, 0), {
      stopIds: ['s5'],
      ms: EIGHT + 8 * 3_600_000,
    });
    const shares = sharesIn({ trains, leftBy });
    assert.ok(leftBy < 1e-6);
    close(shares['up'], plainPriors.chained.sure + (1 - plainPriors.chained.sure) / 2, 1e-6);
    close(shares['back'], (1 - plainPriors.chained.sure) / 2, 1e-6);
  });

  it('are bounded by when somebody was gone, and by what is said of stops', () => {
    const runs = [leaving('a', 120), leaving('b', 300), leaving('back', 120, 1)];
    // `a` makes its next stop at 270 s, `b` at 450 s.
    const gone = sharesOf(runs.slice(0, 2), atHall('x', 3, 0, { goneMs: EIGHT + 420_000 }));
    assert.deepEqual(Object.keys(gone), ['a']);
    const said = atHall('x', 3, 0, {
      evidence: [{ basis: 'interviewed', boardLo: 3, boardHi: 3, alightLo: 5, alightHi: 5 }],
    });
    // Number 3 is s3 either way here: both fit, the stops ahead as well.
    assert.deepEqual(Object.keys(sharesOf(runs, said)).length, 3);
    const there = trainRun('there', EIGHT - minuteMs);
    const here = trainRun('here', EIGHT - 10 * minuteMs, 1);
    const one = atHall('x', 1, 0, { evidence: [fromTo(1, 4, 'interviewed')] });
    assert.deepEqual(Object.keys(sharesOf([there, here], one)), ['there']);
  });
});

function contactsOf(
  runs: readonly RunTimes[],
  presences: readonly Presence[],
  policy: Policy = covid,
): readonly Contact[] {
  const facts = { ...nothingKnown, rash: nothingKnown.onset };
  return trace(inputOf(presences, { world: metroOf(runs), policy, facts })).contacts;
}
function trainExposure(contact: Contact | undefined) {
  return contact?.exposures.find(({ zone }) => zone === 'same-train');
}

describe('the same train', () => {
  const a = leaving('a', 200);
  const b = leaving('b', 400);
  const own = (n: number, afterS: number, more: Partial<Presence> = {}) =>
    atHall('c', n, afterS, { person: 'p-c', ...more });
  const aboard = 1 - leftBehind;

  it('as somebody in a carriage: the case’s share of that train, times their time together', () => {
    // The case at s2, of which `a` leaves 20 s and `b` 220 s after eight; the other boards `b` at s4.
    const [contact] = contactsOf([a, b], [own(2, 0), inTrain('x', b, 4)]);
    const exposure = trainExposure(contact);
    const [first = 0, second = 0] = [20, 220].map((s) => walkedWithin(access, s * 1000, 0));
    const share = (first * leftBehind + second - first) * aboard;
    // Of the stops s3..s6, each as likely, two lie behind s4; the other rides one stop at least.
    close(exposure?.probability, share * (2 / 4));
    assert.deepEqual([exposure?.runKey, exposure?.fromSeq, exposure?.toSeq], ['b', 4, 6]);
    // 2.5 minutes to s5; then half of each who were there then, and three minutes to the last stop.
    close(exposure?.minutes, share * ((2 / 4) * 2.5 + (1 / 4) * (1 / 2) * 3), 1e-6);
    assert.equal(contact?.tier, 'verify');
  });

  it('as somebody at another station: summed over the trains that both can have taken', () => {
    // s4 is left at 380 s and 580 s; the other registered at 300 s.
    const [contact] = contactsOf([a, b], [own(2, 0), atHall('x', 4, 300)]);
    const [first = 0, second = 0] = [20, 220].map((s) => walkedWithin(access, s * 1000, 0));
    const mine = [first * aboard, (first * leftBehind + second - first) * aboard];
    const [soon = 0, later = 0] = [80, 280].map((s) => walkedWithin(access, s * 1000, 0));
    const yours = [soon * aboard, (soon * leftBehind + later - soon) * aboard];
    const both = (mine[0] ?? 0) * (yours[0] ?? 0) + (mine[1] ?? 0) * (yours[1] ?? 0);
    close(trainExposure(contact)?.probability, both * (2 / 4));
  });

  it('is found by the case in a carriage as well, and each side sees the same', () => {
    const forth = contactsOf([a, b], [own(2, 0), inTrain('x', b, 4)]);
    const back = contactsOf([a, b], [inTrain('c', b, 4, { person: 'p-c' }), atHall('x', 2, 0)]);
    close(trainExposure(back[0])?.probability, trainExposure(forth[0])?.probability ?? 0);
    close(trainExposure(back[0])?.minutes, trainExposure(forth[0])?.minutes ?? 0);
    assert.equal(back[0]?.tier, 'verify');
  });

  it('is not that of a train an hour later, nor of one that left before', () => {
    const late = leaving('late', 4_000);
    const early = leaving('early', -400);
    const contacts = contactsOf(
      [early, a, late],
      [own(3, 0), inTrain('x', late, 4), inTrain('y', early, 3), atHall('z', 4, 3_900)],
    );
    assert.deepEqual(contacts, []);
  });

  it('says in words that the carriage is not known, and names the line, hall and probability', () => {
    const [contact] = contactsOf([a, b], [own(2, 0), inTrain('x', b, 4)]);
    const [first, ...others] = contact?.reasons ?? [];
    assert.equal(first?.code, 'same-train');
    assert.match(first?.text.zh ?? '', /^地铁1号线：.*同一列车的可能性约 \d+%，最可能在站4至站6之间.*车厢不明$/u);
    assert.match(
      first?.text.en ?? '',
      /on the same train with about \d+ %, most likely between Stop 4 and Stop 6.*carriage is not known/,
    );
    assert.ok(others.some(({ code }) => code === 'train-inferred'));
  });

  it('is never close, however sure, and general or nobody’s business where the rule says so of every carriage', () => {
    const sure = [own(3, 0), inTrain('x', leaving('a', 900), 3)];
    const only = [leaving('a', 900)];
    const tierBy = (policy: Policy) => contactsOf(only, sure, policy).map(({ tier }) => tier);
    const withRule = (close: 'space' | 'nobody', sameVehicle: 'close' | 'general' | 'nobody'): Policy => ({
      ...covid,
      zones: [
        { kinds: ['carriage'], air: ['sealed', 'ventilated', 'unknown'], close, sameSpace: 'nobody', sameVehicle },
      ],
    });
    assert.deepEqual(tierBy(covid), ['verify']);
    assert.deepEqual(tierBy(withRule('nobody', 'general')), ['general']);
    assert.deepEqual(tierBy(withRule('nobody', 'nobody')), []);
    assert.deepEqual(tierBy(withRule('space', 'nobody')), ['verify']);
    assert.deepEqual(tierBy(withRule('nobody', 'close')), ['verify']);
  });

  it('leaves the rule of halls as it was: who was in the hall with a case of measles is close', () => {
    const measles = policyById('measles');
    assert.ok(measles !== undefined);
    const [contact] = contactsOf([a, b], [own(3, 0), atHall('x', 3, 60)], measles);
    assert.equal(contact?.tier, 'close');
    assert.deepEqual([...new Set(contact?.exposures.map(({ zone }) => zone))].toSorted(), [
      'after-leaving',
      'same-space',
      'same-train',
    ]);
    const codes = contact?.reasons.map(({ code }) => code) ?? [];
    assert.ok(codes.includes('together-by-time') && codes.includes('same-train'));
  });

  it('is told by an exit: the way out of one, and no ride from there', () => {
    // Out at s5, where `a` comes in at 530 s and `b` at 730 s.
    const out = (ms: number) => atHall('o', 5, ms, { person: 'p-c' });
    const c = leaving('c', 1_100);
    const riders = [inTrain('x', a, 3), inTrain('y', b, 3), inTrain('z', c, 5)];
    const by = (presences: readonly Presence[]) =>
      new Map(contactsOf([a, b, c], presences).map((one) => [one.person, trainExposure(one)?.probability ?? 0]));
    const before = by([own(3, 100), ...riders]);
    const after = by([own(3, 100), out(790), ...riders]);
    assert.ok((before.get('p-x') ?? 0) > 0.3 && (before.get('p-y') ?? 0) > 0.05);
    assert.ok((after.get('p-y') ?? 0) > (before.get('p-y') ?? 0));
    assert.ok((after.get('p-x') ?? 0) < (before.get('p-x') ?? 0));
    // Alone, the registration at s5 would have begun a ride on `c`.
    assert.ok((by([out(790), ...riders]).get('p-z') ?? 0) > 0.5);
    assert.equal(after.get('p-z'), undefined);
  });

  it('is less likely of somebody whose way out was not found, where the case registered on its own', () => {
    const out = atHall('o', 5, 790, { person: 'p-c' });
    const other = atHall('x', 4, 450);
    const [contact] = contactsOf([a, b], [own(3, 100), out, other]);
    const scene = metroScene([a, b]);
    const mine = feasibleTrains(scene, own(3, 100), { stopIds: ['s5'], ms: out.boardedMs }).trains;
    const yours = new Map(feasibleTrains(scene, other).trains.map(({ model, share }) => [model, share]));
    // Both leave s4 and stay until s5 at least: on the same train they are together for certain.
    const same = mine.reduce((sum, { model, share }) => sum + share * (yours.get(model) ?? 0), 0);
    const unseen = 1 - stationDefaults.outToo;
    close(trainExposure(contact)?.probability, (same * unseen) / (1 - same + same * unseen));
    assert.ok(same > 0.3);
  });

  it('is named by the carriage that somebody registers in after the hall', () => {
    const both = [own(3, 0), inTrain('c2', b, 3, { person: 'p-c' })];
    const contacts = contactsOf([a, b], [...both, inTrain('x', a, 3), inTrain('y', b, 3)]);
    assert.deepEqual(
      contacts.map(({ person, tier, exposures }) => [person, tier, exposures.length]),
      [['p-y', 'close', 1]],
    );
  });

  it('counts crew of the trains, to be verified', () => {
    const shift = inTrain('w', a, 0, { staff: true, via: 'staff-shift', goneMs: EIGHT + 3_600_000 });
    const input = inputOf([own(3, 0)], { world: metroOf([a]) });
    const source = { ...input.source, staff: (unit: string) => (unit === 'v-a-c1' ? [shift] : []) };
    const [crew] = trace({ ...input, source }).contacts;
    assert.deepEqual([crew?.person, crew?.tier], ['p-w', 'verify']);
  });
});

describe('what is asked for', () => {
  const runs = [leaving('a', 200), leaving('b', 400), leaving('late', 4_000)];
  const span = { fromMs: EIGHT - 86_400_000, toMs: EIGHT + 86_400_000 };
  function asked(rides: readonly Presence[], policy: Policy = covid) {
    const { source: _source, ...input } = inputOf([], { world: metroOf(runs), policy });
    const own = { rides, included: new Set<string>() };
    const known = windowsFor(input, span, own);
    return { known, likely: trainWindowsFor(input, span, own, known) };
  }

  it('are carriages of the trains, the likeliest first, and the stations on their way; nothing twice', () => {
    const ride = atHall('c', 3, 100, { person: 'p-c' });
    const { known, likely } = asked([ride]);
    assert.deepEqual([...new Set(known.map(({ unit }) => unit))], ['hall3']);
    const carriages = likely.filter(({ unit }) => unit.startsWith('v-')).map(({ unit }) => unit);
    assert.deepEqual(carriages, ['v-a-c1', 'v-a-c2', 'v-b-c1', 'v-b-c2']);
    assert.deepEqual(
      [...new Set(likely.map(({ unit }) => unit).filter((unit) => unit.startsWith('hall')))].toSorted(),
      ['hall0', 'hall1', 'hall2', 'hall4', 'hall5', 'hall6'],
    );
    for (const [i, one] of [...known, ...likely].entries()) {
      assert.ok(one.fromMs < one.toMs && one.reason === 'ride');
      assert.ok(
        Math.abs(one.fromMs - ride.boardedMs) <= 3 * 3_600_000 && Math.abs(one.toMs - ride.boardedMs) <= 3 * 3_600_000,
      );
      for (const other of [...known, ...likely].slice(i + 1)) {
        assert.ok(other.unit !== one.unit || other.toMs <= one.fromMs || other.fromMs >= one.toMs);
      }
    }
  });

  it('is, for a ride in a carriage, the stations of its train; nothing where the rule knows no other carriage', () => {
    const [a] = runs;
    assert.ok(a !== undefined);
    const { likely } = asked([inTrain('c', a, 3, { person: 'p-c' })]);
    assert.ok(likely.length > 0 && likely.every(({ unit }) => unit.startsWith('hall')));
    const nothing: Policy = { ...covid, zones: covid.zones.filter(({ kinds }) => !kinds.includes('carriage')) };
    assert.deepEqual(asked([atHall('c', 3, 100, { person: 'p-c' })], nothing).likely, []);
  });
});
