// The office's imports: one thread a task, one task a kind at a time, the city in memory anew when something changed.
import { Worker } from 'node:worker_threads';
import { ImportKind, MAX_PAGE_IMPORTS, Refusal } from '@tongche/contract';
import type { ImportQuery, ImportReport } from '@tongche/contract';
import { parseDate } from '@tongche/network/import';
import { DAY_MS, toBase64Url } from '@tongche/protocol';
import { events } from '../events.ts';
import type { Timetable } from '../city/import-city.ts';
import type { Platform } from '../platform.ts';
import { announce } from '../runs/announce.ts';
import { LOCKS } from '../store/peers.ts';
import { badRowsOf, expireImports, FILE_KEEP_MS, IMPORT_KEEP_MS, importOf, latestImports } from '../store/imports.ts';
import type { ImportParams, ImportRow } from '../store/imports.ts';
import type { ExportedFile } from './exports.ts';
import type { Outcome, Task } from './tasks.ts';
import type { ThreadAnswer, ThreadData } from './thread.ts';

/** The largest feeds take a minute; a thread that takes longer hangs. */
const taskMs = 10 * 60_000;
/** New York's feed takes half of it; what takes more is refused, before the machine runs short. */
const maxThreadMb = 1_024;
/** More threads would take the processor from those who register. */
const maxThreads = 2;
const idBytes = 12;
const importKinds = ImportKind.anyOf.map((kind) => kind.const);

export interface Imports {
  check(staffId: number, query: ImportQuery, body: Uint8Array): Promise<ImportReport>;
  apply(importId: string, goodRows: boolean): Promise<ImportReport>;
  list(): Promise<readonly ImportReport[]>;
  report(importId: string): Promise<ImportReport>;
  /** CSV; throws Refusal 'not-found' where there is none. */
  badRows(importId: string): Promise<string>;
  export(kind: ImportKind, format: 'csv' | 'xlsx'): Promise<ExportedFile>;
}

/** Runs tasks in threads of their own. */
export interface ImportThreads {
  run(task: Task): Promise<Outcome>;
  /** Ends what is under way; its transactions are rolled back. */
  close(): Promise<void>;
}

export function importThreads(of: {
  readonly databaseUrl: string;
  readonly zone: string;
  readonly retentionDays: number;
  /** Names this process among the others. */
  readonly origin: string;
  now(): number;
}): ImportThreads {
  const workers = new Set<Worker>();

  async function answerOf(worker: Worker): Promise<ThreadAnswer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => void worker.terminate(), taskMs);
      timer.unref();
      worker.once('message', (answer: ThreadAnswer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      worker.once('error', (error) => {
        clearTimeout(timer);
        const tooLarge = (error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
        reject(tooLarge ? new Refusal('too-large') : error);
      });
      worker.once('exit', () => {
        clearTimeout(timer);
        reject(new Refusal('busy'));
      });
    });
  }

  return {
    async run(task) {
      // Days to expand are the roll's, which must not wait for the office.
      if (workers.size >= maxThreads && task.task !== 'expand') throw new Refusal('busy');
      const nowMs = of.now();
      const world = { zone: of.zone, origin: of.origin, nowMs, oldestMs: nowMs - of.retentionDays * DAY_MS };
      const data: ThreadData = { task, databaseUrl: of.databaseUrl, world };
      const worker = new Worker(new URL('./thread.ts', import.meta.url), {
        name: 'import',
        workerData: data,
        resourceLimits: { maxOldGenerationSizeMb: maxThreadMb },
      });
      workers.add(worker);
      try {
        const answer = await answerOf(worker);
        if (answer.ok) return answer.outcome;
        throw Object.assign(new Error('an import failed'), { name: answer.name, stack: answer.stack });
      } finally {
        await worker.terminate();
        workers.delete(worker);
      }
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}

function reportView({ importId, kind, fileName, state, madeMs, appliedMs, report }: ImportRow): ImportReport {
  return { importId, kind, name: fileName, state, madeMs, appliedMs, ...report };
}

function paramsOf({ asOf, coordinates, platePrefix }: ImportQuery): ImportParams {
  return {
    ...(asOf === undefined ? {} : { asOf }),
    ...(coordinates === undefined ? {} : { coordinates }),
    ...(platePrefix === undefined ? {} : { platePrefix }),
  };
}

export function importsOffice(platform: Platform, threads: ImportThreads, times: Timetable): Imports {
  const { db, clock, log, random, city, days, peers, duties } = platform;
  const running = new Set<ImportKind>();

  /** One file of a kind at a time, here or elsewhere: two would be checked against a city that the other is changing. */
  async function alone<T>(kind: ImportKind, work: () => Promise<T>): Promise<T> {
    if (running.has(kind)) throw new Refusal('import-running');
    running.add(kind);
    try {
      const done = await duties.ifFree(LOCKS.imports + importKinds.indexOf(kind), async () => ({
        value: await work(),
      }));
      if (done === undefined) throw new Refusal('import-running');
      return done.value;
    } finally {
      running.delete(kind);
    }
  }

  async function expire(): Promise<void> {
    await expireImports(db, clock.now() - FILE_KEEP_MS, clock.now() - IMPORT_KEEP_MS);
  }

  async function rowOf(importId: string): Promise<ImportRow> {
    await expire();
    const row = await importOf(db, importId);
    if (row === undefined) throw new Refusal('not-found');
    return row;
  }

  /** The thread tells the other processes; this one acts on the outcome. */
  async function applied(importId: string, goodRows: boolean): Promise<Outcome> {
    const sending = peers.begin();
    let xid: number | undefined;
    try {
      const outcome = await threads.run({ task: 'apply', importId, goodRows });
      if (outcome.kind === 'report') ({ xid } = outcome);
      return outcome;
    } finally {
      sending.done(xid);
    }
  }

  function refusalOf(outcome: Outcome): Refusal {
    return outcome.kind === 'refused' ? new Refusal(outcome.code, outcome.extra) : new Refusal('internal');
  }

  return {
    async check(staffId, query, body) {
      if (query.asOf !== undefined && parseDate(query.asOf) === undefined) {
        throw new Refusal('bad-request', { field: 'querystring/asOf' });
      }
      return alone(query.kind, async () => {
        await expire();
        const outcome = await threads.run({
          task: 'check',
          importId: toBase64Url(Uint8Array.from(random(idBytes))),
          kind: query.kind,
          fileName: query.name,
          params: paramsOf(query),
          staffId,
          body,
        });
        if (outcome.kind !== 'report') throw refusalOf(outcome);
        const { kind, report } = outcome.row;
        log.event(events.importChecked, { kind, rows: report.rows, bad: report.bad });
        return reportView(outcome.row);
      });
    },
    async apply(importId, goodRows) {
      const before = await rowOf(importId);
      return alone(before.kind, async () => {
        const outcome = await applied(importId, goodRows);
        if (outcome.kind !== 'report') throw refusalOf(outcome);
        if (outcome.written) {
          await city.reload();
          days.forget();
          await times.useStored();
        }
        const { vehicleIds = [], relabelled = 0 } = outcome.rerun ?? {};
        if (vehicleIds.length > 0) {
          await announce(platform, new Set(vehicleIds));
          log.event(events.dispatchTaken, { vehicles: vehicleIds.length, rides: relabelled });
        }
        const { kind, report } = outcome.row;
        const sum = (of: 'added' | 'changed' | 'gone'): number => report.changes.reduce((n, one) => n + one[of], 0);
        log.event(events.importApplied, { kind, added: sum('added'), changed: sum('changed'), gone: sum('gone') });
        const { passwordsCsv } = outcome;
        return { ...reportView(outcome.row), ...(passwordsCsv === undefined ? {} : { passwordsCsv }) };
      });
    },
    async list() {
      await expire();
      return (await latestImports(db, MAX_PAGE_IMPORTS)).map(reportView);
    },
    async report(importId) {
      return reportView(await rowOf(importId));
    },
    async badRows(importId) {
      await rowOf(importId);
      const rows = await badRowsOf(db, importId);
      if (rows === undefined || rows === null) throw new Refusal('not-found');
      return rows;
    },
    async export(kind, format) {
      const outcome = await threads.run({ task: 'export', kind, format });
      if (outcome.kind !== 'file' || outcome.file === undefined) throw new Refusal('not-found');
      return outcome.file;
    },
  };
}
