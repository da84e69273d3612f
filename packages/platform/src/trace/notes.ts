// The stop notes of rides, found under the places their tags make.
import type { TraceRide } from '@tongche/contract';
import { dayOf, MAX_NOTES, unwrap } from '@tongche/protocol';
import { fromBase64UrlSync } from '@tongche/protocol/node';
import type { Static } from 'typebox';
import type { Platform } from '../platform.ts';
import { notesAt } from '../store/notes.ts';
import type { Sql } from '../store/sql.ts';
import type { Placed } from './reply.ts';

type Notes = Static<typeof TraceRide>['notes'];

/** The notes of each ride, by their numbers; several rides of one tag have the same. */
export async function notesOf(
  sql: Sql,
  { zone, notePlace }: Pick<Platform, 'zone' | 'notePlace'>,
  rides: readonly Pick<Placed, 'ride'>[],
): Promise<readonly Notes[]> {
  const asked = rides.map(({ ride }) => {
    const day = dayOf(ride.boardedMs, zone);
    const tag = unwrap(fromBase64UrlSync(ride.tag));
    return Array.from({ length: MAX_NOTES }, (_, idx) => ({ day, place: notePlace(day, tag, idx) }));
  });
  const found = new Map((await notesAt(sql, asked.flat())).map(({ place, ct }) => [place, ct]));
  if (found.size === 0) return rides.map(() => []);
  return asked.map((places) =>
    places.flatMap(({ place }, idx) => {
      const ct = found.get(place);
      return ct === undefined ? [] : [{ idx, ct }];
    }),
  );
}
