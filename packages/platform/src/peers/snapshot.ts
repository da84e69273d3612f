// Which transactions a reading of the database holds. What happens later comes as messages with their transaction's
// number: together they hold everything once, whatever was committed while the reading was under way.
import type { Sql } from '../store/sql.ts';

export interface Snapshot {
  /** Whether the committed transaction's work is in the reading. */
  has(xid: number): boolean;
}

/** As PostgreSQL writes a pg_snapshot: `xmin:xmax:xid,xid`. Throws when it is none. */
export function parseSnapshot(text: string): Snapshot {
  const [xmin, xmax, running = ''] = text.split(':');
  const [from, to] = [Number(xmin), Number(xmax)];
  if (xmax === undefined || !Number.isSafeInteger(from) || !Number.isSafeInteger(to)) throw new Error('no snapshot');
  const open = new Set(running === '' ? [] : running.split(',').map(Number));
  return { has: (xid) => xid < to && (xid < from || !open.has(xid)) };
}

/** To be the first statement of a `repeatable read` transaction: what that one reads afterwards is this snapshot. */
export async function takeSnapshot(tx: Sql): Promise<Snapshot> {
  const row = await tx.one<{ now: string }>('select pg_current_snapshot()::text as now');
  return parseSnapshot(row?.now ?? '');
}
