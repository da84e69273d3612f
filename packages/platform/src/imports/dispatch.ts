// Which vehicle makes which run: the list is kept like the timetable, and both are expanded together.
import type { Assignment } from '@tongche/network/import';
import { readVehicleRuns, vehicleRunsCsv } from '@tongche/network/import';
import { citySource } from '../store/imports.ts';
import type { Sql } from '../store/sql.ts';
import { compare, formsOf } from './change.ts';
import { isComplete, listDraft } from './draft.ts';
import type { Reader } from './draft.ts';

function keyOf({ day, tripId, blockId }: Assignment): string {
  return JSON.stringify([day ?? '', tripId ?? '', tripId === undefined ? (blockId ?? '') : '']);
}
const formOf = ({ vehicleId }: Assignment): string => vehicleId;

/** The list in force. */
export async function storedAssignments(sql: Sql): Promise<readonly Assignment[]> {
  const source = await citySource(sql, 'vehicle-runs');
  return source === undefined ? [] : (await readVehicleRuns(source.body)).rows;
}

export const readDispatchDraft: Reader = async (source, _context, sql) => {
  const read = await readVehicleRuns(source);
  const complete = isComplete(read);
  // Of an incomplete list what it does not name stays in force: both together are kept.
  const stored = await storedAssignments(sql);
  const named = new Set(read.rows.map(keyOf));
  const both = [...stored.filter((one) => !named.has(keyOf(one))), ...read.rows];
  return listDraft(read, {
    keep: { role: 'vehicle-runs', body: () => (complete ? undefined : Buffer.from(vehicleRunsCsv(both))) },
    async plan() {
      const before = formsOf(stored, keyOf, formOf);
      const { change } = compare({
        what: 'assignments',
        before,
        after: read.rows,
        keyOf,
        formOf,
        complete,
      });
      return { changes: [change], write: async () => ({}) };
    },
  });
};
