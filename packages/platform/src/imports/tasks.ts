// The work of the import thread: check a file, apply one, write a list, expand days. Each with its own connection, so that
// reading a city's timetable never makes a passenger wait.
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { ImportKind } from '@tongche/contract';
import type { Database } from '@tongche/postgres';
import {
  citySource,
  finishImport,
  insertImport,
  lockImport,
  lockImporting,
  putCitySource,
  refuseImport,
} from '../store/imports.ts';
import type { ImportParams, ImportRow, StoredReport } from '../store/imports.ts';
import type { DispatchTaken } from '../runs/dispatch.ts';
import { sayNews } from '../store/peers.ts';
import type { Sql } from '../store/sql.ts';
import { changesNothing } from './change.ts';
import type { Change } from './change.ts';
import { storedAssignments } from './dispatch.ts';
import { Unreadable } from './draft.ts';
import type { Draft, ImportContext, Plan, Written } from './draft.ts';
import { exportFile } from './exports.ts';
import type { ExportedFile } from './exports.ts';
import { readers } from './readers.ts';
import { expandMissing, replaceRuns, storedExpand } from './timetable.ts';

/** Errors of a report; the rows themselves come as a file. */
const maxErrors = 200;
const maxNotes = 40;
/** What a compressed list may grow to: ten times the largest list of the limits. */
const maxUnpackedBytes = 512 * 1024 * 1024;

export interface CheckTask {
  readonly task: 'check';
  readonly importId: string;
  readonly kind: ImportKind;
  readonly fileName: string;
  readonly params: ImportParams;
  readonly staffId: number;
  readonly body: Uint8Array;
}
export interface ApplyTask {
  readonly task: 'apply';
  readonly importId: string;
  readonly goodRows: boolean;
}
export interface ExportTask {
  readonly task: 'export';
  readonly kind: ImportKind;
  readonly format: 'csv' | 'xlsx';
}
export interface ExpandTask {
  readonly task: 'expand';
  readonly days: readonly number[];
}
export type Task = CheckTask | ApplyTask | ExportTask | ExpandTask;

export type Outcome =
  | {
      readonly kind: 'report';
      readonly row: ImportRow;
      readonly passwordsCsv?: string;
      readonly written: boolean;
      /** Vehicles whose runs are known otherwise now, and rides whose run is another one. */
      readonly rerun?: DispatchTaken;
      /** The transaction in which the other processes were told; undefined when there was nothing to tell. */
      readonly xid?: number | undefined;
    }
  | { readonly kind: 'file'; readonly file: ExportedFile | undefined }
  | { readonly kind: 'expanded'; readonly runs: number }
  | {
      readonly kind: 'refused';
      readonly code: 'import-unreadable' | 'import-over' | 'import-refused' | 'not-found';
      readonly extra?: Readonly<Record<string, number | string>>;
    };

/** A list may come as it was downloaded. */
function unpacked(body: Uint8Array): Uint8Array {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
  try {
    return gunzipSync(body, { maxOutputLength: maxUnpackedBytes });
  } catch {
    throw new Unreadable('gzip');
  }
}

function sha256Of(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest();
}

function reportOf(draft: Draft, changes: readonly Change[], notes: readonly string[]): StoredReport {
  const { rows, good, bad, errors, errorCount } = draft;
  return {
    rows,
    good,
    bad,
    errorCount,
    errors: errors.slice(0, maxErrors).map(({ file, line, column, reason }) => ({ file, line, column, reason })),
    notes: [...draft.notes, ...notes].slice(0, maxNotes),
    changes: [...changes],
  };
}

interface Prepared extends Plan {
  readonly isKept: boolean;
}

/** The plan, with the kept file as one of its changes. */
async function prepare(
  sql: Sql,
  draft: Draft,
  of: { readonly kind: ImportKind; readonly params: ImportParams; readonly body: Uint8Array },
): Promise<Prepared> {
  const plan = await draft.plan(sql);
  if (draft.keep === undefined) return { ...plan, isKept: false };
  const { role, body } = draft.keep;
  const before = await citySource(sql, role);
  const kept = body() ?? of.body;
  const isSame =
    before?.kind === of.kind &&
    before.sha256 === sha256Of(kept).toString('hex') &&
    JSON.stringify(before.params) === JSON.stringify(of.params);
  if (role !== 'network') return { ...plan, isKept: !isSame };
  const change = { what: 'timetable', added: 0, changed: 0, same: 0, gone: 0 };
  if (of.kind === 'line-stops') {
    // No times are in it: it can only take the place of a timetable.
    const lost = before?.kind === 'gtfs' ? [{ ...change, gone: 1 }] : [];
    return { ...plan, changes: [...plan.changes, ...lost], isKept: !isSame };
  }
  const moved = before === undefined ? { ...change, added: 1 } : { ...change, changed: 1 };
  return { ...plan, changes: [...plan.changes, isSame ? { ...change, same: 1 } : moved], isKept: !isSame };
}

/** Where and when a task runs. */
export interface TaskWorld extends Omit<ImportContext, 'params'> {
  /** Names the process among the others. */
  readonly origin: string;
}

export async function runTask(db: Database, task: Task, world: TaskWorld): Promise<Outcome> {
  try {
    switch (task.task) {
      case 'check':
        return await check(db, task, { ...world, params: task.params });
      case 'apply':
        return await apply(db, task, world);
      case 'export':
        return { kind: 'file', file: await exportFile(db, task.kind, task.format, world.nowMs) };
      case 'expand':
        return await expand(db, task, world);
      default:
        throw new Error(`unknown task ${JSON.stringify(task satisfies never)}`);
    }
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'refused', code: 'import-unreadable' };
    throw error;
  }
}

async function check(db: Database, task: CheckTask, context: ImportContext): Promise<Outcome> {
  const { importId, kind, fileName, params, staffId, body } = task;
  const content = unpacked(body);
  const draft = await readers[kind](content, context, db);
  const { changes, notes = [] } = await prepare(db, draft, { kind, params, body: content });
  const row: ImportRow = {
    importId,
    kind,
    fileName,
    params,
    state: 'checked',
    staffId,
    madeMs: context.nowMs,
    appliedMs: null,
    report: reportOf(draft, changes, notes),
  };
  await insertImport(db, { ...row, sha256: sha256Of(body), body, badRows: draft.badRows });
  return { kind: 'report', row, written: false };
}

async function apply(db: Database, { importId, goodRows }: ApplyTask, world: TaskWorld): Promise<Outcome> {
  const { nowMs } = world;
  const outcome = await db.tx('apply-import', async (tx): Promise<Outcome> => {
    const job = await lockImport(tx, importId);
    if (job === undefined) return { kind: 'refused', code: 'not-found' };
    const { body, ...row } = job;
    if (body === null || (row.state !== 'checked' && row.state !== 'refused')) {
      return { kind: 'refused', code: 'import-over' };
    }
    await lockImporting(tx);
    const { kind, params, fileName } = row;
    const content = unpacked(body);
    const draft = await readers[kind](content, { ...world, params }, tx);
    if (draft.errorCount > 0 && (!goodRows || draft.good === 0)) {
      return { kind: 'refused', code: 'import-refused', extra: { bad: draft.bad, errorCount: draft.errorCount } };
    }
    const plan = await prepare(tx, draft, { kind, params, body: content });
    const report = reportOf(draft, plan.changes, plan.notes ?? []);
    const isChanged = !changesNothing(plan.changes);
    const written: Written = isChanged ? await plan.write(tx) : {};
    let { rerun } = written;
    if (draft.keep !== undefined && plan.isKept) {
      const kept = draft.keep.body() ?? content;
      const { role } = draft.keep;
      const sha256 = sha256Of(kept).toString('hex');
      await putCitySource(tx, { role, kind, fileName, params, origin: 'import', sha256, body: kept, appliedMs: nowMs });
      if (role === 'network' || role === 'vehicle-runs') rerun = await retime(tx, draft, world);
    }
    await finishImport(tx, importId, report, nowMs);
    const xid = await sayWritten(tx, world.origin, { isChanged, rerun });
    const applied = { ...row, state: 'applied', appliedMs: nowMs, report } as const;
    return {
      kind: 'report',
      row: applied,
      written: isChanged,
      xid,
      ...written,
      ...(rerun === undefined ? {} : { rerun }),
    };
  });
  if (outcome.kind === 'refused' && outcome.code === 'import-refused') await refuseImport(db, importId);
  return outcome;
}

/** What the other processes must read again. */
async function sayWritten(
  tx: Sql,
  origin: string,
  { isChanged, rerun }: { readonly isChanged: boolean; readonly rerun: DispatchTaken | undefined },
): Promise<number | undefined> {
  if (!isChanged && rerun === undefined) return undefined;
  const xid = await sayNews(tx, origin, { kind: 'city' });
  const vehicleIds = rerun?.vehicleIds ?? [];
  if (vehicleIds.length > 0) await sayNews(tx, origin, { kind: 'runs', vehicleIds });
  return xid;
}

/** The runs from now on are those of the timetable and the list of vehicles now in force. */
async function retime(tx: Sql, draft: Draft, { zone, nowMs }: TaskWorld): Promise<DispatchTaken> {
  const expandDay = draft.expand?.(await storedAssignments(tx)) ?? (await storedExpand(tx, zone));
  return expandDay === undefined ? { vehicleIds: [], relabelled: 0 } : replaceRuns(tx, expandDay, nowMs, zone);
}

async function expand(db: Database, { days }: ExpandTask, { zone, origin }: TaskWorld): Promise<Outcome> {
  const expandDay = await storedExpand(db, zone);
  if (expandDay === undefined) return { kind: 'expanded', runs: 0 };
  const runs = await db.tx('expand-runs', async (tx) => {
    const made = await expandMissing(tx, expandDay, days);
    if (made > 0) await sayNews(tx, origin, { kind: 'timetable' });
    return made;
  });
  return { kind: 'expanded', runs };
}
