// A server that has run for a day reuses the files of its write-ahead log. A new one writes each file full of zeros before its
// first use, and commits wait for that: 100 ms for every 16 MiB on the disk this was found on.
import { connect } from '@tongche/postgres';
import type { Engine } from '@tongche/postgres';
import { silentLog } from '@tongche/runtime';

/** As many as an hour of rush leaves behind: the server keeps them up to its `min_wal_size`. */
export const filesOfARunningServer = 64;

/** Has so many log files written and then laid aside for use. */
export async function makeLogFiles(engine: Engine, count: number): Promise<void> {
  if (count === 0) return;
  const db = connect({ url: engine.adminUrl('postgres'), max: 1, name: 'bench', log: silentLog });
  try {
    for (let n = 0; n < count; n += 1) {
      // A file nothing was written to is not ended.
      await db.query(`select pg_logical_emit_message(false, 'bench', 'a file')`);
      await db.query('select pg_switch_wal()');
    }
    await db.query('checkpoint');
  } finally {
    await db.end();
  }
}
