// Fills the disk under a platform and its database while phones send rides, makes room again, and holds everything to what was
// acknowledged. Ends with an assertion's error when something is not as it should be. Its argument: a folder on a small disk.
import assert from 'node:assert/strict';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { compare } from '../../bench/kit/crash-checks.ts';
import { startGenerator } from '../../bench/kit/generator.ts';
import type { Generator } from '../../bench/kit/generator.ts';
import { openStage } from '../../bench/kit/stage.ts';
import type { Stage } from '../../bench/kit/stage.ts';
import { NO_TIME } from '../../bench/load/connection.ts';
import { BODY_CHARS, rideSource } from '../../bench/load/rides.ts';

const ridesMade = 4_096;
const ridesBetween = 60;
const refusalsWanted = 60;
const lookEveryMs = 20;
const pieceBytes = 1024 * 1024;
/** The server's own pauses between its restarts grow to some seconds meanwhile. */
const [fullWithinMs, recoverWithinMs] = [90_000, 90_000];

const [, , folder = ''] = process.argv;
const ballast = join(folder, 'ballast');

/** Writes until not one byte more fits. */
function fill(): void {
  for (let bytes = pieceBytes; bytes >= 1;) {
    try {
      appendFileSync(ballast, Buffer.alloc(bytes));
    } catch {
      bytes = Math.floor(bytes / 2);
    }
  }
}

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  /** Seconds; 0 when none are named. */
  readonly waitS: number;
}

/** A ride of its own, sent again and again, the same bytes, as a phone does. */
function probe(stage: Stage) {
  const setup = stage.setup(1);
  const rides = rideSource(setup);
  const ride = rides.next();
  const body = Buffer.alloc(BODY_CHARS);
  rides.write(ride, body, 0, Date.now());
  return {
    tag: rides.tagOf(ride),
    post: async (): Promise<Answer> => {
      const url = `http://127.0.0.1:${setup.port}/v1/rides`;
      const response = await fetch(url, { method: 'POST', body: body.toString('latin1') });
      const { error } = (await response.json()) as { readonly error?: { readonly code: string } };
      return { status: response.status, code: error?.code, waitS: Number(response.headers.get('retry-after')) };
    },
  };
}

async function acknowledge(generator: Generator, count: number, withinMs: number): Promise<void> {
  const [from, untilMs] = [await generator.acknowledged(), performance.now() + withinMs];
  while ((await generator.acknowledged()) < from + count) {
    assert.ok(performance.now() < untilMs, `fewer than ${count} rides were acknowledged in ${withinMs / 1_000} s`);
    await wait(lookEveryMs);
  }
}

/** Keeps the disk full until that has been felt often enough; every refusal names a time. */
async function refusedWhileFull(post: () => Promise<Answer>): Promise<void> {
  const untilMs = performance.now() + fullWithinMs;
  for (let refusals = 0; refusals < refusalsWanted;) {
    assert.ok(performance.now() < untilMs, `only ${refusals} rides were refused`);
    fill();
    const { status, code, waitS } = await post();
    if (status === 200) continue;
    assert.deepEqual([status, code], [503, 'busy']);
    assert.ok(waitS >= 1, 'told when to come again');
    refusals += 1;
  }
}

const indexesAgree = {
  primaryKey: `select count(*)::int as n, md5(string_agg(code_id || ' ' || ride_id, ',' order by code_id, ride_id)) as digest
                 from ride where code_id >= 0`,
  tag: `select count(*)::int as n, md5(string_agg(tag::text, ',' order by uuid_hash_extended(tag, 0), tag)) as digest
          from ride where uuid_hash_extended(tag, 0) is not null`,
};

/** Every page of the rows and of each index read: they hold the same, and no checksum is wrong. */
async function assertWhole(stage: Stage): Promise<void> {
  const db = stage.look();
  for (const [index, text] of Object.entries(indexesAgree)) {
    const read = async (off: readonly string[]): Promise<unknown> =>
      db.tx('scan', async (tx) => {
        for (const kind of off) await tx.query(`set local enable_${kind} = off`);
        const plan = JSON.stringify(await tx.query(`explain ${text}`));
        assert.equal(plan.includes('Index'), off.includes('seqscan'), `${index}: ${plan}`);
        return tx.one(text);
      });
    assert.deepEqual(
      await read(['seqscan', 'bitmapscan']),
      await read(['indexscan', 'indexonlyscan', 'bitmapscan']),
      index,
    );
  }
  const checked = await db.one(
    `select current_setting('data_checksums') as checks, sum(checksum_failures)::int as failures from pg_stat_database`,
  );
  assert.deepEqual(checked, { checks: 'on', failures: 0 });
  await db.end();
}

const stage = await openStage({ buses: 20, parent: folder });
try {
  const generator = await startGenerator(stage.setup(ridesMade));
  const { tag, post } = probe(stage);
  generator.phones({ kind: 'phones', phones: 8, cutShare: 0.02 });
  await acknowledge(generator, ridesBetween, recoverWithinMs);
  await refusedWhileFull(post);
  rmSync(ballast);
  await acknowledge(generator, ridesBetween, recoverWithinMs);
  assert.equal((await post()).status, 200);
  const drained = await generator.drain();
  assert.deepEqual([drained.refused, drained.outcomes[NO_TIME]], [0, undefined], JSON.stringify(drained.outcomes));
  assert.ok((drained.outcomes['busy'] ?? 0) > 0);
  assert.deepEqual(await compare(stage, Buffer.concat([drained.tags, tag])), { lost: 0, duplicated: 0 });
  await assertWhole(stage);
  await generator.close();
} finally {
  await stage.close();
}
