// The dispatch list: which vehicle makes which trips or blocks, on one day or on all.
import { formatDate } from './fields.ts';
import { listCsv } from './list-write.ts';
import type { ListRow } from './list-write.ts';
import { readList } from './lists.ts';
import type { ListRead, ListSpec } from './lists.ts';
import type { Assignment } from './runs.ts';
import type { Source } from './source.ts';

export const SPEC: ListSpec = {
  file: 'vehicle_runs.csv',
  columns: [
    { key: 'date', words: ['日期', '运营日期', '营运日期', 'day', 'service date'] },
    { key: 'block_id', words: ['车次链', '路牌', '路牌号', '排班号', '班组', 'block'] },
    { key: 'trip_id', words: ['班次', '班次编号', '班次号', '车次', 'trip'] },
    { key: 'vehicle_id', words: ['车辆编号', '车辆', '自编号', '编号', 'vehicle', 'unit_id'] },
  ],
  needed: [['vehicle_id'], ['block_id', 'trip_id']],
};

/** `vehicle_id` with `trip_id` or `block_id`, and `date` where it holds for one service day only. */
export async function readVehicleRuns(source: Source): Promise<ListRead<Assignment>> {
  const assignments = new Map<string, Assignment>();
  return readList(
    source,
    SPEC,
    (row) => {
      const vehicleId = row.required('vehicle_id');
      const day = row.has('date') ? row.date('date') : undefined;
      const tripId = row.text('trip_id');
      const blockId = row.text('block_id');
      if (tripId === '' && blockId === '') row.fail('block_id', 'missing-value');
      const key = JSON.stringify([day ?? '', tripId, tripId === '' ? blockId : '']);
      if (assignments.has(key)) row.fail(tripId === '' ? 'block_id' : 'trip_id', 'duplicate');
      if (!row.ok()) return;
      assignments.set(key, {
        vehicleId,
        ...(tripId === '' ? { blockId } : { tripId }),
        ...(day === undefined ? {} : { day }),
      });
    },
    () => assignments.values(),
  );
}

export const VEHICLE_RUNS_HEADER: readonly string[] = SPEC.columns.map(({ key }) => key);

export function vehicleRunsRows(assignments: readonly Assignment[]): readonly ListRow[] {
  return assignments.map(({ day, blockId, tripId, vehicleId }) => [
    day === undefined ? '' : formatDate(day),
    blockId ?? '',
    tripId ?? '',
    vehicleId,
  ]);
}

export function vehicleRunsCsv(assignments: readonly Assignment[]): string {
  return listCsv(VEHICLE_RUNS_HEADER, vehicleRunsRows(assignments));
}
