// A full day is dropped while rides arrive at a steady rate: how long it takes, and whether those who ride notice.
// Run: npm run bench -- drop [--rows 2000000] [--rate 1000] [--seconds 10] [--buses 2000] [--folder PATH]
import { setTimeout as wait } from 'node:timers/promises';
import { ridePartitions } from '@tongche/platform';
import { startGenerator } from './kit/generator.ts';
import { machine } from './kit/machine.ts';
import { fillDays, platformDatabase } from './kit/made-rides.ts';
import { describe, measure } from './kit/measure.ts';
import type { Measured } from './kit/measure.ts';
import { readOptions, runBench } from './kit/options.ts';
import { openStage } from './kit/stage.ts';

/** Beyond the days the platform makes for late rides, within those it keeps. */
const daysAgo = 20;
const connections = 192;
const [warmUpMs, rampMs] = [5_000, 500];
/** Into the measured time. */
const dropAfterMs = 1_000;
const patienceMs = 1_000;

await runBench(async () => {
  const options = readOptions('drop', process.argv.slice(2), {
    rows: { default: 2_000_000, min: 1_000, max: 50_000_000 },
    rate: { default: 1_000, min: 1, max: 20_000 },
    seconds: { default: 10, min: 3, max: 600 },
    buses: { default: 2_000, min: 1, max: 20_000 },
    folder: 'path',
  });
  const stage = await openStage({ buses: options.buses, parent: options.folder });
  try {
    const day = stage.setup(0).day - daysAgo;
    const { rows } = options;
    const filled = await fillDays(stage, options.buses, [{ day, from: 0, to: rows, rides: rows }]);
    console.log(`a day of ${rows} rides, made at ${filled}/s`);
    const measureMs = options.seconds * 1000;
    const rides = ((measureMs + rampMs) * 3 + warmUpMs) * (options.rate / 1000);
    const generator = await startGenerator(stage.setup(Math.ceil(rides)), true);
    const db = platformDatabase(stage);
    async function run(name: string, warmMs = rampMs): Promise<Measured> {
      const seen = await measure(stage, generator, {
        kind: 'open',
        connections,
        ratePerSecond: options.rate,
        warmUpMs: warmMs,
        measureMs,
        patienceMs,
      });
      console.log(describe(name, seen));
      return seen;
    }
    async function drop(): Promise<number> {
      await wait(rampMs + dropAfterMs);
      const beganMs = performance.now();
      const dropped = await ridePartitions(db, stage.zone, false).drop(day);
      if (!dropped) throw new Error('there was no day to drop');
      return Math.round(performance.now() - beganMs);
    }
    const before = await run('before', warmUpMs);
    const [during, dropMs] = await Promise.all([run('during'), drop()]);
    const after = await run('after');
    console.log(`the day was dropped in ${dropMs} ms`);
    await db.end();
    await generator.close();
    const figures = ({ p50Ms, p99Ms, maxMs, ridesPerSecond, errors }: Measured) => ({
      ridesPerSecond,
      p50Ms,
      p99Ms,
      maxMs,
      errors,
    });
    console.log(
      JSON.stringify({
        bench: 'drop',
        rows,
        dropMs,
        offeredPerSecond: options.rate,
        before: figures(before),
        during: figures(during),
        after: figures(after),
        machine: machine(stage.folder, stage.engine.version),
      }),
    );
  } finally {
    await stage.close();
  }
});
