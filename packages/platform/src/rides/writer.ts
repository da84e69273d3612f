// From admitted rides to committed rows: collects them into batches, plans them as new, writes them in one statement and
// tells the live view. The few whose tag has a ride already are looked at again, with what is stored. Rides of one tag
// wait for each other, so that counting them is exact.
import { dayStartMs, MINUTE_MS, uuidText } from '@tongche/protocol';
import { batchWriter, isAway, QueueFull } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import type { Log } from '@tongche/runtime';
import { Refusal } from '@tongche/contract';
import { events } from '../events.ts';
import { rideParts } from '../peers/messages.ts';
import type { PeerNews } from '../peers/news.ts';
import type { RowForm } from '../store/distribution.ts';
import { insertRidesAsValues } from '../store/ride-values.ts';
import { insertRides, ridesOfTags } from '../store/ride-writes.ts';
import type { KnownRide, TagSpan, WrittenBatch } from '../store/ride-writes.ts';
import type { Assigned } from './assign.ts';
import { boardingOf, planBatch, rideJob } from './plan.ts';
import type { NewPlan, Planned, PlanWorld, RideJob } from './plan.ts';
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
  /** What a new ride was counted to. */
  readonly assigned?: Assigned;
}

export interface RideWriter {
  /** Resolves once the ride is committed, or was before. Throws Refusal 'tag-used' or 'busy'. */
  write(admitted: Admitted, assisted: boolean): Promise<WrittenRide>;
  /** How long a ride written now would wait for the database. */
  readonly waitMs: () => number;
  /** Writes what waits; later rides get 'busy'. */
  close(): Promise<void>;
}

export interface WriterOptions extends PlanWorld {
  readonly db: Database;
  /** How a batch's rows stand in their statement. */
  readonly form: RowForm;
  readonly zone: string;
  readonly log: Log;
  readonly writing: {
    readonly maxRows: number;
    readonly maxDelayMs: number;
    readonly maxInFlight: number;
    readonly maxQueue: number;
    readonly maxWaitMs: number;
  };
  readonly peers: Pick<PeerNews, 'origin' | 'begin'>;
  /** Called with each commit's new rides, in order, and its transaction's number. */
  onCommitted(rides: readonly NewPlan[], xid: number): void;
}

/** What became of a ride of a batch. */
type Outcome = WrittenRide | 'tag-used';

/** A standby takes a primary's place within seconds; phones come again after this, and later ever more rarely. */
const takeoverS = 3;

export function rideWriter(options: WriterOptions): RideWriter {
  const { db, zone, days, log, peers } = options;
  const insertRows = options.form === 'values' ? insertRidesAsValues : insertRides;
  /**
   * Tags with a ride under way, as texts and nothing else: a table that is rewritten thousands of times a second keeps what
   * stood in it alive until the next full collection.
   */
  const underWay = new Set<string>();
  /** Further rides of those tags, in the order in which they came. */
  const waiting = new Map<string, (() => void)[]>();

  /** The local days the rides say they belong to: their tags are of those days. */
  function spanOf(jobs: readonly RideJob[]): TagSpan {
    let [first, last] = [Infinity, -Infinity];
    for (const { record } of jobs) {
      if (record.day < first) first = record.day;
      if (record.day > last) last = record.day;
    }
    const day = first === last ? first : undefined;
    return { fromMs: dayStartMs(first, zone), toMs: dayStartMs(last + 1, zone) - MINUTE_MS, day };
  }

  async function planJobs(jobs: readonly RideJob[], known: readonly KnownRide[]): Promise<readonly Planned[]> {
    if (jobs.every(({ unit, boardedMs }) => days.isReady(unit.vehicleId, boardedMs))) {
      return planBatch(jobs, known, options);
    }
    const keys = jobs.flatMap(({ unit, boardedMs }) => days.keysOf(unit.vehicleId, boardedMs));
    return days.using(keys, () => planBatch(jobs, known, options));
  }

  /** Writes the new ones of a plan and takes back what was counted for those that were not written. Returns who was. */
  async function insert(planned: readonly Planned[], span: TagSpan, knownTags: boolean): Promise<readonly NewPlan[]> {
    const plans = planned.filter((plan) => plan.kind === 'new');
    if (plans.length === 0) return [];
    const rows = plans.map(({ row }) => row);
    const sending = peers.begin();
    let batch: WrittenBatch = { fresh: new Set(), xid: undefined };
    try {
      const telling = { origin: peers.origin, parts: rideParts(plans.map(boardingOf)) };
      batch = await insertRows(db, rows, span, { knownTags, telling });
    } catch (error) {
      log.event(events.batchFailed, { rides: rows.length });
      throw error;
    } finally {
      const { fresh, xid } = batch;
      for (const { row, settle } of plans) settle(fresh.has(row) ? xid : undefined);
      sending.done(xid);
    }
    const { fresh, xid } = batch;
    if (xid === undefined) return [];
    const written = fresh.size === plans.length ? plans : plans.filter(({ row }) => fresh.has(row));
    options.onCommitted(written, xid);
    return written;
  }

  /** Rides of tags that have rides already: retries of what is stored, and second rides. */
  async function writeKnown(jobs: readonly RideJob[], span: TagSpan): Promise<ReadonlyMap<RideJob, Outcome>> {
    const tags = jobs.map(({ record }) => record.tag);
    const planned = await planJobs(jobs, await ridesOfTags(db, tags, span));
    const written = new Set<Planned>(await insert(planned, span, true));
    const isLost = planned.some((plan) => plan.kind === 'new' && !written.has(plan));
    // Another process wrote the same ride meanwhile: its row is the answer.
    const elsewhere = isLost ? await ridesOfTags(db, tags, span) : [];
    return new Map(
      planned.map((plan): readonly [RideJob, Outcome] => {
        const { job } = plan;
        if (plan.kind === 'tag-used') return [job, 'tag-used'];
        const [id, tag] = [uuidText(job.rideId), uuidText(job.record.tag)];
        const other =
          plan.kind === 'new' && !written.has(plan)
            ? elsewhere.find((row) => row.rideId === id && row.tag === tag)
            : undefined;
        return [job, { job, row: other ?? plan.row }];
      }),
    );
  }

  async function writeBatch(jobs: readonly RideJob[]): Promise<readonly Outcome[]> {
    const span = spanOf(jobs);
    const written = await insert(await planJobs(jobs, []), span, false);
    if (written.length === jobs.length) return written;
    const done = new Map<RideJob, Outcome>(written.map((plan) => [plan.job, plan]));
    const rest = jobs.filter((job) => !done.has(job));
    for (const [job, outcome] of await writeKnown(rest, span)) done.set(job, outcome);
    return jobs.map((job) => {
      const outcome = done.get(job);
      if (outcome === undefined) throw new Error('a ride of the batch has no outcome');
      return outcome;
    });
  }

  const writer = batchWriter<RideJob, Outcome>({ name: 'rides', log, ...options.writing, write: writeBatch });

  function refusalOf(error: unknown): Refusal {
    if (error instanceof QueueFull) return new Refusal('busy', { retryAfterS: 1 + Math.ceil(error.waitMs / 1000) });
    // The database is being taken over: said once a batch, and no fault of any ride.
    if (isAway(error)) return new Refusal('busy', { retryAfterS: takeoverS });
    log.fault('platform.rides', error);
    return new Refusal('busy');
  }

  /** The tag's next ride may go, if there is one. */
  function settle(key: string): void {
    const next = waiting.get(key)?.shift();
    if (next !== undefined) return next();
    underWay.delete(key);
    if (waiting.size > 0) waiting.delete(key);
  }

  function start(job: RideJob, key: string): Promise<WrittenRide> {
    underWay.add(key);
    return writer.add(job).then(
      (outcome) => {
        settle(key);
        if (outcome === 'tag-used') throw new Refusal('tag-used');
        return outcome;
      },
      (error) => {
        settle(key);
        throw refusalOf(error);
      },
    );
  }

  return {
    write(admitted, assisted) {
      const job = rideJob(admitted, assisted);
      const key = textKey(job.record.tag);
      if (!underWay.has(key)) return start(job, key);
      const turn = Promise.withResolvers<void>();
      const before = waiting.get(key);
      if (before === undefined) waiting.set(key, [turn.resolve]);
      else before.push(turn.resolve);
      return turn.promise.then(() => start(job, key));
    },
    waitMs: () => writer.waitMs,
    close: () => writer.close(),
  };
}

/** 16 bytes as a text of 16 characters, for a map. */
function textKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
