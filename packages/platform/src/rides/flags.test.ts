// The bits of a ride's flags: how the run was known fits beside what was noticed, within a signed 16-bit column.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ASSISTED,
  basisFlags,
  basisOfFlags,
  CREW,
  GONE,
  IMPLAUSIBLE,
  LATE,
  REUSE,
  shownFlags,
  UNBOUND,
} from './flags.ts';

test('every basis comes back whatever else is noticed, and none of rides from before', () => {
  const all = LATE | REUSE | IMPLAUSIBLE | CREW | ASSISTED | UNBOUND | GONE;
  for (const basis of ['corrected', 'dispatch', 'trip', 'positions', 'schedule', 'usual'] as const) {
    const flags = all | basisFlags(basis);
    assert.equal(basisOfFlags(flags), basis);
    assert.equal(flags & 0xff, all);
    assert.ok(flags <= 32_767);
  }
  assert.equal(basisOfFlags(all), undefined);
});

test('phones are told of what concerns the rider', () => {
  assert.deepEqual(shownFlags(LATE | CREW | basisFlags('usual')), ['late']);
  assert.deepEqual(shownFlags(UNBOUND | GONE | IMPLAUSIBLE | REUSE | ASSISTED), [
    'reuse',
    'implausible',
    'unbound',
    'gone',
  ]);
});
