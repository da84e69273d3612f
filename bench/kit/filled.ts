// A store filled once and used by many runs: what was made stands in a file of its folder, and a fill that was cut off goes on.
import { existsSync, readFileSync, renameSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rewriteDay } from '@tongche/platform';
import { ConfigError } from '@tongche/runtime';
import { fillDays, platformDatabase } from './made-rides.ts';
import type { Stage } from './stage.ts';

/** A ride with its indexes, and of the largest day its copy, what it is sorted in, and WAL. */
const [bytesARide, copies, walBytes] = [400, 3, 4 * 2 ** 30];

export interface Filled {
  readonly days: readonly number[];
  readonly ridesADay: number;
  /** Codes that the rides were spread over: of the first buses. */
  readonly codes: number;
  /** All rides are there: they need not be counted again. */
  readonly isFull?: true;
  /** Riders whose rides are sealed for a vault, per bus; absent before they were written. */
  readonly traced?: { readonly buses: number; readonly ridersABus: number; readonly rides: number };
  readonly sealed: readonly number[];
}

function fileOf(folder: string): string {
  return join(folder, 'filled.json');
}

/** What the folder of a stage holds; undefined for a new one. */
export function filledIn(folder: string): Filled | undefined {
  const file = fileOf(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Filled) : undefined;
}

export function keepFilled(folder: string, filled: Filled): Filled {
  const file = fileOf(folder);
  writeFileSync(`${file}.new`, JSON.stringify(filled), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return filled;
}

/** Throws ConfigError where the disk has no room for so many rides. */
export function checkDisk(bench: string, folder: string, rows: number, days: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const needed = bytesARide * (rows + (copies * rows) / days) + walBytes;
  const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  if (bavail * bsize < needed) {
    throw new ConfigError(`${bench}: ${gib(needed)} GiB are needed in ${folder}, ${gib(bavail * bsize)} are free`);
  }
}

/** The days before today full of rides. A folder that was filled before stays as it was, whatever is asked for. */
export async function fillPast(
  stage: Stage,
  wanted: { readonly rows: number; readonly days: number; readonly codes: number },
): Promise<Filled> {
  const { rows, days, codes } = wanted;
  const { day: today } = stage.setup(0);
  const filled = filledIn(stage.folder) ?? {
    days: Array.from({ length: days }, (_, n) => today - 1 - n),
    ridesADay: Math.floor(rows / days),
    codes,
    sealed: [],
  };
  if (filled.isFull === true) return filled;
  keepFilled(stage.folder, filled);
  const db = stage.look();
  const there = new Map<number, number>();
  for (const day of filled.days) {
    const table = `ride_d${day}`;
    const isThere = await db.one<{ is: boolean }>('select to_regclass($1) is not null as is', [table]);
    // Rows come in order, by whole statements: so many are there, so many were made.
    const counted =
      isThere?.is === true ? await db.one<{ n: number }>(`select count(*)::int as n from ${table}`) : undefined;
    there.set(day, counted?.n ?? 0);
  }
  await db.end();
  const { ridesADay } = filled;
  const missing = filled.days
    .map((day) => ({ day, from: there.get(day) ?? 0, to: ridesADay, rides: ridesADay }))
    .filter(({ from, to }) => from < to);
  if (missing.length > 0) console.log(`filled at ${await fillDays(stage, filled.codes, missing)} rides/s`);
  return keepFilled(stage.folder, { ...filled, isFull: true });
}

/** Rewrites each day as the night does; what was rewritten before is left alone. */
export async function sealPast(stage: Stage, filled: Filled): Promise<Filled> {
  let now = filled;
  const db = platformDatabase(stage, 2);
  try {
    for (const day of filled.days) {
      if (now.sealed.includes(day)) continue;
      if ((await rewriteDay(db, day)) === undefined) throw new Error('somebody else is sealing');
      now = keepFilled(stage.folder, { ...now, sealed: [...now.sealed, day] });
    }
  } finally {
    await db.end();
  }
  return now;
}
