// A full day is dropped while rides arrive at a steady rate: how long it takes, and whether riders notice.
// Run: npm run bench -- drop [--rows 2000000] [--rate 2000] [--seconds 8] [--buses 2000] [--folder PATH]
import { setTimeout as wait } from 'node:timers/promises';
import { connect, dayPartitions } from '@tongche/postgres';
import { DAY_MS } from '@tongche/protocol';
import { silentLog } from '@tongche/runtime';
import { bytesOfDays, fillDay } from './kit/fill.ts';
import { startGenerator } from './kit/generator.ts';
import { machine } from './kit/machine.ts';
import { describe, measure } from './kit/measure.ts';
import type { Measured } from './kit/measure.ts';
import { readOptions, runBench } from './kit/options.ts';
import { openStage } from './kit/stage.ts';

const connections = 256;
const warmUpMs = 8_000;
const shortMs = 500;
const patienceMs = 5_000;
/** The oldest day that has a partition from the start. */
const daysBack = 7;

await runBench(async () => {
  const options = readOptions('drop', process.argv.slice(2), {
    rows: { default: 2_000_000, min: 10_000, max: 100_000_000 },
    rate: { default: 2_000, min: 1, max: 20_000 },
    seconds: { default: 8, min: 2, max: 600 },
    buses: { default: 2_000, min: 10, max: 20_000 },
    folder: 'path',
  });
  const { rows, rate, buses } = options;
  const stage = await openStage({ buses, parent: options.folder });
  const db = connect({ url: stage.databaseUrl, max: 1, name: 'drop', log: silentLog });
  stage.onClose(() => db.end());
  const { day: today, dayStartMs } = stage.setup(0);
  const day = today - daysBack;
  await fillDay(db, { day, dayStartMs: dayStartMs - daysBack * DAY_MS, from: 0, to: rows }, buses, rows);
  const { total } = await bytesOfDays(db, [day]);
  const runMs = options.seconds * 1000;
  const generator = await startGenerator(stage.setup(Math.ceil(((3 * runMs + warmUpMs) / 1000) * rate)));
  // Its bounds are for making partitions; none is made here.
  const partitions = dayPartitions(db, 'ride', { column: 'ride_id', bounds: () => ["'0'", "'0'"] });

  async function run(name: string, warmMs: number): Promise<Measured> {
    const seen = await measure(stage, generator, {
      kind: 'open',
      connections,
      ratePerSecond: rate,
      warmUpMs: warmMs,
      measureMs: runMs,
      patienceMs,
    });
    console.log(describe(name, seen));
    return seen;
  }
  const before = await run('before', warmUpMs);
  let dropMs = 0;
  async function drop(): Promise<void> {
    await wait(shortMs + runMs / 2);
    const beganMs = performance.now();
    await partitions.drop(day);
    dropMs = Math.round(performance.now() - beganMs);
  }
  const [during] = await Promise.all([run('while the day is dropped', shortMs), drop()]);
  const after = await run('after', shortMs);
  await generator.close();
  console.log(`${rows} rides of ${total} bytes dropped in ${dropMs} ms`);
  console.log(
    JSON.stringify({
      bench: 'drop',
      rows,
      bytesPerRide: total,
      dropMs,
      ratePerSecond: rate,
      p99BeforeMs: before.p99Ms,
      p99DuringMs: during.p99Ms,
      maxDuringMs: during.maxMs,
      p99AfterMs: after.p99Ms,
      errors: before.errors + during.errors + after.errors,
      machine: machine(stage.folder, stage.engine.version),
    }),
  );
  await stage.close();
});
