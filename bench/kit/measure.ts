// One run of load against the stage: rate, times, processor time per ride on both sides, and whether the rows are there.
import type { ClosedPlan, LoadResult, OpenPlan } from '../load/messages.ts';
import { histogram } from './histogram.ts';
import type { Span } from './profile.ts';
import type { Generator } from './generator.ts';
import { cpuMicros } from './processes.ts';
import type { Stage } from './stage.ts';

export interface Measured {
  readonly ridesPerSecond: number;
  readonly offeredPerSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** Of one ride registered in the measured time. */
  readonly nodeCpuMicros: number;
  readonly postgresCpuMicros: number;
  readonly generatorCpuMicros: number;
  readonly errors: number;
  readonly errorsByCode: Readonly<Record<string, number>>;
  readonly raw: LoadResult;
  /** The measured time. */
  readonly span: Span;
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

export async function measure(stage: Stage, generator: Generator, plan: ClosedPlan | OpenPlan): Promise<Measured> {
  const server = stage.engine.pid;
  const sides = (): readonly [number, number] => [cpuMicros(stage.platformPid), cpuMicros(server)];
  const clockMicros = (): number => Number(process.hrtime.bigint() / 1000n);
  let [before, fromMicros] = [sides(), clockMicros()];
  let [after, toMicros] = [before, fromMicros];
  const raw = await generator.run(plan, {
    onMeasuring: () => void ([before, fromMicros] = [sides(), clockMicros()]),
    onMeasured: () => void ([after, toMicros] = [sides(), clockMicros()]),
  });
  if (stage.engine.pid !== server) throw new Error('PostgreSQL ended while it was measured');
  const times = histogram();
  times.merge(raw.times);
  const perRide = (micros: number): number => round(micros / Math.max(1, raw.registered), 1);
  const seconds = raw.measuredMs / 1000;
  return {
    ridesPerSecond: Math.round(raw.registered / seconds),
    offeredPerSecond: Math.round(raw.offered / seconds),
    p50Ms: round(times.percentileMs(0.5)),
    p90Ms: round(times.percentileMs(0.9)),
    p99Ms: round(times.percentileMs(0.99)),
    p999Ms: round(times.percentileMs(0.999)),
    maxMs: round(times.maxMs),
    nodeCpuMicros: perRide(after[0] - before[0]),
    postgresCpuMicros: perRide(after[1] - before[1]),
    generatorCpuMicros: perRide(raw.cpuMicros),
    errors: Object.values(raw.errors).reduce((sum, n) => sum + n, 0),
    errorsByCode: raw.errors,
    raw,
    span: { fromMicros, toMicros },
  };
}

export interface RowCheck {
  readonly rows: number;
  readonly acknowledged: number;
  readonly unanswered: number;
  /** Every acknowledged ride has its row, and there is none beyond those whose answer was lost. */
  readonly fits: boolean;
}

/** Counts what is stored after these runs. */
export async function checkRows(stage: Stage, runs: readonly LoadResult[]): Promise<RowCheck> {
  const db = stage.look();
  const counted = await db.one<{ n: number; tags: number }>(
    'select count(*)::int as n, count(distinct tag)::int as tags from ride',
  );
  await db.end();
  const rows = counted?.n ?? 0;
  const acknowledged = runs.reduce((sum, run) => sum + run.registeredInAll, 0);
  const unanswered = runs.reduce((sum, run) => sum + run.unansweredInAll, 0);
  const fits = rows >= acknowledged && rows <= acknowledged + unanswered && counted?.tags === rows;
  return { rows, acknowledged, unanswered, fits };
}

/** One line for a person. */
export function describe(name: string, one: Measured): string {
  const errors = Object.entries(one.errorsByCode).map(([code, n]) => `${n} ${code}`);
  return (
    `${name}: ${one.ridesPerSecond} rides/s (offered ${one.offeredPerSecond}); ms p50 ${one.p50Ms}, p90 ${one.p90Ms}, ` +
    `p99 ${one.p99Ms}, p99.9 ${one.p999Ms}, max ${one.maxMs}; CPU µs a ride: platform ${one.nodeCpuMicros}, ` +
    `PostgreSQL ${one.postgresCpuMicros}, load ${one.generatorCpuMicros}; ` +
    (errors.length === 0 ? 'no errors' : errors.join(', '))
  );
}
