// Whose position it is, and what measured stretches become when later positions tell better.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Unit } from '@tongche/network';
import * as fc from 'fast-check';
import { cityOfRows } from '../city/city.ts';
import type { Segment } from '../store/segments.ts';
import { vehicleFinder } from './identity.ts';
import { isExtension, mergeSegments } from './merge.ts';

const unit = (unitId: string, vehicleId: string, more: Partial<Unit> = {}): Unit => ({
  unitId,
  kind: 'bus',
  label: { zh: `${unitId}号车`, en: `Bus ${unitId}` },
  vehicleId,
  capacity: 1,
  ...more,
});

test('a vehicle is found by our id, a unit, a plate in any form, or its label; two of one name by neither', () => {
  const units = [
    unit('u1', 'v1', { plate: '粤B12345D' }),
    unit('u2', 'v2', { label: { zh: '快线', en: 'Express' } }),
    unit('u3', 'v3', { label: { zh: '快线', en: 'Express 3' } }),
    unit('c1', 'train', { label: { zh: '1车厢', en: 'Car 1' } }),
    unit('c2', 'train', { label: { zh: '2车厢', en: 'Car 2' } }),
  ];
  const find = vehicleFinder(cityOfRows({ lines: [], directions: [], stops: [], units, codes: [], bindings: [] }));
  assert.equal(find({ vehicleId: 'v1' }), 'v1');
  assert.equal(find({ vehicleId: 'c2' }), 'train');
  assert.equal(find({ vehicleId: '7781', plate: '粤b·12345d' }), 'v1');
  assert.equal(find({ vehicleId: '7781', label: '粤B 12345D' }), 'v1');
  assert.equal(find({ vehicleId: '粤B12345D' }), 'v1');
  assert.equal(find({ vehicleId: '7781', label: 'express 3' }), 'v3');
  assert.equal(find({ vehicleId: '7781', label: '快线' }), undefined);
  assert.equal(find({ vehicleId: '7781', label: '' }), undefined);
});

const segment = (runId: number, fromMin: number, toMin: number): Segment => ({
  vehicleId: 'v',
  runId,
  basis: 'positions',
  fromMs: fromMin * 60_000,
  toMs: toMin * 60_000,
  confidence: 1,
  saidMs: 0,
});
const shown = (list: readonly Segment[]) =>
  list.map(({ runId, fromMs, toMs }) => [runId, fromMs / 60_000, toMs / 60_000]);

test('more of the same run lengthens it; another run takes the place of what was guessed', () => {
  const [first, longer] = [segment(1, 0, 10), segment(1, 4, 14)];
  assert.deepEqual(shown(mergeSegments([first], [longer])), [[1, 0, 14]]);
  assert.ok(isExtension([first], mergeSegments([first], [longer])));
  assert.deepEqual(shown(mergeSegments([first], [segment(2, 0, 14)])), [[2, 0, 14]]);
  assert.deepEqual(shown(mergeSegments([first], [segment(2, 8, 14)])), [
    [1, 0, 8],
    [2, 8, 14],
  ]);
  assert.ok(!isExtension([first], mergeSegments([first], [segment(2, 8, 14)])));
  // An hour later it makes the run again (a circle): not one stretch.
  assert.equal(mergeSegments([first], [segment(1, 80, 90)]).length, 2);
});

test('whatever comes: stretches stay disjoint, the newest word holds where it spoke, the rest is not lost', () => {
  const any = fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 30 }))
    .map(([runId, from, long]) => segment(runId, from, from + long));
  fc.assert(
    fc.property(fc.array(any, { maxLength: 6 }), any, (earlier, last) => {
      let known: readonly Segment[] = [];
      for (const one of earlier) known = mergeSegments(known, [one]);
      const after = mergeSegments(known, [last]);
      for (let n = 1; n < after.length; n += 1) assert.ok((after[n - 1]?.toMs ?? 0) <= (after[n]?.fromMs ?? 0));
      const at = (list: readonly Segment[], ms: number) => list.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs);
      for (let ms = 30_000; ms < 100 * 60_000; ms += 60_000) {
        const isSaid = last.fromMs <= ms && ms < last.toMs;
        if (isSaid) assert.equal(at(after, ms)?.runId, last.runId);
        else if (at(known, ms) !== undefined) assert.equal(at(after, ms)?.runId, at(known, ms)?.runId);
      }
    }),
    { seed: 11, numRuns: 1_000 },
  );
});
