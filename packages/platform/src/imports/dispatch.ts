// Which vehicle makes which run: the list is kept like the timetable, and both are expanded together.
import type { Assignment } from '@tongche/network/import';
import { readVehicleRuns } from '@tongche/network/import';
import { citySource } from '../store/imports.ts';
import type { Sql } from '../store/sql.ts';
import { compare, formsOf } from './change.ts';
import { listDraft } from './draft.ts';
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

export const readDispatchDraft: Reader = async (source) => {
  const read = await readVehicleRuns(source);
  return listDraft(read, {
    keep: { role: 'vehicle-runs', body: () => undefined },
    async plan(sql) {
      const before = formsOf(await storedAssignments(sql), keyOf, formOf);
      const { change } = compare({
        what: 'assignments',
        before,
        after: read.rows,
        keyOf,
        formOf,
        complete: true,
      });
      return { changes: [change], write: async () => ({}) };
    },
  });
};
