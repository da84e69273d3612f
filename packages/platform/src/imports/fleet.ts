// The fleet: every unit that carries codes. Codes themselves are never touched by it.
import type { Unit } from '@tongche/network';
import { readFleet } from '@tongche/network/import';
import { markGone, readLines, readStops, readUnits, writeUnits } from '../store/city.ts';
import type { Sql } from '../store/sql.ts';
import { compare, formsOf } from './change.ts';
import { isComplete, listDraft } from './draft.ts';
import type { ImportContext, Plan, Reader } from './draft.ts';

function unitForm(unit: Unit): string {
  const { kind, plate, label, vehicleId, carriageNo, usualLineId, stopId, capacity, air, litresPerSecond } = unit;
  return JSON.stringify([
    kind,
    plate ?? null,
    label.zh,
    label.en,
    vehicleId,
    carriageNo ?? null,
    usualLineId ?? null,
    stopId ?? null,
    capacity,
    air ?? null,
    litresPerSecond ?? null,
  ]);
}

async function planFleet(sql: Sql, units: readonly Unit[], { nowMs }: ImportContext, complete: boolean): Promise<Plan> {
  const inFleet = (await readUnits(sql)).filter(({ goneMs }) => goneMs === undefined);
  const { change, put, gone } = compare({
    what: 'units',
    before: formsOf(inFleet, ({ unitId }) => unitId, unitForm),
    after: units,
    keyOf: ({ unitId }) => unitId,
    formOf: unitForm,
    complete,
  });
  return {
    changes: [change],
    async write(tx) {
      await writeUnits(tx, put);
      await markGone(tx, 'unit', gone, nowMs);
      return {};
    },
  };
}

export const readFleetDraft: Reader = async (source, context, sql) => {
  const { platePrefix } = context.params;
  const read = await readFleet(source, {
    ...(platePrefix === undefined ? {} : { platePrefix }),
    lines: await readLines(sql),
    // A bus whose line is not known yet is still a bus: it is taken in without a usual line, with a note.
    unknownLines: 'leave-out',
    stopIds: new Set((await readStops(sql)).map(({ id }) => id)),
  });
  return listDraft(read, {
    keep: { role: 'fleet', body: () => undefined },
    plan: (tx) => planFleet(tx, read.rows, context, isComplete(read)),
  });
};
