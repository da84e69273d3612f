// The transparency log: what the authority did, in public, without a word about anybody. Append-only Merkle tree
// (RFC 6962), checkpoints signed with the day-bundle key, mirrored by the registrar for everyone to read.
import { canonicalJson, equalBytes, signCheckpoint, toBase64Url } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import type { Database, Queryable } from '@tongche/postgres';
import { appendLines, entriesFrom, headOf, leavesOf } from '../store/log.ts';
import type { LogEntry } from '../store/log.ts';
import { openLogTree } from './log-tree.ts';

/** Kinds of entries; a new one needs a line in the public documentation of the log. */
export type EntryKind =
  | 'log-begin'
  | 'key-make'
  | 'key-destroy'
  | 'roster'
  | 'order'
  | 'opened'
  | 'read'
  | 'reveal'
  | 'include'
  | 'amend'
  | 'messages'
  | 'resend'
  | 'export'
  | 'exported'
  | 'case-close'
  | 'list';

/** Numbers and hashes only: the log is public. */
export type EntryDetail = Readonly<Record<string, string | number | boolean>>;

export interface NewEntry {
  readonly kind: EntryKind;
  readonly detail: EntryDetail;
}

export interface Continuation {
  /** Entries of the present log. */
  readonly size: number;
  readonly checkpoint: string;
  readonly consistency: readonly string[];
}

export interface TransparencyLog {
  /** Appends in the caller's transaction; answers the index of the first entry. */
  append(tx: Queryable, atMs: number, entries: readonly NewEntry[]): Promise<number>;
  /** The present head as a signed note. */
  checkpoint(): Promise<{ readonly size: number; readonly note: string }>;
  entries(from: number, limit: number): Promise<readonly LogEntry[]>;
  /** Proves that the log a verifier knew at size `from` is a beginning of the present one. */
  continues(from: number): Promise<Continuation>;
  /** Proves an entry to whoever knows the log at `size`. */
  prove(index: number, size: number): Promise<readonly string[]>;
}

export interface LogSigner {
  readonly origin: string;
  readonly sk: Bytes;
  readonly pk: Bytes;
}

export function lineOf(atMs: number, { kind, detail }: NewEntry): string {
  return canonicalJson({ ...detail, atMs, kind });
}

export function openTransparencyLog(db: Database, signer: LogSigner): TransparencyLog {
  const tree = openLogTree((from, to) => leavesOf(db, from, to));

  async function noteOf(size: number, root: Bytes): Promise<string> {
    const { origin, sk, pk } = signer;
    return signCheckpoint(nodeSuite, { name: origin, sk, pk }, { origin, size, root });
  }

  return {
    append: (tx, atMs, entries) =>
      appendLines(
        tx,
        atMs,
        entries.map((entry) => ({ kind: entry.kind, line: lineOf(atMs, entry) })),
      ),
    async checkpoint() {
      const { size, root } = await headOf(db);
      return { size, note: await noteOf(size, root) };
    },
    entries: (from, limit) => entriesFrom(db, from, limit),
    async continues(from) {
      const { size, root } = await headOf(db);
      const proof = await tree.prove({ index: size - 1, from, size });
      if (!equalBytes(proof.root, root)) throw new Error('the log is not what its frontier says');
      return { size, checkpoint: await noteOf(size, root), consistency: proof.consistency.map(toBase64Url) };
    },
    async prove(index, size) {
      return (await tree.prove({ index, from: size, size })).inclusion.map(toBase64Url);
    },
  };
}
