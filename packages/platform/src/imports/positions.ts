// Vehicle positions of days gone by: matched to runs, so that rides and open traces know better where they were.
import { readPositions } from '@tongche/network/import';
import { cityOfRows } from '../city/city.ts';
import { vehicleFinder } from '../positions/identity.ts';
import { applyPositions } from '../positions/past.ts';
import { readCityRows } from '../store/city.ts';
import { listDraft } from './draft.ts';
import type { Reader } from './draft.ts';

export const readPositionsDraft: Reader = async (source, context) => {
  const { zone, nowMs, oldestMs, params } = context;
  const { coordinates } = params;
  const read = await readPositions(source, { zone, ...(coordinates === undefined ? {} : { coordinates }) });
  return listDraft(read, {
    async plan(sql) {
      const city = cityOfRows(await readCityRows(sql));
      const find = vehicleFinder(city);
      const inTime = read.rows.filter(({ atMs }) => atMs >= oldestMs && atMs <= nowMs);
      const ours = inTime.filter((row) => find(row) !== undefined);
      const [outOfTime, unknown] = [read.rows.length - inTime.length, inTime.length - ours.length];
      return {
        changes: [{ what: 'positions', added: ours.length, changed: 0, same: 0, gone: 0 }],
        notes: [
          ...(outOfTime === 0 ? [] : [`out-of-time: ${outOfTime}`]),
          ...(unknown === 0 ? [] : [`unknown-vehicles: ${unknown}`]),
        ],
        async write(tx) {
          const { vehicleIds, relabelled } = await applyPositions(
            tx,
            { zone, city, nowMs, oldestMs, isFile: true },
            ours,
          );
          return { rerun: { vehicleIds, relabelled } };
        },
      };
    },
  });
};
