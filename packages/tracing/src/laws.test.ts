// What must hold of every trace, whoever rode where: found by trying hundreds of made-up cities.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import {
  covid,
  DAY,
  EIGHT,
  inputOf,
  minuteMs,
  nothingKnown,
  ride,
  runOf,
  spaceOf,
  worldOf,
} from './engine-kit.test.ts';
import { defaultPriors, recorded, trace, traceBytes } from './index.ts';
import type { Presence, RunTimes, StopEvidence, Trace, TraceInput } from './index.ts';

const DAY_MS = 86_400_000;
const LATER = EIGHT + 50 * minuteMs;
const runs = [runOf('r1'), runOf('r2', LATER), runOf('t1', EIGHT, 8, 'train'), runOf('d2', EIGHT + DAY_MS)];
const train = ['k1', 'k2'].map((unit, i) => spaceOf(unit, { kind: 'carriage', vehicle: 'train', carriageNo: i + 1 }));
const world = worldOf(runs, [spaceOf('bus1', { air: 'sealed' }), ...train]);
/** Where each run is registered. */
const PLACES: readonly (readonly [string, string, number])[] = [
  ['r1', 'bus1', EIGHT],
  ['r1', 'bus1', EIGHT],
  ['r2', 'bus1', LATER],
  ['t1', 'k1', EIGHT],
  ['t1', 'k2', EIGHT],
  ['d2', 'bus1', EIGHT + DAY_MS],
];

const bounds: fc.Arbitrary<StopEvidence> = fc
  .tuple(
    fc.constantFrom<StopEvidence['basis'][]>('observed', 'interviewed', 'chained', 'habitual'),
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 }),
    fc.boolean(),
  )
  .map(([basis, numbers, isNamed]) => {
    const [boardLo = 0, boardHi = 0, alightLo = 0, alightHi = 0] = numbers.toSorted((a, b) => a - b);
    return { basis, boardLo, boardHi, alightLo, alightHi, ...(isNamed ? { best: alightLo } : {}) };
  });

function presence(id: string, person: string): fc.Arbitrary<Presence> {
  return fc
    .record({
      place: fc.constantFrom(...PLACES),
      isUntimed: fc.integer({ min: 0, max: 9 }),
      offsetMs: fc.integer({ min: -2 * minuteMs, max: 30 * minuteMs }),
      evidence: fc.array(bounds, { maxLength: 2 }),
      row: fc.option(fc.integer({ min: 1, max: 12 })),
      party: fc.integer({ min: 0, max: 3 }),
      staff: fc.integer({ min: 0, max: 9 }),
      doubtful: fc.integer({ min: 0, max: 9 }),
      via: fc.constantFrom('scan', 'driver', 'helper', 'paper'),
    })
    .map(({ place: [runKey, unit, startMs], isUntimed, offsetMs, staff, doubtful, ...fields }) =>
      ride(id, 0, {
        ...fields,
        person,
        unit,
        runKey: isUntimed === 0 ? null : runKey,
        boardedMs: startMs + offsetMs,
        staff: staff === 0,
        doubtful: doubtful === 0,
      }),
    );
}

/** The case's rides and everybody's; people register once or several times. */
function city(cases: number, riders: number): fc.Arbitrary<readonly Presence[]> {
  const own = Array.from({ length: cases }, (_, i) => presence(`c${i}`, 'p-c'));
  const others = Array.from({ length: riders }, (_, i) => presence(`x${i}`, `p-${i % 7}`));
  return fc.tuple(...own, ...others);
}

const policy = { ...covid, id: 'hops', secondary: { follow: true, pMin: 0.3, followUpDays: 7 } };

function inputFor(presences: readonly Presence[], more: Partial<TraceInput> = {}): TraceInput {
  return inputOf(presences, { world, policy, priors: defaultPriors, ...more });
}

function of(presences: readonly Presence[], more: Partial<TraceInput> = {}): Trace {
  return trace(inputFor(presences, more));
}

const options = { seed: 2_026, numRuns: 150 };

describe('every trace', () => {
  it('is the same bytes from the same inputs, whatever the order of rows', () => {
    fc.assert(
      fc.property(city(3, 12), (presences) => {
        const [one, other] = [recorded(inputFor(presences)), recorded(inputFor(presences.toReversed()))];
        assert.deepEqual(traceBytes(trace(one.input)), traceBytes(trace(other.input)));
        assert.deepEqual(one.bytes(), other.bytes());
      }),
      options,
    );
  });

  it('does not change by rides that nobody of it shared', () => {
    fc.assert(
      fc.property(city(3, 10), city(0, 6), (presences, others) => {
        const elsewhere = others.map((one) => ({
          ...one,
          id: `e${one.id}`,
          person: `e${one.person}`,
          unit: 'bus9',
          runKey: null,
        }));
        assert.deepEqual(of([...presences, ...elsewhere]), of(presences));
      }),
      options,
    );
  });

  it('shifts with time: the same a week later', () => {
    const shiftMs = 7 * DAY_MS;
    const shift = (run: RunTimes): RunTimes => ({
      ...run,
      stops: run.stops.map((stop) => ({ ...stop, arrMs: stop.arrMs + shiftMs, depMs: stop.depMs + shiftMs })),
    });
    const later = {
      run: (key: string) => {
        const run = world.run(key);
        return run === undefined ? undefined : shift(run);
      },
      space: (unit: string) => world.space(unit),
      unitsOf: (vehicle: string) => world.unitsOf(vehicle),
    };
    fc.assert(
      fc.property(city(3, 10), (presences) => {
        const moved = presences.map((one) => ({ ...one, boardedMs: one.boardedMs + shiftMs }));
        const facts = { ...nothingKnown, onset: { lo: DAY + 8, hi: DAY + 8 } };
        const shifted = of(moved, { world: later, facts, untilMs: inputFor([]).untilMs + shiftMs });
        const plain = of(presences);
        const view = ({ contacts }: Trace, byMs: number) =>
          contacts.map(({ person, tier, probability, minutes, eem, firstMs, lastMs, followUpUntilDay }) => [
            person,
            tier,
            probability,
            minutes,
            eem,
            firstMs - byMs,
            lastMs - byMs,
            followUpUntilDay - byMs / DAY_MS,
          ]);
        assert.deepEqual(view(shifted, shiftMs), view(plain, 0));
      }),
      options,
    );
  });

  it('is as likely from either side', () => {
    fc.assert(
      fc.property(presence('a', 'p-a'), presence('b', 'p-b'), (a, b) => {
        // A record that contradicts its own scan can place somebody where nobody reads.
        const fair = (one: Presence): Presence => ({
          ...one,
          staff: false,
          doubtful: false,
          evidence: one.evidence.map((said) => ({ ...said, basis: 'chained', boardLo: 0, boardHi: 7, alightHi: 9 })),
        });
        const [mine, yours] = [fair(a), fair(b)];
        // Registrations that come very late are looked for as long as the case may have been there, and no longer.
        const priors = { ...defaultPriors, scan: { ...defaultPriors.scan, lateShare: 0 } };
        const never = { ...policy, persistence: { ...policy.persistence, minutes: 0 } };
        const from = (person: string, other: string) =>
          of([mine, yours], { policy: never, priors, facts: { ...nothingKnown, persons: [person] } }).contacts.find(
            (one) => one.person === other,
          );
        const [there, back] = [from('p-a', 'p-b'), from('p-b', 'p-a')];
        assert.equal(there?.tier, back?.tier);
        assert.ok(Math.abs((there?.probability ?? 0) - (back?.probability ?? 0)) < 1e-12);
        assert.ok(Math.abs((there?.minutes ?? 0) - (back?.minutes ?? 0)) < 1e-9);
      }),
      { ...options, numRuns: 400 },
    );
  });

  it('loses exactly one contact with one removed person, where runs have timelines', () => {
    fc.assert(
      fc.property(city(3, 12), fc.nat(), (all, pick) => {
        const presences = all.map((one, i) => ({
          ...one,
          runKey: one.runKey ?? PLACES[i % 2 === 0 ? 0 : 2]?.[0] ?? null,
        }));
        const one = { ...policy, secondary: { ...policy.secondary, follow: false } };
        const before = of(presences, { policy: one }).contacts;
        const gone = before[pick % Math.max(before.length, 1)];
        if (gone === undefined) return;
        const after = of(
          presences.filter(({ person }) => person !== gone.person),
          { policy: one },
        ).contacts;
        assert.deepEqual(
          after,
          before.filter((contact) => contact !== gone),
        );
      }),
      options,
    );
  });

  it('knows nobody by their number: other prefixes change no tier and no order', () => {
    fc.assert(
      fc.property(
        city(3, 14),
        fc.array(fc.stringMatching(/^1[3-9]\d{9}$/), { minLength: 8, maxLength: 8 }),
        (presences, numbers) => {
          const keys = [...new Set(presences.map(({ person }) => person))].filter((person) => person !== 'p-c');
          const renamed = new Map(keys.map((person, i) => [person, `phone|${numbers[i] ?? ''}|${i}`]));
          const other = presences.map((one) => ({ ...one, person: renamed.get(one.person) ?? one.person }));
          const view = ({ contacts }: Trace, name: (person: string) => string) =>
            contacts.map(({ person, tier, probability, eem, hop, reasons }) => [
              name(person),
              tier,
              probability,
              eem,
              hop,
              reasons,
            ]);
          assert.deepEqual(
            view(of(other), (person) => person),
            view(of(presences), (person) => renamed.get(person) ?? person),
          );
        },
      ),
      options,
    );
  });

  it('keeps probabilities, minutes and times within what is possible', () => {
    fc.assert(
      fc.property(city(4, 14), (presences) => {
        const { contacts, legs } = of(presences);
        assert.ok(legs.every(({ person, doubtful }) => person === 'p-c' && !doubtful));
        assert.equal(new Set(contacts.map(({ person }) => person)).size, contacts.length);
        for (const contact of contacts) {
          const { probability, minutes, eem, firstMs, lastMs, reasons, tier, hop } = contact;
          assert.notEqual(contact.person, 'p-c');
          assert.ok(probability > 0 && probability <= 1 && minutes >= 0 && eem >= 0);
          assert.ok(firstMs <= lastMs);
          assert.equal(tier === 'secondary', hop === 2);
          assert.ok(reasons.length > 0 && reasons.every(({ text }) => text.zh !== '' && text.en !== ''));
          for (const exposure of contact.exposures) {
            assert.ok(exposure.probability <= 1 && exposure.fromMs <= exposure.toMs);
            assert.ok((exposure.fromSeq ?? 0) < (exposure.toSeq ?? 1));
          }
        }
      }),
      options,
    );
  });

  it('never finds who had left for certain before the case boarded', () => {
    fc.assert(
      fc.property(presence('c0', 'p-c'), presence('x0', 'p-x'), fc.integer({ min: 0, max: 6 }), (one, other, stop) => {
        const c = { ...one, doubtful: false, staff: false, evidence: [], runKey: 'r1', unit: 'bus1', boardSeq: stop };
        const boardedMs = EIGHT + (stop * 4 + 1) * minuteMs;
        const evidence: StopEvidence[] = [
          { basis: 'observed', boardLo: 0, boardHi: 0, alightLo: 1, alightHi: Math.max(stop, 1) },
        ];
        const x = { ...other, staff: false, runKey: 'r1', unit: 'bus1', boardSeq: 0, evidence, boardedMs: EIGHT };
        const { contacts } = of([{ ...c, boardedMs }, x]);
        if (stop > 0)
          assert.deepEqual(
            contacts.filter(({ person }) => person === 'p-x'),
            [],
          );
      }),
      options,
    );
  });
});
