// What is destroyed when: every kind of data with an end, the day partitions one by one, and what past rolls destroyed.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Retention } from '@tongche/contract';
import { DAY_MS, dayOf, dayStartMs, dayText } from '@tongche/protocol';
import { printsFolderOf } from '../config.ts';
import { ADMISSION_DAYS } from '../keys.ts';
import type { Platform } from '../platform.ts';
import { nextRollMs } from '../calendar.ts';
import { accessKeepMs, orderKeepMs } from '../roll.ts';
import { PRINT_KEPT_MS } from '../prints/prints.ts';
import { FILE_KEEP_MS, IMPORT_KEEP_MS } from '../store/imports.ts';
import { stateValue } from '../store/maintenance.ts';
import { lastRolls, otherCounts, partitionSizes } from '../store/operator.ts';
import type { OtherCount } from '../store/operator.ts';
import { partitionSizesOnShards } from '../store/spread.ts';

const shownRolls = 60;

/** The roll at or after the instant. */
function rollAt(ms: number, zone: string): number {
  return nextRollMs(ms - 1, zone);
}

/** Prints lie in their folder only; each goes a day after it was made. */
async function printsKept(config: Platform['config']) {
  const folder = printsFolderOf(config);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.pdf'));
  const made = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).mtimeMs));
  return {
    count: names.length,
    afterDays: Math.ceil(PRINT_KEPT_MS / DAY_MS),
    nextMs: made.length === 0 ? null : Math.floor(Math.min(...made) + PRINT_KEPT_MS),
  };
}

export async function retention(platform: Platform): Promise<Retention> {
  const { db, isSpread, clock, zone, keys, config } = platform;
  const { retentionDays, staffSessionMs } = config;
  const nowMs = clock.now();
  const today = dayOf(nowMs, zone);
  const sizes = isSpread ? partitionSizesOnShards : partitionSizes;
  const rides = await sizes(db, 'ride');
  const notes = await sizes(db, 'ride_note');
  const positions = (await partitionSizes(db, 'vehicle_position')).filter(({ rows }) => rows > 0);
  const others = await otherCounts(db);
  const rolls = await lastRolls(db, shownRolls);
  const lastRoll = await stateValue(db, 'last-roll');
  const oldest = rides.findLast(({ rows }) => rows > 0)?.day;
  const rollOf = (day: number): number => rollAt(dayStartMs(day, zone) + 3 * 3_600_000, zone);
  const heldKeys = rides.map(({ day }) => day).filter((day) => keys.admission(day) !== undefined);
  const firstKey = heldKeys.at(-1);
  const ends = (what: string, { count, oldestMs }: OtherCount, keepMs: number) => ({
    what,
    count,
    afterDays: Math.ceil(keepMs / DAY_MS),
    nextMs: oldestMs === null ? null : rollAt(Math.max(oldestMs + keepMs, nowMs), zone),
  });
  const withRides = (what: string, count: number) => ({
    what,
    count,
    afterDays: retentionDays,
    nextMs: count === 0 || oldest === undefined ? null : rollOf(oldest + retentionDays),
  });
  return {
    zone,
    retentionDays,
    today: dayText(today),
    lastRoll: lastRoll === undefined ? null : dayText(lastRoll),
    nextRollMs: nextRollMs(nowMs, zone),
    days: rides
      .filter(({ day }) => day <= today)
      .map(({ day, rows, bytes }) => ({
        date: dayText(day),
        rides: rows,
        bytes,
        keysHeld: keys.admission(day) !== undefined,
        destroyedOn: dayText(day + retentionDays),
      })),
    others: [
      {
        what: 'admission-keys',
        count: heldKeys.length,
        afterDays: ADMISSION_DAYS,
        nextMs: firstKey === undefined ? null : rollOf(firstKey + ADMISSION_DAYS),
      },
      withRides(
        'notes',
        notes.reduce((sum, { rows }) => sum + rows, 0),
      ),
      withRides('runs', others.runs),
      {
        what: 'positions',
        count: positions.reduce((sum, { rows }) => sum + rows, 0),
        afterDays: config.positions.keepDays,
        nextMs: positions.length === 0 ? null : rollOf((positions.at(-1)?.day ?? today) + config.positions.keepDays),
      },
      ends('shifts', others.shifts, retentionDays * DAY_MS),
      ends('sessions', others.sessions, 0),
      ends('trace-orders', others.orders, orderKeepMs),
      ends('access-log', others.access, accessKeepMs),
      ends('import-files', others.importFiles, FILE_KEEP_MS),
      ends('imports', others.imports, IMPORT_KEEP_MS),
      ends('code-changes', others.codeChanges, accessKeepMs),
      { what: 'prints', ...(await printsKept(config)) },
    ].map((other) => (other.what === 'sessions' ? { ...other, afterDays: Math.ceil(staffSessionMs / DAY_MS) } : other)),
    rolls: rolls.map(({ day, partitions, keys: destroyed, atMs }) => ({
      date: dayText(day),
      partitions,
      keys: destroyed,
      atMs,
    })),
  };
}
