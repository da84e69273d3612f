// Batches form, stay within their bounds, and one bad row never takes its neighbours along.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { batchWriter, QueueFull } from './batch-writer.ts';

const badRow = Object.assign(new Error('bad row'), { code: '23514' });

test('rows added together are written together and each gets its own result', async () => {
  const batches: number[][] = [];
  const writer = batchWriter<number, number>({
    write: async (rows) => {
      batches.push([...rows]);
      return rows.map((row) => row * 10);
    },
  });
  const results = await Promise.all([1, 2, 3].map((row) => writer.add(row)));
  assert.deepEqual(results, [10, 20, 30]);
  assert.deepEqual(batches, [[1, 2, 3]]);
});

test('never more rows in a batch, nor batches under way, than allowed', async () => {
  let underWay = 0;
  let most = 0;
  let largest = 0;
  const writer = batchWriter<number, number>({
    maxRows: 4,
    maxInFlight: 2,
    write: async (rows) => {
      underWay += 1;
      most = Math.max(most, underWay);
      largest = Math.max(largest, rows.length);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return [...rows];
    },
  });
  const rows = Array.from({ length: 50 }, (_, index) => index);
  assert.deepEqual(await Promise.all(rows.map((row) => writer.add(row))), rows);
  assert.equal(most, 2);
  assert.equal(largest, 4);
});

test('a batch goes out beside another when it is full or has waited, and else right after it', async () => {
  const gates: (() => void)[] = [];
  const sent: number[][] = [];
  const make = (overlapMs: number) =>
    batchWriter<number, number>({
      maxRows: 2,
      maxInFlight: 3,
      maxDelayMs: 0,
      overlapMs,
      write: async (rows) => {
        sent.push([...rows]);
        await new Promise<void>((resolve) => gates.push(resolve));
        return [...rows];
      },
    });
  const patient = make(60_000);
  const done = [patient.add(1), patient.add(2), patient.add(3)];
  assert.deepEqual(sent, [[1, 2]]);
  done.push(patient.add(4));
  assert.deepEqual(
    sent,
    [
      [1, 2],
      [3, 4],
    ],
    'full',
  );
  done.push(patient.add(5));
  gates[0]?.();
  await done[0];
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(sent, [[1, 2], [3, 4], [5]], 'after the first');
  for (const open of gates) open();
  await Promise.all(done);

  sent.length = 0;
  gates.length = 0;
  const hasty = make(0);
  const two = [hasty.add(1), hasty.add(2)];
  const third = hasty.add(3);
  while (sent.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(sent, [[1, 2], [3]], 'beside the first, which is still under way');
  for (const open of gates) open();
  await Promise.all([...two, third]);
});

test('a full queue is said at once', async () => {
  const gate = Promise.withResolvers<void>();
  const writer = batchWriter<number, number>({
    maxRows: 2,
    maxInFlight: 1,
    maxQueue: 3,
    write: async (rows) => {
      await gate.promise;
      return [...rows];
    },
  });
  const accepted = [1, 2, 3, 4, 5].map((row) => writer.add(row));
  await assert.rejects(writer.add(6), QueueFull);
  assert.equal(writer.waiting, 3);
  gate.resolve();
  assert.deepEqual(await Promise.all(accepted), [1, 2, 3, 4, 5]);
});

test('a row that would wait too long is refused, and let in again once batches are fast', async () => {
  let nowMs = 0;
  let tookMs = 400;
  const gates: (() => void)[] = [];
  const writer = batchWriter<number, number>({
    maxRows: 2,
    maxInFlight: 1,
    maxQueue: 100,
    maxWaitMs: 500,
    steadyMs: () => nowMs,
    write: async (rows) => {
      const startedMs = nowMs;
      await new Promise<void>((resolve) => gates.push(resolve));
      nowMs = startedMs + tookMs;
      return [...rows];
    },
  });
  const finish = async (batch: readonly Promise<number>[]): Promise<void> => {
    gates.shift()?.();
    await Promise.all(batch);
  };
  const pair = () => [writer.add(1), writer.add(2)];
  // Nothing is known of the time a batch takes until some were written.
  for (let n = 0; n < 30; n += 1) await finish(pair());
  const under = pair();
  const waiting = pair();
  // One batch before it and its own: 800 ms.
  const refusal = await writer.add(3).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(refusal instanceof QueueFull);
  assert.ok(Math.abs(refusal.waitMs - 800) < 10, String(refusal.waitMs));
  tookMs = 4;
  await finish(under);
  await finish(waiting);
  for (let n = 0; n < 10; n += 1) await finish(pair());
  const fast = [pair(), pair(), pair()];
  for (const batch of fast) await finish(batch);
  await writer.close();
});

test('bad rows fail alone, whatever their number and place', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 64 }), async (bad) => {
      const written: number[] = [];
      const writer = batchWriter<number, number>({
        write: async (rows) => {
          if (rows.some((row) => bad[row])) throw badRow;
          written.push(...rows);
          return [...rows];
        },
      });
      const results = await Promise.allSettled(bad.map((_, row) => writer.add(row)));
      const good = bad.flatMap((isBad, row) => (isBad ? [] : [row]));
      assert.deepEqual(
        results.map(({ status }) => status === 'rejected'),
        bad,
      );
      assert.deepEqual(written, good);
    }),
    { seed: 3, numRuns: 60 },
  );
});

test('a database that is away fails the batch at once instead of being asked row by row', async () => {
  let asked = 0;
  const writer = batchWriter<number, number>({
    write: async () => {
      asked += 1;
      throw Object.assign(new Error('away'), { code: '57P01' });
    },
  });
  const results = await Promise.allSettled([1, 2, 3, 4].map((row) => writer.add(row)));
  assert.ok(results.every(({ status }) => status === 'rejected'));
  assert.equal(asked, 1);
});

test('close writes what waits, then refuses', async () => {
  const writer = batchWriter<number, number>({ maxDelayMs: 60_000, write: async (rows) => [...rows] });
  const last = writer.add(7);
  await writer.close();
  assert.equal(await last, 7);
  await assert.rejects(writer.add(8), /closed/);
});
