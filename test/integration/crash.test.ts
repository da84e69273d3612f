// Three crashes under load; `npm run crash` does it fifty times.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashRounds } from '../../bench/kit/crash.ts';

test('kill -9 under load: every acknowledged ride is there exactly once', { timeout: 240_000 }, async () => {
  const outcome = await crashRounds({ rounds: 3, seed: 7, buses: 40, phones: 16 });
  assert.ok(outcome.acknowledged > 0);
  assert.ok(outcome.retries > 0, 'nothing was under way when the processes were killed');
  assert.deepEqual([outcome.lost, outcome.duplicated, outcome.refused], [0, 0, 0]);
  assert.ok(outcome.partitionsKept);
  assert.ok(outcome.seesPlanted, 'the comparison would not have told of a lost or doubled ride');
});
