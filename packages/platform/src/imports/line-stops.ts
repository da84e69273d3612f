// A network as lists of stops, without times: lines, directions and stops into tables, the file kept as it came.
import { readLineStops } from '@tongche/network/import';
import { isComplete, listDraft } from './draft.ts';
import type { Reader } from './draft.ts';
import { planNetwork } from './network.ts';

export const readLineStopsDraft: Reader = async (source, context) => {
  const { coordinates } = context.params;
  const read = await readLineStops(source, coordinates === undefined ? {} : { coordinates });
  return listDraft(read, {
    keep: { role: 'network', body: () => undefined },
    plan: (sql) => planNetwork(sql, read.parts, context, isComplete(read)),
  });
};
