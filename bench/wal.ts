// What a ride costs the disk on the day it is written: row, both indexes, a stop note, and the WAL, told apart into what
// every ride needs and the images of pages that change for the first time since a checkpoint.
// Run: npm run bench -- wal [--rides 1000000] [--folder PATH]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connect, migrate, removeData, startEngine } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import { silentLog } from '@tongche/runtime';
import { machine } from './kit/machine.ts';
import { readOptions, runBench } from './kit/options.ts';
import { ASSUMPTIONS } from './kit/sizing-inputs.ts';

const migrations = resolve(import.meta.dirname, '../packages/platform/migrations');
const minutesOfDay = 1_440;
const batchRows = 512;

/** Rides `from` to `to` of a day of `total`, in the order of their minutes, on codes at random; the same every time. */
const ridesText = `
insert into ride (ride_id, tag, erase_c, code_id, received_s, run, no, board_seq, w2, iss, flags, suite, enc, ct)
select (lpad(to_hex(60000 * (n * ${minutesOfDay} / $3::bigint)), 12, '0') || right(hex, 20))::uuid, hex::uuid, hex::uuid,
       1 + mod(abs(hashint8(n)), $4::int), 60 * (n * ${minutesOfDay} / $3::bigint),
       1, 1, 1, 1, 1, 0, '1', substr(sum || sum, 1, 33), sum || sum || sum
  from generate_series($1::bigint, $2::bigint) n, lateral md5(n::text) hex, lateral sha256(n::text::bytea) sum`;
/** Lowest ride_id of a minute. */
const lowest = (minute: number): string => `${(60_000 * minute).toString(16).padStart(12, '0')}${'0'.repeat(20)}`;
const notesText = `
insert into ride_note (day, place, ct)
select 0, md5(n::text)::uuid, sha256(n::text::bytea) from generate_series($1::bigint, $2::bigint) n`;

async function inBatches(
  db: Database,
  name: string,
  text: string,
  [from, to]: readonly [number, number],
  rest: readonly number[],
) {
  for (let n = from; n <= to; n += batchRows) {
    await db.query({ name, text }, [n, Math.min(to, n + batchRows - 1), ...rest]);
  }
}

function sum(bytes: Readonly<Record<string, number>>): number {
  return Number(
    Object.values(bytes)
      .reduce((total, one) => total + one, 0)
      .toFixed(1),
  );
}

interface Wal {
  readonly bytes: number;
  readonly images: number;
}

async function walSince(db: Database, work: () => Promise<void>): Promise<Wal> {
  // The counters of a session are told to the others when it is idle, or when asked.
  const read = async (): Promise<Wal> => {
    await db.query('select pg_stat_force_next_flush()');
    await db.query('select 1');
    const row = await db.one<Wal>('select wal_bytes::bigint as bytes, wal_fpi as images from pg_stat_wal');
    return row ?? { bytes: 0, images: 0 };
  };
  const before = await read();
  await work();
  const after = await read();
  return { bytes: after.bytes - before.bytes, images: after.images - before.images };
}

async function bytesOf(db: Database, relation: string, rows: number): Promise<number> {
  const row = await db.one<{ n: number }>('select pg_relation_size(to_regclass($1)) as n', [relation]);
  return Number(((row?.n ?? 0) / rows).toFixed(1));
}

/** Two stretches with different shares of images: what a ride and what an image needs. */
function solve(first: Wal, second: Wal, rides: readonly [number, number]) {
  const imageBytes =
    (first.bytes / rides[0] - second.bytes / rides[1]) / (first.images / rides[0] - second.images / rides[1]);
  return { imageBytes, rideBytes: (second.bytes - second.images * imageBytes) / rides[1] };
}

async function measure(db: Database, rides: number) {
  await migrate(db, migrations, { app: 'platform' });
  await db.query(
    `create table ride_d0 partition of ride for values from ('${lowest(0)}') to ('${lowest(minutesOfDay + 1)}')`,
  );
  await db.query(`create table ride_note_d0 partition of ride_note for values from (0) to (1)`);
  const codes = Math.max(1, Math.round(rides / ASSUMPTIONS.ridesPerCode.value));
  const insert = async (from: number, to: number) => inBatches(db, 'rides', ridesText, [from, to], [rides, codes]);
  // Half the day is there, as it is in the mean; then a checkpoint, and what comes after it.
  const [half, early, late] = [rides / 2, rides / 20, rides / 4].map(Math.floor) as [number, number, number];
  await insert(1, half);
  await db.query('checkpoint');
  const first = await walSince(db, async () => insert(half + 1, half + early));
  const second = await walSince(db, async () => insert(half + early + 1, half + early + late));
  await insert(half + early + late + 1, rides);
  await inBatches(db, 'notes', notesText, [1, rides], []);
  const notes = (await bytesOf(db, 'ride_note_d0', rides)) + (await bytesOf(db, 'ride_note_d0_pkey', rides));
  const { imageBytes, rideBytes } = solve(first, second, [early, late]);
  const parts = async () => ({
    heapBytes: await bytesOf(db, 'ride_d0', rides),
    keyIndexBytes: await bytesOf(db, 'ride_d0_pkey', rides),
    tagIndexBytes: await bytesOf(db, 'ride_d0_uuid_hash_extended_idx', rides),
  });
  const hot = await parts();
  // A day that is over: rewritten by code and minute, its indexes packed.
  await db.query('cluster ride_d0 using ride_d0_pkey');
  return {
    ...hot,
    hotBytes: sum(hot),
    sealedBytes: sum(await parts()),
    noteBytes: Number(notes.toFixed(1)),
    walBytes: Math.round(rideBytes),
    pageImageBytes: Math.round(imageBytes),
    imagesPerRide: [first.images / early, second.images / late].map((share) => Number(share.toFixed(3))),
  };
}

await runBench(async () => {
  const options = readOptions('wal', process.argv.slice(2), {
    rides: { default: 1_000_000, min: 20_000, max: 50_000_000 },
    folder: 'path',
  });
  const dataDir = mkdtempSync(join(options.folder ?? tmpdir(), 'tongche-wal-'));
  const settings = { checkpoint_timeout: '1h', max_wal_size: '64GB', autovacuum: 'off' };
  const engine = await startEngine({ dataDir, log: silentLog, settings });
  const db = connect({ url: engine.adminUrl('postgres'), max: 1, name: 'wal', log: silentLog });
  try {
    const figures = await measure(db, options.rides);
    console.log(`Of one ride, ${options.rides} rides on a day:`);
    for (const [name, value] of Object.entries(figures)) console.log(`  ${name.padEnd(16)} ${String(value)}`);
    const where = machine(dataDir, engine.version);
    console.log(JSON.stringify({ bench: 'wal', rides: options.rides, ...figures, machine: where }));
  } finally {
    await db.end();
    await engine.stop();
    removeData(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  }
});
