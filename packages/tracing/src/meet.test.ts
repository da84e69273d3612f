// Presence and meeting, against sums done by hand. Stops are four minutes apart and stood at for one; every stop ahead is as
// likely as the other.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EIGHT, fromTo, minuteMs, plainPriors, ride, runOf, ZONE } from './engine-kit.test.ts';
import { residualMinutes } from './exposure.ts';
import type { Presence, Priors, StopEvidence } from './index.ts';
import { meet, noMeeting } from './meet.ts';
import { modelOf } from './run-model.ts';
import type { RunModel } from './run-model.ts';
import { stayFor, stayOn } from './stay.ts';
import type { Stay, StopStay } from './stay.ts';

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

function model(priors: Priors = plainPriors): RunModel {
  const made = modelOf(runOf('r1'), { kind: 'bus', zone: ZONE, priors, attraction: undefined });
  assert.ok(made);
  return made;
}

const onRun = model();
const stay = (presence: Presence): StopStay => stayOn(presence, onRun, plainPriors);

/** Shares of getting off at stops 0..7. */
function alighting({ boardings: [only, ...others] }: StopStay): readonly number[] {
  assert.ok(only !== undefined && others.length === 0);
  return Array.from({ length: 8 }, (_, j) =>
    j <= only.stop ? 0 : (j === 0 ? 1 : (only.behind[j - 1] ?? 0)) - (only.behind[j] ?? 0),
  );
}

function sharesAre(actual: readonly number[], expected: readonly number[]): void {
  for (const [i, share] of expected.entries()) near(actual[i] ?? -1, share);
}

function met(a: Stay, b: Stay, overlapMin = 1, notBeforeMs = 0) {
  const out = noMeeting();
  meet(a, b, false, { overlapMs: overlapMin * minuteMs, notBeforeMs }, out);
  return { ...out };
}

describe('a stay', () => {
  it('ends at any stop ahead, as likely as rides are long, when nothing is known', () => {
    sharesAre(alighting(stay(ride('x', 2))), [0, 0, 0, 0.2, 0.2, 0.2, 0.2, 0.2]);
    const priors = { ...plainPriors, rideStops: { ...plainPriors.rideStops, bus: [1, 3, 0] } };
    const shares = alighting(stayOn(ride('x', 2), model(priors), priors));
    near(Math.round((shares[3] ?? 0) * 1e4), 2500);
    near(Math.round((shares[4] ?? 0) * 1e4), 7500);
  });

  it('ends where a stop draws riders', () => {
    const attraction = (_line: string, _dir: 0 | 1, stop: string) => (stop === 's5' ? 6 : 1);
    const drawn = modelOf(runOf('r1'), { kind: 'bus', zone: ZONE, priors: plainPriors, attraction });
    assert.ok(drawn);
    sharesAre(alighting(stayOn(ride('x', 2), drawn, plainPriors)), [0, 0, 0, 0.1, 0.1, 0.6, 0.1, 0.1]);
  });

  it('ends mostly where a chain says, beside it sometimes, and else anywhere', () => {
    const chain: StopEvidence = { ...fromTo(2, 5, 'chained'), alightLo: 4, alightHi: 6, best: 5, walkM: 100 };
    const at = (walkM: number, link?: StopEvidence['link']) =>
      alighting(stay(ride('x', 2, { evidence: [{ ...chain, walkM, ...(link === undefined ? {} : { link }) }] })));
    // .9 believed, .8 of it at the stop itself, the rest on it and its neighbours; .1 over five stops.
    sharesAre(at(100), [0, 0, 0, 0.02, 0.08, 0.8, 0.08, 0.02]);
    // Walked far: .9 · .6 = .54 believed.
    sharesAre(at(400), [0, 0, 0, 0.092, 0.128, 0.56, 0.128, 0.092]);
    // Back to the first boarding of the day: .7.
    sharesAre(at(100, 'wrap'), [
      0,
      0,
      0,
      0.06,
      0.06 + 0.7 * (0.2 / 3),
      0.06 + 0.7 * (0.8 + 0.2 / 3),
      0.06 + 0.7 * (0.2 / 3),
      0.06,
    ]);
  });

  it('ends before they were certainly gone and after they were seen again', () => {
    const gone = ride('x', 2, { goneMs: EIGHT + 21 * minuteMs });
    sharesAre(alighting(stay(gone)), [0, 0, 0, 1 / 3, 1 / 3, 1 / 3, 0, 0]);
    const seen = ride('x', 2, { seenMs: EIGHT + 18 * minuteMs });
    sharesAre(alighting(stay(seen)), [0, 0, 0, 0, 0, 1 / 3, 1 / 3, 1 / 3]);
    const contradicted = ride('x', 2, { goneMs: EIGHT + 9 * minuteMs });
    sharesAre(alighting(stay(contradicted)), [0, 0, 0, 1, 0, 0, 0, 0]);
  });

  it('never reaches beyond the end of the run', () => {
    const last = stay(ride('x', 7));
    assert.equal(last.boardings[0]?.stop, 6);
    sharesAre(alighting(last), [0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('takes the strongest evidence, and none of another timeline', () => {
    const evidence = [fromTo(2, 7, 'chained'), fromTo(2, 4, 'observed'), fromTo(2, 6, 'interviewed'), fromTo(40, 44)];
    const one = stay(ride('x', 2, { evidence }));
    assert.equal(one.basis, 'observed');
    sharesAre(alighting(one), [0, 0, 0, 0, 1, 0, 0, 0]);
    assert.equal(stay(ride('x', 2, { evidence: [fromTo(40, 44)] })).basis, 'prior');
  });

  it('began at one of several stops when the scan came late', () => {
    const priors = { ...plainPriors, scan: { ...plainPriors.scan, lagS: 60 } };
    // A minute and a half after the departure from stop 2: e^-1.5 of the usual lag, against e^-5.5 of stop 1.
    const { boardings } = stayOn(ride('x', 2, { boardedMs: EIGHT + 10.5 * minuteMs }), model(priors), priors);
    assert.deepEqual(
      boardings.map(({ stop }) => stop),
      [2],
    );
    const late = { ...priors, scan: { ...priors.scan, lateShare: 0.5, lateS: 600 } };
    const several = stayOn(ride('x', 2, { boardedMs: EIGHT + 10.5 * minuteMs }), model(late), late).boardings;
    assert.deepEqual(
      several.map(({ stop }) => stop),
      [0, 1, 2],
    );
    near(
      several.reduce((sum, { weight }) => sum + weight, 0),
      1,
    );
    assert.ok((several[2]?.weight ?? 0) > 0.5);
  });

  it('of crew lasts from the run to the end of the shift', () => {
    const shift = ride('d', 0, {
      staff: true,
      via: 'staff-shift',
      boardedMs: EIGHT - 3 * 3_600_000,
      goneMs: EIGHT + 17 * minuteMs,
    });
    sharesAre(alighting(stay(shift)), [0, 0, 0, 0, 1, 0, 0, 0]);
  });
});

describe('two stays', () => {
  it('met with the product of both still being aboard', () => {
    const { probability, minutes } = met(stay(ride('c', 2)), stay(ride('x', 4)));
    // The case stays behind stop 4 in three of five; the other one to stop 5 for certain.
    near(probability, 0.6);
    // 17→20: .6·1·3 min; 20→24: .4·⅔·4; 24→28: .2·⅓·4.
    near(minutes, 1.8 + 0.4 * (2 / 3) * 4 + 0.2 * (1 / 3) * 4);
  });

  it('met for so long only if both stayed so long', () => {
    // Ten minutes from minute 17 on: both must reach stop 7 (minute 28).
    near(met(stay(ride('c', 2)), stay(ride('x', 4)), 10).probability, 0.2 * (1 / 3));
    near(met(stay(ride('c', 2)), stay(ride('x', 4)), 12).probability, 0);
  });

  it('met for certain, for as long as the timeline says, when all is known', () => {
    const { probability, minutes, fromMs, toMs } = met(
      stay(ride('c', 2, { evidence: [fromTo(2, 5)] })),
      stay(ride('x', 3, { evidence: [fromTo(3, 7)] })),
    );
    near(probability, 1);
    near(minutes, 7);
    assert.deepEqual([fromMs, toMs], [EIGHT + 13 * minuteMs, EIGHT + 20 * minuteMs]);
  });

  it('did not meet where one boards as the other gets off, whatever the shortest time', () => {
    const c = stay(ride('c', 2, { evidence: [fromTo(2, 5)] }));
    for (const overlapMin of [0, 1])
      assert.deepEqual(
        [met(c, stay(ride('x', 5)), overlapMin).probability, met(c, stay(ride('x', 5)), overlapMin).minutes],
        [0, 0],
      );
  });

  it('count only what lies after an instant', () => {
    const c = stay(ride('c', 2, { evidence: [fromTo(2, 6)] }));
    const x = stay(ride('x', 2, { evidence: [fromTo(2, 4)] }));
    near(met(c, x).minutes, 7);
    near(met(c, x, 1, EIGHT + 14 * minuteMs).minutes, 2);
    near(met(c, x, 1, EIGHT + 16 * minuteMs).probability, 0);
  });

  it('without a timeline met by how long rides last', () => {
    const priors = { ...plainPriors, stayMinutes: { ...plainPriors.stayMinutes, bus: [1, 0.8, 0.6, 0.4, 0.2, 0] } };
    const at = (minute: number, more: Partial<Presence> = {}) =>
      stayFor(ride('x', 0, { boardedMs: EIGHT + minute * minuteMs, runKey: null, ...more }), 'bus', priors);
    const { probability, minutes } = met(at(0), at(1));
    // Two minutes after the first boarded, one after the second: .6 · .8.
    near(probability, 0.48);
    near(minutes, 0.7 * 0.9 + 0.5 * 0.7 + 0.3 * 0.5 + 0.1 * 0.3);
    near(met(at(0), at(5)).probability, 0);
    // Gone by minute 3: what is left is shared out, (.6 − .4) / (1 − .4).
    near(met(at(0, { goneMs: EIGHT + 3 * minuteMs }), at(1)).probability, (0.2 / 0.6) * 0.8);
  });

  it('in a cab are one fare or two', () => {
    const at = (minute: number) =>
      stayFor(ride('x', 0, { boardedMs: EIGHT + minute * minuteMs, runKey: null }), 'taxi', plainPriors);
    const out = noMeeting();
    const options = { overlapMs: minuteMs, notBeforeMs: 0 };
    meet(at(0), at(1), true, options, out);
    assert.ok(out.probability > 0.9);
    meet(at(0), at(9), true, options, out);
    assert.equal(out.probability, 0);
  });
});

describe('left air', () => {
  it('fades as fast as it is changed', () => {
    // ∫ e^(−kt) dt over half an hour, in minutes: 6·(1 − e^−5).
    near(residualMinutes(10, 0, 0.5), 6 * (1 - Math.exp(-5)));
    // At two changes an hour, 37 % is left after half an hour; at ten, less than 1 %.
    near(residualMinutes(2, 0.5, 100) / residualMinutes(2, 0, 100), Math.exp(-1));
    assert.ok(residualMinutes(10, 0.5, 100) / residualMinutes(10, 0, 100) < 0.01);
  });
});
