// Three crashes under load: of the platform, of PostgreSQL and of the whole process group; `npm run crash` does it fifty times.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashRounds } from '../../bench/kit/crash.ts';
import { NO_TIME } from '../../bench/load/connection.ts';

test('kill -9 under load: every acknowledged ride is there exactly once', { timeout: 560_000 }, async () => {
  const targets = ['platform', 'postmaster', 'group'] as const;
  const outcome = await crashRounds({ rounds: targets.length, targets, seed: 7, buses: 40, phones: 16 });
  assert.deepEqual(outcome.kills, { platform: 1, postmaster: 1, backend: 0, group: 1 });
  assert.ok(outcome.acknowledged > 0);
  assert.ok(outcome.retries > 0, 'nothing was under way when the processes were killed');
  assert.equal(outcome.outcomes[NO_TIME], undefined, 'whoever is told to come again is told when');
  assert.deepEqual(
    [outcome.lost, outcome.duplicated, outcome.refused],
    [0, 0, 0],
    `lost, duplicated, refused for good; all answers: ${JSON.stringify(outcome.outcomes)}`,
  );
  assert.ok(outcome.daysKept, 'partitions and the roll are as they were');
  assert.ok(outcome.expiredGone, 'what was past its retention is gone after each start');
  assert.ok(outcome.seesPlanted, 'the comparison would not have told of a lost or doubled ride');
});
