// Many cases at once: their orders are signed one after another, and every one is matched, fetched, opened, ranked and written
// by the vault on one core, with a platform process of its own that it asks, while rides arrive at a steady rate at another one
// on the other core. PostgreSQL, which serves both, runs where it likes.
// Run: npm run bench -- surge [--cases 1000] [--days 10] [--rate 1000] [--lanes 8] [--rows 1000000] [--seconds 15] [--folder PATH]
// --days: of each order. --folder: a store kept from run to run, as of `trace`.
import { setTimeout as wait } from 'node:timers/promises';
import type { TraceView } from '@tongche/contract';
import type { LoadResult } from './load/messages.ts';
import { canPin, lastCore, pin } from './kit/affinity.ts';
import { openDesk } from './kit/casework.ts';
import type { Desk, Entered } from './kit/casework.ts';
import { startGenerator } from './kit/generator.ts';
import type { Generator } from './kit/generator.ts';
import { histogram } from './kit/histogram.ts';
import { machine } from './kit/machine.ts';
import { describe, measure, round } from './kit/measure.ts';
import type { Measured } from './kit/measure.ts';
import { readOptions, runBench } from './kit/options.ts';
import { cpuMicros } from './kit/processes.ts';
import { stepsOf } from './kit/times.ts';
import { openTracedStage, PAST_DAYS } from './kit/traced-stage.ts';
import type { TracedStage } from './kit/traced-stage.ts';
import { startVault } from './kit/vault.ts';

const connections = 192;
const [warmUpMs, rampMs] = [5_000, 200];
/** The intake is measured in pieces, so that none of them reaches beyond the surge. */
const pieceMs = 3_000;
const patienceMs = 1_000;
/** Rides are made beforehand for so long a surge. */
const longestS = 240;
const warmUpCases = 20;

interface Surge {
  readonly seconds: number;
  readonly intake: readonly Measured[];
}

async function surge(desk: Desk, cases: readonly Entered[], lanes: number): Promise<number> {
  const waiting = [...cases];
  const beganMs = performance.now();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await desk.trace(next);
    }),
  );
  return (performance.now() - beganMs) / 1000;
}

async function surgeUnderLoad(
  { stage }: TracedStage,
  generator: Generator,
  rate: number,
  work: Promise<number>,
): Promise<Surge> {
  const over = new AbortController();
  const seconds = work.finally(() => over.abort());
  const intake: Measured[] = [];
  while (!over.signal.aborted) {
    const piece = await measure(stage, generator, {
      kind: 'open',
      connections,
      ratePerSecond: rate,
      warmUpMs: rampMs,
      measureMs: pieceMs,
      patienceMs,
    });
    intake.push(piece);
  }
  // The last piece reaches beyond the surge; one that is shorter than a piece has no other.
  return { seconds: await seconds, intake: intake.length > 1 ? intake.slice(0, -1) : intake };
}

/** Percentiles of several runs as if they had been one. */
function together(runs: readonly LoadResult[]) {
  const times = histogram();
  for (const run of runs) times.merge(run.times);
  const errors = runs.reduce((sum, run) => sum + Object.values(run.errors).reduce((all, n) => all + n, 0), 0);
  const measuredMs = runs.reduce((sum, run) => sum + run.measuredMs, 0);
  const registered = runs.reduce((sum, run) => sum + run.registered, 0);
  return {
    ridesPerSecond: Math.round((registered * 1000) / Math.max(1, measuredMs)),
    p50Ms: round(times.percentileMs(0.5)),
    p99Ms: round(times.percentileMs(0.99)),
    maxMs: round(times.maxMs),
    errors,
  };
}

/** What the cases came to, once all is over. */
async function countsOf(desk: Desk, cases: readonly Entered[]) {
  const views: TraceView[] = [];
  const sum = { records: 0, verified: 0, contacts: 0, rides: 0, untraced: 0 };
  for (const one of cases) {
    const counts = await desk.counts(one);
    if (!(await desk.isTraced(one))) sum.untraced += 1;
    else views.push(await desk.view(one));
    for (const name of ['records', 'verified', 'contacts', 'rides'] as const) sum[name] += counts[name];
  }
  return { ...sum, stepsP50Ms: stepsOf(views) };
}

await runBench(async () => {
  const options = readOptions('surge', process.argv.slice(2), {
    cases: { default: 1_000, min: 1, max: 2_000 },
    days: { default: 10, min: 1, max: PAST_DAYS },
    rate: { default: 1_000, min: 1, max: 20_000 },
    lanes: { default: 8, min: 1, max: 64 },
    rows: { default: 1_000_000, min: 14, max: 500_000_000 },
    seconds: { default: 15, min: 3, max: 600 },
    folder: 'path',
  });
  const { rows, folder, rate, lanes } = options;
  const one = await openTracedStage({ bench: 'surge', rows, folder, beside: true });
  const { stage } = one;
  try {
    const isPinned = canPin();
    const askedPid = stage.platforms.at(-1)?.pid ?? stage.platformPid;
    const vault = await startVault(one.vault, isPinned ? lastCore() : undefined);
    stage.onClose(() => vault.stop());
    const desk = await openDesk(one.vault);
    stage.onClose(() => desk.close());
    const span = [one.span[1] - options.days + 1, one.span[1]] as const;
    const warmUp: Entered[] = [];
    for (let n = 0; n < warmUpCases; n += 1) warmUp.push(await desk.enter(one.phoneOf(options.cases + n), ...span));
    await surge(desk, warmUp, lanes);
    const cases: Entered[] = [];
    for (let n = 0; n < options.cases; n += 1) cases.push(await desk.enter(one.phoneOf(n), ...span));
    const rides = rate * (warmUpMs / 1000 + options.seconds + longestS);
    const generator = await startGenerator({ ...stage.setup(Math.min(rides, 2_000_000)), codes: one.otherCodes });
    if (isPinned) {
      // Entering and signing is the surge's work too. With all that this process has started; so it is the first.
      pin(process.pid, lastCore());
      for (const pid of [stage.platformPid, generator.pid]) pin(pid, 0);
      pin(stage.engine.pid);
    }
    const before = await measure(stage, generator, {
      kind: 'open',
      connections,
      ratePerSecond: rate,
      warmUpMs,
      measureMs: options.seconds * 1000,
      patienceMs,
    });
    console.log(describe('before', before));
    const cpu = (): readonly number[] => [vault.pid, askedPid, stage.platformPid, stage.engine.pid].map(cpuMicros);
    const cpuBefore = cpu();
    const { seconds, intake } = await surgeUnderLoad(
      one,
      generator,
      rate,
      wait(rampMs).then(() => surge(desk, cases, lanes)),
    );
    const [vaultS = 0, askedS = 0, intakeS = 0, postgresS = 0] = cpu().map((micros, n) =>
      round((micros - (cpuBefore[n] ?? 0)) / 1e6, 1),
    );
    await generator.close();
    const during = together(intake.map(({ raw }) => raw));
    const counts = await countsOf(desk, cases);
    console.log(
      JSON.stringify({
        bench: 'surge',
        cases: cases.length,
        untraced: counts.untraced,
        envelopes: counts.records,
        verified: counts.verified,
        contacts: counts.contacts,
        seconds: round(seconds, 1),
        stepsP50Ms: counts.stepsP50Ms,
        envelopesPerSecond: Math.round(counts.records / seconds),
        cpuSeconds: { vault: vaultS, platformAsked: askedS, platformOfRides: intakeS, postgres: postgresS },
        intakeBefore: together([before.raw]),
        intakeDuring: during,
        p99Ratio: round(during.p99Ms / Math.max(0.01, before.p99Ms)),
        rows: one.rows,
        days: options.days,
        lanes,
        isPinned,
        machine: machine(stage.folder, stage.engine.version),
      }),
    );
    const isAll = counts.untraced === 0 && counts.verified === counts.records && counts.records > 0;
    if (!isAll) process.exitCode = 1;
  } finally {
    await stage.close();
  }
});
