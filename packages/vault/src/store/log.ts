// The transparency log's table. Appending locks the one row of the frontier, so that entries have no gaps and the tree
// grows in one order whoever appends.
import { prepared } from '@tongche/postgres';
import { concat, Frontier, leafHash, toBytes, utf8 } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { nodeSha256 } from '@tongche/protocol/node';
import type { Queryable } from '@tongche/postgres';

export interface LogEntry {
  readonly index: number;
  readonly atMs: number;
  readonly kind: string;
  readonly line: string;
}

export interface Head {
  readonly size: number;
  readonly root: Bytes;
}

interface FrontierRow {
  readonly size: number;
  readonly peaks: Buffer;
}

function frontierOf({ size, peaks }: FrontierRow): Frontier {
  const parts = Array.from({ length: peaks.length / 32 }, (_, i) => toBytes(peaks.subarray(i * 32, i * 32 + 32)));
  return new Frontier(nodeSha256, { size, peaks: parts });
}

async function readFrontier(db: Queryable, lock: boolean): Promise<Frontier> {
  const row = await db.one<FrontierRow>(prepared(`select size, peaks from log_frontier${lock ? ' for update' : ''}`));
  if (row === undefined) throw new Error('the log has no frontier');
  return frontierOf(row);
}

/** Appends lines in the caller's transaction; answers the index of the first. */
export async function appendLines(
  tx: Queryable,
  atMs: number,
  entries: readonly { readonly kind: string; readonly line: string }[],
): Promise<number> {
  const frontier = await readFrontier(tx, true);
  const first = frontier.size;
  const leaves = entries.map(({ line }) => leafHash(nodeSha256, utf8(line)));
  for (const leaf of leaves) frontier.append(leaf);
  await tx.query(
    prepared(`insert into log_entry (index, at_ms, kind, line, leaf)
     select $1 + n.i - 1, $2, n.kind, n.line, n.leaf
       from unnest($3::text[], $4::text[], $5::bytea[]) with ordinality as n (kind, line, leaf, i)`),
    [
      first,
      atMs,
      entries.map(({ kind }) => kind),
      entries.map(({ line }) => line),
      leaves.map((leaf) => Buffer.from(leaf)),
    ],
  );
  const { size, peaks } = frontier.state();
  await tx.query(prepared('update log_frontier set size = $1, peaks = $2'), [size, Buffer.from(concat(...peaks))]);
  return first;
}

export async function headOf(db: Queryable): Promise<Head> {
  const frontier = await readFrontier(db, false);
  return { size: frontier.size, root: frontier.root() };
}

/** By the primary key. */
export async function entriesFrom(db: Queryable, from: number, limit: number): Promise<readonly LogEntry[]> {
  const rows = await db.query<{
    readonly index: number;
    readonly at_ms: number;
    readonly kind: string;
    readonly line: string;
  }>(prepared('select index, at_ms, kind, line from log_entry where index >= $1 order by index limit $2'), [
    from,
    limit,
  ]);
  return rows.map(({ index, at_ms, kind, line }) => ({ index, atMs: at_ms, kind, line }));
}

/** Leaf hashes of the entries [from, to); by the primary key. */
export async function leavesOf(db: Queryable, from: number, to: number): Promise<readonly Bytes[]> {
  const rows = await db.query<{ readonly leaf: Buffer }>(
    prepared('select leaf from log_entry where index >= $1 and index < $2 order by index'),
    [from, to],
  );
  return rows.map(({ leaf }) => toBytes(leaf));
}
