// Writing rides as VALUES, for Citus: three statements and one commit for a batch, with the outcome of ride-writes.ts. Which
// tags are known is asked of all shards first, since Citus takes no statement that looks, writes and tells at once.
import { valuesInserter } from '@tongche/postgres';
import type { Database, InsertColumn } from '@tongche/postgres';
import type { Bytes } from '@tongche/protocol';
import { compressPoint, uuidText } from '@tongche/protocol';
import { BOARDING_CHARS } from '../peers/boarding.ts';
import { RIDES_PER_PART, ridesHead } from '../peers/messages.ts';
import { tell } from './peers.ts';
import { noRun, noStop, ridesOfTags, signed16 } from './ride-writes.ts';
import type { InsertRides, NewRide, Telling } from './ride-writes.ts';

/** Bytes in the column's binary format: a uuid is its 16, a "char" its one. */
function bytes(value: Bytes): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

const columns: readonly InsertColumn<NewRide>[] = [
  { name: 'ride_id', valueOf: ({ rideId }) => bytes(rideId) },
  { name: 'tag', valueOf: ({ tag }) => bytes(tag) },
  { name: 'erase_c', valueOf: ({ eraseC }) => bytes(eraseC) },
  { name: 'code_id', valueOf: ({ codeId }) => codeId },
  { name: 'received_s', valueOf: ({ receivedS }) => receivedS },
  { name: 'run', valueOf: ({ run }) => run ?? noRun },
  { name: 'no', valueOf: ({ no }) => no },
  { name: 'board_seq', valueOf: ({ boardSeq }) => boardSeq ?? noStop },
  { name: 'w2', valueOf: ({ w2 }) => w2 },
  { name: 'iss', valueOf: ({ iss }) => signed16(iss) },
  { name: 'flags', valueOf: ({ flags }) => flags },
  { name: 'suite', valueOf: ({ suite }) => Buffer.of(suite) },
  { name: 'enc', valueOf: ({ enc }) => compressPoint(enc) },
  { name: 'ct', valueOf: ({ ct }) => bytes(ct) },
];

const insert = valuesInserter({
  table: 'ride',
  columns,
  ending: 'on conflict do nothing returning code_id as "codeId", ride_id as "rideId"',
});

interface Key {
  readonly codeId: number;
  readonly rideId: string;
}

function keyOf({ codeId, rideId }: Key): string {
  return `${codeId}|${rideId}`;
}

/** What is said of some of the rides, cut out of what would be said of all. */
function partsOf(telling: Telling, rides: readonly NewRide[], fresh: ReadonlySet<NewRide>): readonly string[] {
  if (fresh.size === rides.length) return telling.parts;
  const all = telling.parts.join('');
  const said = rides.flatMap((ride, n) =>
    fresh.has(ride) ? [all.slice(n * BOARDING_CHARS, (n + 1) * BOARDING_CHARS)] : [],
  );
  return Array.from({ length: Math.ceil(said.length / RIDES_PER_PART) }, (_, n) =>
    said.slice(n * RIDES_PER_PART, (n + 1) * RIDES_PER_PART).join(''),
  );
}

export const insertRidesAsValues: InsertRides = async (db: Database, rides, span, { knownTags, telling }) =>
  db.tx('insert-rides', async (tx) => {
    const tags = rides.map(({ tag }) => tag);
    const known = new Set(knownTags ? [] : (await ridesOfTags(tx, tags, span)).map(({ tag }) => tag));
    const wanted = rides.filter(({ tag }) => !known.has(uuidText(tag)));
    const written = wanted.length === 0 ? [] : await insert<Key>(tx, wanted);
    if (written.length === 0) return { fresh: new Set(), xid: undefined };
    const keys = new Set(written.map(keyOf));
    const fresh = new Set(
      written.length === rides.length
        ? rides
        : wanted.filter(({ codeId, rideId }) => keys.has(keyOf({ codeId, rideId: uuidText(rideId) }))),
    );
    return { fresh, xid: await tell(tx, ridesHead(telling.origin), partsOf(telling, rides, fresh)) };
  });
