// Whole traces through the real store: entered and signed at the vault, matched and fetched from the platform in a process of its
// own, opened, ranked and written. Warm one after another; cold each after PostgreSQL was started anew.
import type { TraceView } from '@tongche/contract';
import { openDesk } from './casework.ts';
import type { Desk, Entered } from './casework.ts';
import { machine } from './machine.ts';
import { round } from './measure.ts';
import { cpuMicros } from './processes.ts';
import { mean, stepsOf, timesOf } from './times.ts';
import { openTracedStage } from './traced-stage.ts';
import type { TracedStage } from './traced-stage.ts';
import { startVault } from './vault.ts';

const warmUps = 20;

export interface StoredOptions {
  readonly rows: number;
  readonly folder: string | undefined;
  readonly cases: number;
  readonly coldCases: number;
}

interface Traced {
  /** From the second signature until the list was written. */
  readonly ms: number;
  readonly view: TraceView;
  readonly records: number;
  readonly contacts: number;
}

async function traced(desk: Desk, entered: Entered): Promise<Traced> {
  const ms = await desk.trace(entered);
  const { records, contacts } = await desk.counts(entered);
  return { ms, view: await desk.view(entered), records, contacts };
}

function figures(all: readonly Traced[]) {
  const msOf = ({ view }: Traced, step: string): number => view.steps.find((one) => one.step === step)?.ms ?? 0;
  return {
    cases: all.length,
    ...timesOf(all.map(({ view }) => view.totalMs)),
    untilWritten: timesOf(all.map(({ ms }) => ms)),
    matchAndFetch: timesOf(all.map((one) => msOf(one, 'match') + msOf(one, 'fetch'))),
    stepsP50Ms: stepsOf(all.map(({ view }) => view)),
    ownRides: mean(all.map(({ view }) => view.rides.length)),
    records: mean(all.map(({ records }) => records)),
    contacts: mean(all.map(({ contacts }) => contacts)),
  };
}

async function traceAll(one: TracedStage, desk: Desk, vaultPid: number, { cases, coldCases }: StoredOptions) {
  const { span, phoneOf, stage } = one;
  const cpu = (): readonly number[] => [vaultPid, stage.platformPid, stage.engine.pid].map(cpuMicros);
  const enter = (n: number): Promise<Entered> => desk.enter(phoneOf(n), ...span);
  const warm: Traced[] = [];
  for (let n = 0; n < warmUps; n += 1) await traced(desk, await enter(cases + n));
  const entered: Entered[] = [];
  for (let n = 0; n < cases; n += 1) entered.push(await enter(n));
  const cpuBefore = cpu();
  for (const each of entered) warm.push(await traced(desk, each));
  const [vault = 0, platform = 0, postgres = 0] = cpu().map((micros, n) =>
    round((micros - (cpuBefore[n] ?? 0)) / cases / 1000, 1),
  );
  const cold: Traced[] = [];
  let isDropped = true;
  for (let n = 0; n < coldCases; n += 1) {
    const each = await enter(cases + warmUps + n);
    isDropped = (await one.cool()) && isDropped;
    cold.push(await traced(desk, each));
  }
  const cpuMsATrace = { vault, platform, postgres };
  return { warm: { ...figures(warm), cpuMsATrace }, cold: figures(cold), pageCacheDropped: coldCases > 0 && isDropped };
}

export async function traceStored(options: StoredOptions) {
  const one = await openTracedStage({ bench: 'trace', rows: options.rows, folder: options.folder });
  const { stage } = one;
  try {
    const vault = await startVault(one.vault);
    stage.onClose(() => vault.stop());
    const desk = await openDesk(one.vault);
    stage.onClose(() => desk.close());
    const found = await traceAll(one, desk, vault.pid, options);
    const { days, sealed, traced: real } = one.filled;
    return {
      rows: one.rows,
      days: days.length,
      daysSealed: sealed.length,
      realRides: real?.rides ?? 0,
      ...found,
      machine: machine(stage.folder, stage.engine.version),
    };
  } finally {
    await stage.close();
  }
}
