// Riders counted by other means, by line and hour: what coverage is measured by.
import { readRiderCounts } from '@tongche/network/import';
import { readLines } from '../store/city.ts';
import { putRiderCounts, riderCounts } from '../store/imports.ts';
import type { RiderCountRow } from '../store/imports.ts';
import { compare, formsOf } from './change.ts';
import { listDraft } from './draft.ts';
import type { Reader } from './draft.ts';

const keyOf = ({ day, lineId, hour }: RiderCountRow): string => `${day}|${hour}|${lineId}`;
const formOf = ({ riders }: RiderCountRow): string => String(riders);

export const readRiderCountsDraft: Reader = async (source, _context, sql) => {
  const read = await readRiderCounts(source, { lines: await readLines(sql) });
  return listDraft(read, {
    async plan(tx) {
      const before = formsOf(await riderCounts(tx), keyOf, formOf);
      const { change, put } = compare({ what: 'rider-counts', before, after: read.rows, keyOf, formOf });
      return {
        changes: [change],
        async write(to) {
          await putRiderCounts(to, put);
          return {};
        },
      };
    },
  });
};
