// Priors: what is broken is refused by name; tables turn what is computed into what was observed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { calibrated } from './calibrate.ts';
import { plainPriors, ride } from './engine-kit.test.ts';
import { defaultPriors, parsePriors } from './index.ts';
import { stayFor } from './stay.ts';
import type { Stay } from './stay.ts';
import type { Basis } from './types.ts';

function refusal(json: unknown): string {
  const parsed = parsePriors(json);
  assert.equal(parsed.ok, false);
  return parsed.ok ? '' : (parsed.detail ?? '');
}

describe('priors', () => {
  it('are taken as they are shipped', () => {
    assert.deepEqual(parsePriors(structuredClone(defaultPriors)), { ok: true, value: defaultPriors });
  });

  it('are refused with every fault named', () => {
    const stayMinutes = { ...defaultPriors.stayMinutes, bus: [1, 0.5, 0.6] };
    const rideStops = { ...defaultPriors.rideStops, coach: [0, 0] };
    const calibration = {
      prior: [
        [0.2, 0.3],
        [0.4, 0.1],
      ],
    };
    assert.equal(
      refusal({ ...defaultPriors, stayMinutes, rideStops, calibration }),
      'stayMinutes.bus must fall from at most 1\ncalibration.prior must rise\nrideStops.coach weighs nothing',
    );
    assert.match(refusal({ ...defaultPriors, habitual: 2 }), /habitual/);
    assert.match(refusal({ ...defaultPriors, region: 'x' }), /additional/i);
  });
});

describe('calibration', () => {
  const timed = stayFor(ride('x', 0), 'bus', plainPriors);
  // Only the kind and the basis of a stay are looked at.
  const of = (basis: Basis, kind: Stay['kind'] = 'stops') => ({ ...timed, basis, kind }) as Stay;
  const tables = {
    'observed+prior': [
      [0, 0],
      [0.5, 0.8],
      [1, 1],
    ],
    prior: [
      [0.2, 0.1],
      [1, 0.9],
    ],
    'no-timeline': [
      [0, 0],
      [1, 0.5],
    ],
  } as const;
  const priors = { ...plainPriors, calibration: tables };

  it('goes by both bases, else by the weaker, and leaves alone what has no table', () => {
    assert.equal(calibrated(priors, 0.25, of('prior'), of('observed')), 0.4);
    assert.ok(Math.abs(calibrated(priors, 0.6, of('chained'), of('prior')) - 0.5) < 1e-12);
    assert.ok(Math.abs(calibrated(priors, 0.1, of('chained'), of('prior')) - 0.05) < 1e-12);
    assert.equal(calibrated(priors, 0.6, of('chained'), of('observed')), 0.6);
    assert.equal(calibrated(priors, 0.6, of('prior', 'time'), of('prior', 'time')), 0.3);
    assert.equal(calibrated(priors, 0, of('prior'), of('prior')), 0);
  });

  it('never turns an order around, and stays between 0 and 1', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const basis = fc.constantFrom<Basis[]>('observed', 'interviewed', 'chained', 'habitual', 'prior');
    fc.assert(
      fc.property(share, share, basis, basis, (one, other, a, b) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)].map((raw) =>
          calibrated(priors, raw, of(a), of(b)),
        );
        assert.ok(low !== undefined && high !== undefined && 0 <= low && low <= high && high <= 1);
        assert.equal(calibrated(priors, one, of(a), of(b)), calibrated(priors, one, of(b), of(a)));
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});
