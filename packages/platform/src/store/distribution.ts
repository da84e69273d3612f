// Which tables are spread over servers where the database has Citus, and in which form their rows are written. All other
// tables stay on the coordinator; no statement joins the two kinds (docs/citus.md, kept by distribution.test.ts).
import type { DistributedTable, ServerOffer } from '@tongche/postgres';

/** Rides of a code lie together, for whoever asks who else was there. A note is asked for by its place alone. */
export const DISTRIBUTED: readonly DistributedTable[] = [
  { table: 'ride', column: 'code_id' },
  { table: 'ride_note', column: 'place' },
];

/** Rows of one statement as arrays for `unnest`, or as VALUES. */
export type RowForm = 'arrays' | 'values';

/** 'auto': VALUES where Citus sends rows on to its shards, arrays, which cost the server a quarter, everywhere else. */
export function rowForm(wanted: 'auto' | RowForm, { citus }: ServerOffer): RowForm {
  if (wanted !== 'auto') return wanted;
  return citus === 'on' ? 'values' : 'arrays';
}
