// From admitted rides to committed rows: collects them into batches, looks up what the batch needs in one go, plans,
// inserts in one statement and tells the live view. Rides of one tag wait for each other, so that counting them is exact.
import { dayStartMs, MINUTE_MS } from '@tongche/protocol';
import { batchWriter, QueueFull } from '@tongche/postgres';
import type { Log } from '@tongche/runtime';
import { Refusal } from '@tongche/contract';
import { events } from '../events.ts';
import { insertRides, ridesOfTags } from '../store/rides.ts';
import type { KnownRide, NewRide } from '../store/rides.ts';
import type { Sql } from '../store/sql.ts';
import { planBatch, rideJob } from './plan.ts';
import type { Planned, PlanWorld, RideJob } from './plan.ts';
import type { Admitted } from './admit.ts';

/** What is stored of a ride, new or from an earlier try. */
export interface Written {
  readonly run: number | null;
  readonly no: number;
  readonly boardSeq: number | null;
  readonly flags: number;
  readonly receivedS: number;
}
export interface WrittenRide {
  readonly job: RideJob;
  readonly row: Written;
}

export interface RideWriter {
  /** Resolves once the ride is committed, or was before. Throws Refusal 'tag-used' or 'busy'. */
  write(admitted: Admitted, assisted: boolean): Promise<WrittenRide>;
  /** Writes what waits; later rides get 'busy'. */
  close(): Promise<void>;
}

export interface WriterOptions extends PlanWorld {
  readonly sql: Sql;
  readonly zone: string;
  readonly log: Log;
  readonly writing: {
    readonly maxRows: number;
    readonly maxDelayMs: number;
    readonly maxInFlight: number;
    readonly maxQueue: number;
    readonly maxWaitMs: number;
  };
  /** Called with each commit's new rides, in order. */
  onCommitted(rides: readonly WrittenRide[]): void;
}

type Outcome = { readonly kind: 'written'; readonly row: Written } | { readonly kind: 'tag-used' };

export function rideWriter(options: WriterOptions): RideWriter {
  const { sql, zone, days, log } = options;
  /** The last ride of each tag that is under way. */
  const underWay = new Map<string, Promise<unknown>>();

  async function knownOf(jobs: readonly RideJob[]): Promise<readonly KnownRide[]> {
    const dayNumbers = jobs.map(({ record }) => record.day);
    return ridesOfTags(
      sql,
      jobs.map(({ tagText }) => tagText),
      dayStartMs(Math.min(...dayNumbers), zone),
      dayStartMs(Math.max(...dayNumbers) + 1, zone) - MINUTE_MS,
    );
  }

  async function insert(planned: readonly Planned[]): Promise<ReadonlySet<NewRide>> {
    const rows = planned.flatMap((plan) => (plan.kind === 'new' ? [plan.row] : []));
    if (rows.length === 0) return new Set();
    try {
      return await insertRides(sql, rows);
    } catch (error) {
      for (const plan of planned) if (plan.kind === 'new') plan.undo();
      log.event(events.batchFailed, { rides: rows.length });
      throw error;
    }
  }

  async function planJobs(jobs: readonly RideJob[], known: readonly KnownRide[]): Promise<readonly Planned[]> {
    if (jobs.every(({ unit, boardedMs }) => days.isReady(unit.vehicleId, boardedMs))) {
      return planBatch(jobs, known, options);
    }
    const keys = jobs.flatMap(({ unit, boardedMs }) => days.keysOf(unit.vehicleId, boardedMs));
    return days.using(keys, () => planBatch(jobs, known, options));
  }

  async function writeBatch(jobs: readonly RideJob[]): Promise<Outcome[]> {
    const known = await knownOf(jobs);
    const planned = await planJobs(jobs, known);
    const inserted = await insert(planned);
    const committed: WrittenRide[] = [];
    const lost: RideJob[] = [];
    for (const one of planned) {
      if (one.kind !== 'new') continue;
      if (inserted.has(one.row)) committed.push({ job: one.job, row: one.row });
      else {
        // Another process wrote the same ride meanwhile: its row is the answer.
        one.undo();
        lost.push(one.job);
      }
    }
    options.onCommitted(committed);
    const elsewhere = lost.length === 0 ? [] : await knownOf(lost);
    return planned.map((plan): Outcome => {
      if (plan.kind === 'tag-used') return { kind: 'tag-used' };
      if (plan.kind === 'known') return { kind: 'written', row: plan.row };
      const other = elsewhere.find(({ rideId, tag }) => rideId === plan.job.rideIdText && tag === plan.job.tagText);
      return { kind: 'written', row: other ?? plan.row };
    });
  }

  const writer = batchWriter<RideJob, Outcome>({ name: 'rides', log, ...options.writing, write: writeBatch });

  async function writeJob(job: RideJob): Promise<WrittenRide> {
    let outcome: Outcome;
    try {
      outcome = await writer.add(job);
    } catch (error) {
      if (error instanceof QueueFull) throw new Refusal('busy', { retryAfterS: 1 + Math.ceil(error.waitMs / 1000) });
      log.fault('platform.rides', error);
      throw new Refusal('busy');
    }
    if (outcome.kind === 'tag-used') throw new Refusal('tag-used');
    return { job, row: outcome.row };
  }

  return {
    async write(admitted, assisted) {
      const job = rideJob(admitted, assisted);
      const before = underWay.get(job.tagText);
      const work = before === undefined ? writeJob(job) : before.catch(() => undefined).then(() => writeJob(job));
      underWay.set(job.tagText, work);
      try {
        return await work;
      } finally {
        if (underWay.get(job.tagText) === work) underWay.delete(job.tagText);
      }
    },
    close: () => writer.close(),
  };
}
