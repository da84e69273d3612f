// What a file amounts to, whatever its kind: its good rows, what is wrong with the others, and what taking it in does.
import type { ImportKind } from '@tongche/contract';
import { rejectedCsv } from '@tongche/network/import';
import type { Run } from '@tongche/network';
import type { Assignment, ListRead, RowError } from '@tongche/network/import';
import type { DispatchTaken } from '../runs/dispatch.ts';
import type { Sql } from '../store/sql.ts';
import type { ImportParams, SourceRole } from '../store/imports.ts';
import type { Change } from './change.ts';

/** What reading and writing need to know besides the file. */
export interface ImportContext {
  readonly zone: string;
  readonly nowMs: number;
  /** Rides before it are gone. */
  readonly oldestMs: number;
  readonly params: ImportParams;
}

export interface Plan {
  readonly changes: readonly Change[];
  readonly notes?: readonly string[];
  /** Writes it, within the caller's transaction. */
  write(tx: Sql): Promise<Written>;
}
export interface Written {
  /** One-time passwords of new accounts, to be shown once. */
  readonly passwordsCsv?: string;
  /** Vehicles whose runs are known otherwise now, and rides whose run is another one. */
  readonly rerun?: DispatchTaken;
}

/** The runs of a service day. */
export type Expand = (day: number) => readonly Run[];

export interface Draft {
  readonly rows: number;
  readonly good: number;
  readonly bad: number;
  readonly errors: readonly RowError[];
  readonly errorCount: number;
  readonly notes: readonly string[];
  readonly badRows: string | null;
  /** The file is kept under this role when it is applied; `body` instead of the file itself where rows were left out. */
  readonly keep?: { readonly role: SourceRole; readonly body: () => Uint8Array | undefined };
  /** Of a timetable: its runs, with the vehicles of this list. Reading the file again takes as long as the first time. */
  readonly expand?: (assignments: readonly Assignment[]) => Expand;
  plan(sql: Sql): Promise<Plan>;
}

/** A file that is no file of its kind at all. */
export class Unreadable extends Error {}

export type Reader = (source: Uint8Array, context: ImportContext, sql: Sql) => Promise<Draft>;

/**
 * Whether what a list does not name is gone: not where rows were left out, whose things are there all the same, nor where
 * the list is such rows, mended.
 */
export function isComplete({ errorCount, notes }: Pick<ListRead<unknown>, 'errorCount' | 'notes'>): boolean {
  return errorCount === 0 && !notes.includes('mended');
}

/** A list as a draft. */
export function listDraft<T>(
  read: ListRead<T>,
  of: Pick<Draft, 'plan'> & { readonly keep?: NonNullable<Draft['keep']> },
): Draft {
  const { rows, errors, errorCount, header, rejected, rowCount, notes } = read;
  return {
    rows: rowCount,
    good: rows.length,
    bad: rowCount - rows.length,
    errors,
    errorCount,
    notes,
    badRows: rejected.length === 0 ? null : rejectedCsv(header, rejected),
    ...of,
  };
}

export type Readers = Readonly<Record<ImportKind, Reader>>;
