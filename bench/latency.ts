// Times at a given rate: rides are due at fixed instants, whatever the server does, and count from when they were due.
// Run: npm run bench -- latency [--seconds 60] [--rate 4000] [--connections 256] [--buses 2000] [--log-files 64] [--folder PATH]
import { startGenerator } from './kit/generator.ts';
import { filesOfARunningServer } from './kit/log-files.ts';
import { commitsPerSecond, machine } from './kit/machine.ts';
import { checkRows, describe, measure } from './kit/measure.ts';
import { readOptions, runBench } from './kit/options.ts';
import { openStage } from './kit/stage.ts';

const warmUpMs = 8_000;
const patienceMs = 5_000;

await runBench(async () => {
  const options = readOptions('latency', process.argv.slice(2), {
    seconds: { default: 60, min: 1, max: 3_600 },
    rate: { default: 4_000, min: 1, max: 100_000 },
    connections: { default: 256, min: 1, max: 10_000 },
    buses: { default: 2_000, min: 1, max: 20_000 },
    'log-files': { default: filesOfARunningServer, min: 0, max: 1_000 },
    folder: 'path',
  });
  const stage = await openStage({
    buses: options.buses,
    parent: options.folder,
    logFiles: options['log-files'],
  });
  try {
    const measureMs = options.seconds * 1000;
    const generator = await startGenerator(
      stage.setup(Math.min(4_000_000, ((warmUpMs + measureMs) / 1000) * options.rate)),
    );
    const commits = commitsPerSecond(stage.folder);
    const seen = await measure(stage, generator, {
      kind: 'open',
      connections: options.connections,
      ratePerSecond: options.rate,
      warmUpMs,
      measureMs,
      patienceMs,
    });
    console.log(describe(`open loop, ${options.rate}/s`, seen));
    const rows = await checkRows(stage, [seen.raw]);
    console.log(
      `${rows.rows} rows for ${rows.acknowledged} acknowledged rides: ${rows.fits ? 'as it must be' : 'WRONG'}`,
    );
    await generator.close();
    console.log(
      JSON.stringify({
        bench: 'latency',
        offeredPerSecond: seen.offeredPerSecond,
        ridesPerSecond: seen.ridesPerSecond,
        p50Ms: seen.p50Ms,
        p90Ms: seen.p90Ms,
        p99Ms: seen.p99Ms,
        p999Ms: seen.p999Ms,
        maxMs: seen.maxMs,
        nodeCpuMicros: seen.nodeCpuMicros,
        postgresCpuMicros: seen.postgresCpuMicros,
        commitsPerSecond: commits,
        errors: seen.errors,
        seconds: options.seconds,
        rowsFit: rows.fits,
        logFiles: options['log-files'],
        machine: machine(stage.folder, stage.engine.version),
      }),
    );
    if (!rows.fits) process.exitCode = 1;
  } finally {
    await stage.close();
  }
});
