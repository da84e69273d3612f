// The stop notes of rides, found under the places their tags make.
import type { TraceRide } from '@tongche/contract';
import { dayOf, fromBase64Url, MAX_NOTES, unwrap } from '@tongche/protocol';
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
    const tag = unwrap(fromBase64Url(ride.tag));
    return Array.from({ length: MAX_NOTES }, (_, idx) => ({ day, place: notePlace(day, tag, idx) }));
  });
  const once = new Map(asked.flat().map((one) => [one.place, one]));
  const found = new Map((await notesAt(sql, [...once.values()])).map(({ place, ct }) => [place, ct]));
  return asked.map((places) =>
    places.flatMap(({ place }, idx) => {
      const ct = found.get(place);
      return ct === undefined ? [] : [{ idx, ct }];
    }),
  );
}
