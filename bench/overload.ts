// More than the server can take: ten times the connections (closed loop), three times the rate (open loop, the load process on
// a core of its own), and how soon it is well again.
// Run: npm run bench -- overload [--seconds 20] [--connections 192] [--phones 6000] [--buses 2000] [--direct] [--log-files 64] [--folder PATH]
// --direct: no proxy, so that every ride comes by a connection of its own.
import type { ClosedPlan, LoadResult, OpenPlan } from './load/messages.ts';
import { NO_TIME } from './load/connection.ts';
import { sliceMs } from './load/messages.ts';
import { startGenerator } from './kit/generator.ts';
import { filesOfARunningServer } from './kit/log-files.ts';
import { commitsPerSecond, machine } from './kit/machine.ts';
import { checkRows, describe, measure, round } from './kit/measure.ts';
import type { Measured } from './kit/measure.ts';
import { readOptions, runBench } from './kit/options.ts';
import { peakMemoryBytes } from './kit/processes.ts';
import { openStage } from './kit/stage.ts';

const warmUpMs = 8_000;
const rampMs = 1_000;
const recoveryMs = 15_000;
/** Well below the best rate: whatever is slow then is left over from the overload. */
const recoveryShare = 0.25;
/** A ride that takes longer is not "well again". */
const slowMs = 250;
/** Whoever finds no free connection for this long tries again later; so the backlog is gone soon after the overload. */
const patienceMs = 1_000;
const ridesMade = 600_000;

/** When the last failed or slow ride was due, after the overload had ended. */
function recoveredAfterMs({ slices }: LoadResult, overloadMs: number): number {
  const last = slices.findLastIndex(({ failed, worstMs }) => failed > 0 || worstMs > slowMs);
  return Math.max(0, (last + 1) * sliceMs - overloadMs);
}

await runBench(async () => {
  const options = readOptions('overload', process.argv.slice(2), {
    seconds: { default: 20, min: 1, max: 600 },
    connections: { default: 192, min: 1, max: 2_000 },
    phones: { default: 6_000, min: 1, max: 15_000 },
    buses: { default: 2_000, min: 1, max: 20_000 },
    direct: 'flag',
    'log-files': { default: filesOfARunningServer, min: 0, max: 1_000 },
    folder: 'path',
  });
  const measureMs = options.seconds * 1000;
  const { direct, buses, folder: parent } = options;
  const stage = await openStage({
    buses,
    parent,
    logFiles: options['log-files'],
    adjust: (config) => ({ ...config, trustProxy: !direct }),
  });
  try {
    const generator = await startGenerator(stage.setup(ridesMade), true);
    const commits = commitsPerSecond(stage.folder);
    const runs: LoadResult[] = [];
    async function run(name: string, plan: ClosedPlan | OpenPlan): Promise<Measured> {
      const seen = await measure(stage, generator, plan);
      console.log(describe(name, seen));
      console.log(`  with warm-up and recovery: ${JSON.stringify(seen.raw.outcomes)}`);
      runs.push(seen.raw);
      return seen;
    }
    const { connections } = options;
    const many = connections * 10;
    const best = await run(`best rate, ${connections} connections`, {
      kind: 'closed',
      connections,
      warmUpMs,
      measureMs,
    });
    const tenfold = await run(`${many} connections`, {
      kind: 'closed',
      connections: many,
      warmUpMs: rampMs,
      measureMs,
    });
    const rate = Math.max(1, best.ridesPerSecond);
    // Enough connections that the excess truly comes; with few of them it would only wait at the load process.
    const threefold = await run(`${rate * 3}/s, ${options.phones} connections`, {
      kind: 'open',
      connections: options.phones,
      ratePerSecond: rate * 3,
      warmUpMs: rampMs,
      measureMs,
      patienceMs,
      afterwards: { ratePerSecond: Math.ceil(rate * recoveryShare), ms: recoveryMs },
    });
    const peakBytes = peakMemoryBytes(stage.platformPid);
    const rows = await checkRows(stage, runs);
    console.log(
      `${rows.rows} rows for ${rows.acknowledged} acknowledged rides: ${rows.fits ? 'as it must be' : 'WRONG'}`,
    );
    await generator.close();
    const withoutTime = runs.reduce((sum, { outcomes }) => sum + (outcomes[NO_TIME] ?? 0), 0);
    const share = (seen: Measured): number => round(seen.ridesPerSecond / rate);
    console.log(
      JSON.stringify({
        bench: 'overload',
        bestPerSecond: best.ridesPerSecond,
        tenfoldConnections: many,
        tenfoldPerSecond: tenfold.ridesPerSecond,
        tenfoldShare: share(tenfold),
        tenfoldP99Ms: tenfold.p99Ms,
        tenfoldErrors: tenfold.errorsByCode,
        threefoldOfferedPerSecond: threefold.offeredPerSecond,
        threefoldPerSecond: threefold.ridesPerSecond,
        threefoldShare: share(threefold),
        threefoldP99Ms: threefold.p99Ms,
        threefoldConnections: options.phones,
        threefoldErrors: threefold.errorsByCode,
        refusalsWithoutRetryAfter: withoutTime,
        recoveryMs: recoveredAfterMs(threefold.raw, rampMs + measureMs),
        platformPeakBytes: peakBytes,
        isDirect: direct,
        generatorPinned: generator.isPinned,
        commitsPerSecond: commits,
        seconds: options.seconds,
        rowsFit: rows.fits,
        logFiles: options['log-files'],
        machine: machine(stage.folder, stage.engine.version),
      }),
    );
    if (!rows.fits || withoutTime > 0) process.exitCode = 1;
  } finally {
    await stage.close();
  }
});
