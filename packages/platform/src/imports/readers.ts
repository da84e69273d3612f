// Who reads which kind of file.
import { readAliasesDraft, readCodesDraft } from './codes.ts';
import { readDispatchDraft } from './dispatch.ts';
import type { Readers } from './draft.ts';
import { readFleetDraft } from './fleet.ts';
import { readGtfsDraft } from './network.ts';
import { readLineStopsDraft } from './line-stops.ts';
import { readPositionsDraft } from './positions.ts';
import { readRiderCountsDraft } from './rider-counts.ts';
import { readRosterDraft } from './roster.ts';

export const readers: Readers = {
  gtfs: readGtfsDraft,
  'line-stops': readLineStopsDraft,
  fleet: readFleetDraft,
  roster: readRosterDraft,
  codes: readCodesDraft,
  aliases: readAliasesDraft,
  'vehicle-runs': readDispatchDraft,
  positions: readPositionsDraft,
  'rider-counts': readRiderCountsDraft,
};
