// What must hold of every trace on a line whose stations bear the codes: found by trying hundreds of made-up mornings.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { covid, DAY, EIGHT, inputOf, minuteMs, nothingKnown } from './engine-kit.test.ts';
import { defaultPriors, recorded, trace, traceBytes } from './index.ts';
import type { Presence, RunTimes, Trace, TraceInput, World } from './index.ts';
import { atHall, inTrain, metroOf, metroScene, STOPS, trainRun } from './station-kit.test.ts';
import { feasibleTrains } from './station-trains.ts';

const DAY_MS = 86_400_000;
/** Every six minutes either way. */
const runs = Array.from({ length: 12 }, (_, i) =>
  trainRun(`t${i}`, EIGHT + (i >> 1) * 6 * minuteMs, i % 2 === 0 ? 0 : 1, `v${i}`, i < 6 ? 'avl' : 'schedule'),
);
const world = metroOf(runs);

function presence(id: string, person: string): fc.Arbitrary<Presence> {
  return fc
    .record({
      hall: fc.integer({ min: 0, max: STOPS - 1 }),
      afterS: fc.integer({ min: -600, max: 3_000 }),
      train: fc.option(fc.integer({ min: 0, max: runs.length - 1 }), { freq: 2 }),
      seq: fc.integer({ min: 0, max: STOPS - 2 }),
      via: fc.constantFrom('scan', 'helper', 'paper'),
      doubtful: fc.integer({ min: 0, max: 9 }),
      party: fc.integer({ min: 0, max: 2 }),
    })
    .map(({ hall, afterS, train, seq, doubtful, ...fields }) => {
      const more = { ...fields, person, doubtful: doubtful === 0 };
      const run = train === null ? undefined : runs[train];
      return run === undefined ? atHall(id, hall, afterS, more) : inTrain(id, run, seq, more);
    });
}

function morning(cases: number, riders: number): fc.Arbitrary<readonly Presence[]> {
  const own = Array.from({ length: cases }, (_, i) => presence(`c${i}`, 'p-c'));
  return fc.tuple(...own, ...Array.from({ length: riders }, (_, i) => presence(`x${i}`, `p-${i % 8}`)));
}

function inputFor(presences: readonly Presence[], more: Partial<TraceInput> = {}): TraceInput {
  return inputOf(presences, { world, priors: defaultPriors, ...more });
}
function of(presences: readonly Presence[], more: Partial<TraceInput> = {}): Trace {
  return trace(inputFor(presences, more));
}

const options = { seed: 2_026, numRuns: 120 };

describe('every trace by stations', () => {
  it('is the same bytes from the same inputs, whatever the order of rows, runs and stations', () => {
    const turned = metroOf(runs.toReversed());
    const backwards: World = { ...turned, stationsAt: (stopId) => turned.stationsAt?.(stopId).toReversed() ?? [] };
    fc.assert(
      fc.property(morning(2, 14), (presences) => {
        const [one, other] = [
          recorded(inputFor(presences)),
          recorded(inputFor(presences.toReversed(), { world: backwards })),
        ];
        assert.deepEqual(traceBytes(trace(one.input)), traceBytes(trace(other.input)));
        assert.deepEqual(one.bytes(), other.bytes());
      }),
      options,
    );
  });

  it('shifts with time: the same a week later', () => {
    const shiftMs = 7 * DAY_MS;
    const later = metroOf(
      runs.map((run): RunTimes => ({
        ...run,
        stops: run.stops.map((stop) => ({ ...stop, arrMs: stop.arrMs + shiftMs, depMs: stop.depMs + shiftMs })),
      })),
    );
    const view = ({ contacts }: Trace, byMs: number) =>
      contacts.map(({ person, tier, probability, minutes, firstMs, lastMs }) => [
        person,
        tier,
        probability,
        minutes,
        firstMs - byMs,
        lastMs - byMs,
      ]);
    fc.assert(
      fc.property(morning(2, 10), (presences) => {
        const moved = presences.map((one) => ({ ...one, boardedMs: one.boardedMs + shiftMs }));
        const facts = { ...nothingKnown, onset: { lo: DAY + 8, hi: DAY + 8 } };
        const shifted = of(moved, { world: later, facts, untilMs: inputFor([]).untilMs + shiftMs });
        assert.deepEqual(view(shifted, shiftMs), view(of(presences), 0));
      }),
      options,
    );
  });

  it('is as likely from either side', () => {
    const policy = { ...covid, persistence: { ...covid.persistence, minutes: 0 } };
    let met = 0;
    fc.assert(
      fc.property(presence('a', 'p-a'), presence('b', 'p-b'), (a, b) => {
        const pair = [a, b].map((one) => ({ ...one, doubtful: false }));
        const from = (person: string, other: string) =>
          of(pair, { policy, facts: { ...nothingKnown, persons: [person] } })
            .contacts.find((one) => one.person === other)
            ?.exposures.find(({ zone }) => zone === 'same-train');
        const [there, back] = [from('p-a', 'p-b'), from('p-b', 'p-a')];
        assert.equal(there?.runKey, back?.runKey);
        assert.ok(Math.abs((there?.probability ?? 0) - (back?.probability ?? 0)) < 1e-12);
        assert.ok(Math.abs((there?.minutes ?? 0) - (back?.minutes ?? 0)) < 1e-9);
        met += there === undefined ? 0 : 1;
      }),
      { ...options, numRuns: 1_200 },
    );
    assert.ok(met > 100, `${met} pairs met`);
  });

  it('loses exactly one contact with one removed person', () => {
    fc.assert(
      fc.property(morning(2, 12), fc.nat(), (presences, pick) => {
        const before = of(presences).contacts;
        const gone = before[pick % Math.max(before.length, 1)];
        if (gone === undefined) return;
        const { contacts } = of(presences.filter(({ person }) => person !== gone.person));
        assert.deepEqual(
          contacts,
          before.filter((contact) => contact !== gone),
        );
      }),
      options,
    );
  });

  it('keeps probabilities within what is possible, and nobody close by a station’s code alone', () => {
    fc.assert(
      fc.property(morning(3, 14), (presences) => {
        for (const { tier, exposures, probability, firstMs, lastMs } of of(presences).contacts) {
          assert.ok(probability > 0 && probability <= 1 && firstMs <= lastMs);
          for (const one of exposures) {
            assert.ok(one.probability > 0 && one.probability <= 1 && one.minutes >= 0 && one.fromMs <= one.toMs);
            if (one.zone === 'same-train') assert.ok((one.fromSeq ?? 0) < (one.toSeq ?? 0));
          }
          if (exposures.every(({ zone }) => zone === 'same-train')) assert.equal(tier, 'verify');
        }
      }),
      options,
    );
  });

  it('shares a rider out among trains, never twice', () => {
    fc.assert(
      fc.property(presence('a', 'p-a'), presence('b', 'p-b'), (a, b) => {
        const scene = metroScene(runs);
        const { stopIds = [] } = scene.space(b.unit);
        const exit = stopIds.length === 0 ? undefined : { stopIds, ms: b.boardedMs };
        if ((scene.space(a.unit).stopIds ?? []).length === 0) return;
        const { trains, leftBy } = feasibleTrains(scene, a, exit);
        const sum = trains.reduce((all, { share }) => all + share, 0);
        assert.ok(
          sum <= 1 + 1e-9 && trains.every(({ share, exit: at, board }) => share > 0 && (at ?? board + 1) > board),
        );
        assert.ok(leftBy >= 0 && leftBy <= 1);
      }),
      { ...options, numRuns: 400 },
    );
  });
});
