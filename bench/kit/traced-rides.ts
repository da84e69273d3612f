// Rides that a vault can open, on buses kept for them: riders who go to work and back by one bus, and now and then elsewhere.
// Sealed as phones do it and written as the platform writes them; in days that are over nobody admits a ride any more.
import type { CityData, Run } from '@tongche/network';
import { insertRuns } from '@tongche/platform';
import { byteaArray, charArray, int2Array, int4Array, uuidArray } from '@tongche/postgres';
import { decodeRecord, makeRide, packSealed, packWindow, unwrap } from '@tongche/protocol';
import type { Bytes, RideRecord } from '@tongche/protocol';
import { hmacKey, nodeSuite, rideIdSync, rideTagSync } from '@tongche/protocol/node';
import { chance } from './columns.ts';
import { keepFilled } from './filled.ts';
import type { Filled } from './filled.ts';
import { iss } from './installation.ts';
import { platformDatabase } from './made-rides.ts';
import type { Stage } from './stage.ts';
import type { SealedDay } from './vault.ts';

export const TRACED_BUSES = 100;
const RIDERS_A_BUS = 26;
const [WORKDAY_SHARE, ERRANDS_A_DAY] = [0.88, 0.3];
/** Runs of the day out, and of the way back in the other direction. */
const COMMUTES = [
  [1, 6],
  [2, 7],
  [2, 5],
] as const;
/** Riders of so many buses take whichever of them comes. */
const BUSES_OF_A_LINE = 5;
const batchRides = 1_000;
const MAX_LAG_MS = 50_000;
const firstPhone = 8_613_800_000_000n;
const kAdmUnused = new Uint8Array(16);

export function riderPhone(bus: number, rider: number): bigint {
  return firstPhone + BigInt(bus * 1_000 + rider);
}

function busOf(vehicleId: string): number {
  return Number(vehicleId.slice('bus-'.length));
}

interface Trip {
  readonly bus: number;
  readonly run: Run;
  readonly stop: number;
}

type RunsOfBus = ReadonlyMap<number, readonly Run[]>;

/** Numbers of runs and stops at which a rider boards on a day. */
function boardings(who: number, day: number, runs: number, stops: number): readonly (readonly [number, number])[] {
  const [out, back] = COMMUTES[Math.floor(chance(who, 0, 1) * COMMUTES.length)] ?? [1, 6];
  const from = Math.floor(chance(who, 0, 2) * (stops - 1));
  const to = from + 1 + Math.floor(chance(who, 0, 3) * (stops - 1 - from));
  const isAtWork = day % 7 < 5 && chance(who, day, 4) < WORKDAY_SHARE;
  const isOut = chance(who, day, 5) < ERRANDS_A_DAY;
  const errand = [Math.floor(chance(who, day, 6) * runs), Math.floor(chance(who, day, 7) * (stops - 1))] as const;
  return [...(isAtWork ? [[out, from] as const, [back, stops - 1 - to] as const] : []), ...(isOut ? [errand] : [])];
}

/** What a rider of a bus's line boards on a day. */
function tripsOf(homeBus: number, who: number, day: number, runsOf: RunsOfBus): readonly Trip[] {
  const own = runsOf.get(homeBus) ?? [];
  const first = homeBus - (homeBus % BUSES_OF_A_LINE);
  return boardings(who, day, own.length, own[0]?.stops.length ?? 2).flatMap(([n, stop], trip) => {
    const bus = first + Math.floor(chance(who, day, 20 + trip) * BUSES_OF_A_LINE);
    const run = runsOf.get(bus)?.[n];
    return run === undefined ? [] : [{ bus, run, stop }];
  });
}

interface Row {
  readonly record: RideRecord;
  readonly rideId: Bytes;
  readonly codeId: number;
  readonly boardedMs: number;
  readonly sealed: Bytes;
}

async function rowOf(
  day: SealedDay,
  kTag: ReturnType<typeof hmacKey>,
  phone: bigint,
  slot: number,
  where: Where,
): Promise<Row> {
  const { code, codeId, boardedMs } = where;
  const tag = rideTagSync(kTag, { iss, phone, slot });
  const made = await makeRide(nodeSuite, {
    bundle: day.bundle,
    pass: { slot, tag, adm: kAdmUnused },
    code,
    boardedMs,
    queued: false,
    party: 0,
    contact: {
      flags: { companion: false, assisted: false },
      kind: 'phone',
      subject: phone,
      reach: 0n,
      name: '',
      openid: '',
    },
  });
  const record = unwrap(decodeRecord(made.record));
  const minuteMs = Math.floor(boardedMs / 60_000) * 60_000;
  return {
    record,
    rideId: rideIdSync({ tag, code, boardedMs: minuteMs }),
    codeId,
    boardedMs,
    sealed: packSealed(record.enc, record.ct),
  };
}

interface Where {
  readonly code: Bytes;
  readonly codeId: number;
  readonly boardedMs: number;
}

const insertText = `
insert into ride (ride_id, tag, erase_c, code_id, received_s, run, no, board_seq, w2, iss, flags, suite, enc, ct)
select ride_id, tag, erase_c, code_id, received_s, 0, 1, -1, w2, iss, 0, suite, substr(sealed, 1, 33), substr(sealed, 34)
  from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::int[], $6::smallint[], $7::smallint[], $8::"char"[], $9::bytea[])
    t(ride_id, tag, erase_c, code_id, received_s, w2, iss, suite, sealed)
on conflict do nothing`;

function parameters(rows: readonly Row[]): readonly Buffer[] {
  return [
    uuidArray(rows, ({ rideId }) => rideId),
    uuidArray(rows, ({ record }) => record.tag),
    uuidArray(rows, ({ record }) => record.eraseC),
    int4Array(rows, ({ codeId }) => codeId),
    int4Array(rows, ({ boardedMs }) => Math.floor(boardedMs / 1000)),
    int2Array(rows, ({ record }) => packWindow(record.w)),
    int2Array(rows, () => iss),
    charArray(rows, () => 1),
    byteaArray(rows, rows[0]?.sealed.length ?? 0, ({ sealed }, into, at) => into.set(sealed, at)),
  ];
}

/** Numbers of the city's codes. */
async function codeIds(stage: Stage): Promise<ReadonlyMap<string, number>> {
  const db = stage.look();
  const rows = await db.query<{ code_id: number; code8: Buffer }>('select code_id, code8 from code');
  await db.end();
  return new Map(rows.map(({ code_id, code8 }) => [code8.toString('base64url'), code_id]));
}

export interface TracedCity {
  readonly city: CityData;
  /** All codes; the traced buses' come last. */
  readonly codes: readonly string[];
}

async function dayRows(day: SealedDay, traced: TracedCity, ids: ReadonlyMap<string, number>, runs: readonly Run[]) {
  const runsOf: RunsOfBus = Map.groupBy(runs, ({ vehicleId }) => busOf(vehicleId));
  const kTag = hmacKey(new Uint8Array(day.kTag));
  const rows: Row[] = [];
  for (const homeBus of runsOf.keys()) {
    for (let rider = 0; rider < RIDERS_A_BUS; rider += 1) {
      const who = homeBus * 1_000 + rider;
      for (const [slot, { bus, run, stop }] of tripsOf(homeBus, who, day.day, runsOf).entries()) {
        const text = traced.codes[bus] ?? '';
        const code = new Uint8Array(Buffer.from(text, 'base64url'));
        const lateMs = chance(who, day.day, 10 + slot) * MAX_LAG_MS;
        const boardedMs = Math.floor((run.stops[stop]?.depMs ?? 0) + lateMs);
        const where = { code, codeId: ids.get(text) ?? 0, boardedMs };
        rows.push(await rowOf(day, kTag, riderPhone(homeBus, rider), slot, where));
      }
    }
  }
  return rows;
}

/** Writes them once into the days of a filled store, with the runs they were on. */
export async function writeTraced(
  stage: Stage,
  filled: Filled,
  traced: TracedCity,
  sealedDays: readonly SealedDay[],
): Promise<Filled> {
  if (filled.traced !== undefined) return filled;
  const db = platformDatabase(stage);
  const ids = await codeIds(stage);
  const first = traced.codes.length - TRACED_BUSES;
  const isTraced = ({ vehicleId }: Run): boolean => busOf(vehicleId) >= first;
  let rides = 0;
  try {
    for (const day of sealedDays.filter((one) => filled.days.includes(one.day))) {
      const runs = traced.city.runs(day.day).filter(isTraced);
      await insertRuns(db, runs);
      const rows = await dayRows(day, traced, ids, runs);
      for (let at = 0; at < rows.length; at += batchRides) {
        await db.query(insertText, parameters(rows.slice(at, at + batchRides)));
      }
      rides += rows.length;
    }
  } finally {
    await db.end();
  }
  return keepFilled(stage.folder, { ...filled, traced: { buses: TRACED_BUSES, ridersABus: RIDERS_A_BUS, rides } });
}
