// The best rate of one platform process: closed loop, every ride acknowledged after its commit.
// Run: npm run bench -- intake [--seconds 60] [--connections 192] [--buses 2000] [--processes 1] [--log-files 64] [--folder PATH] [--profile PATH]
import { mkdirSync } from 'node:fs';
import { startGenerator } from './kit/generator.ts';
import { filesOfARunningServer } from './kit/log-files.ts';
import { commitsPerSecond, machine } from './kit/machine.ts';
import { checkRows, describe, measure } from './kit/measure.ts';
import { readOptions, runBench } from './kit/options.ts';
import { profileArgs, describeProfile } from './kit/profile.ts';
import { openStage } from './kit/stage.ts';

const warmUpMs = 8_000;
/** Rides made beforehand for each second: above what two cores have ever taken. */
const ridesASecond = 20_000;

await runBench(async () => {
  const options = readOptions('intake', process.argv.slice(2), {
    seconds: { default: 60, min: 1, max: 3_600 },
    connections: { default: 192, min: 1, max: 10_000 },
    buses: { default: 2_000, min: 1, max: 20_000 },
    processes: { default: 1, min: 1, max: 16 },
    'log-files': { default: filesOfARunningServer, min: 0, max: 1_000 },
    folder: 'path',
    profile: 'path',
  });
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
  const stage = await openStage({
    buses: options.buses,
    parent: options.folder,
    nodeArgs: profileArgs(options.profile),
    processes: options.processes,
    logFiles: options['log-files'],
  });
  try {
    const measureMs = options.seconds * 1000;
    const rides = Math.min(4_000_000, ((warmUpMs + measureMs) / 1000) * ridesASecond);
    const generator = await startGenerator(stage.setup(rides));
    const commits = commitsPerSecond(stage.folder);
    const best = await measure(stage, generator, {
      kind: 'closed',
      connections: options.connections,
      warmUpMs,
      measureMs,
    });
    console.log(describe(`closed loop, ${options.connections} connections`, best));
    const rows = await checkRows(stage, [best.raw]);
    console.log(
      `${rows.rows} rows for ${rows.acknowledged} acknowledged rides: ${rows.fits ? 'as it must be' : 'WRONG'}`,
    );
    await generator.close();
    if (options.profile !== undefined) {
      await stage.stopPlatform();
      for (const line of describeProfile(options.profile, best.span)) console.log(line);
    }
    console.log(
      JSON.stringify({
        bench: 'intake',
        ridesPerSecond: best.ridesPerSecond,
        p50Ms: best.p50Ms,
        p99Ms: best.p99Ms,
        nodeCpuMicros: best.nodeCpuMicros,
        postgresCpuMicros: best.postgresCpuMicros,
        generatorCpuMicros: best.generatorCpuMicros,
        commitsPerSecond: commits,
        errors: best.errors,
        seconds: options.seconds,
        connections: options.connections,
        processes: options.processes,
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
