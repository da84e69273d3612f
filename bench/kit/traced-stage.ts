// A stage whose past days are full and sealed, with riders whose rides its vault can open, and that vault. Where a folder is
// kept all of this is made once.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { internalClient } from '@tongche/http';
import { startEngine } from '@tongche/postgres';
import { silentLog } from '@tongche/runtime';
import { setTimeout as wait } from 'node:timers/promises';
import { benchCity } from './city.ts';
import { checkDisk, filledIn, fillPast, sealPast } from './filled.ts';
import type { Filled } from './filled.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { riderPhone, TRACED_BUSES, writeTraced } from './traced-rides.ts';
import { installVault } from './vault.ts';
import type { InstalledVault } from './vault.ts';

export const PAST_DAYS = 14;
const buses = 2_000;
const healthyWithinMs = 60_000;
const pollMs = 50;

export interface TracedStage {
  readonly stage: Stage;
  readonly filled: Filled;
  readonly vault: InstalledVault;
  readonly rows: number;
  /** Codes that no traced ride is on. */
  readonly otherCodes: readonly string[];
  /** Of the n-th case, the same every time. */
  readonly phoneOf: (n: number) => bigint;
  readonly span: readonly [fromDay: number, toDay: number];
  /** PostgreSQL anew, and nothing of the disk in memory; false where only the first could be done. */
  cool(): Promise<boolean>;
}

export interface TracedStageOptions {
  readonly bench: string;
  readonly rows: number;
  /** Kept from run to run; a folder of its own that is removed again when absent. */
  readonly folder: string | undefined;
  /** The vault asks a platform process of its own, beside the one that takes rides. */
  readonly beside?: boolean;
}

/** Development keys sign, which production refuses; and no night falls while it is measured. */
function adjusted(config: Record<string, unknown>): Record<string, unknown> {
  return { ...config, mode: 'demo', sealDays: false };
}

function dropCaches(): boolean {
  try {
    execFileSync('sync');
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch {
    return false;
  }
}

async function healthy(socket: string): Promise<void> {
  const client = internalClient({ socket });
  const untilMs = performance.now() + healthyWithinMs;
  for (let left = 3; left > 0;) {
    const isWell = await client.get('/healthz').then(
      () => true,
      () => false,
    );
    if (isWell) left -= 1;
    if (performance.now() > untilMs) throw new Error('a process did not find its database again');
    await wait(pollMs);
  }
  await client.close();
}

export async function openTracedStage({
  bench,
  rows,
  folder,
  beside = false,
}: TracedStageOptions): Promise<TracedStage> {
  const kept = folder === undefined ? {} : { kept: folder };
  const stage = await openStage({ buses, ...kept, adjust: adjusted, beside });
  try {
    if (filledIn(stage.folder) === undefined) checkDisk(bench, stage.folder, rows, PAST_DAYS);
    const traced = benchCity(buses, stage.zone);
    const ballast = await fillPast(stage, { rows, days: PAST_DAYS, codes: buses - TRACED_BUSES });
    const span = [Math.min(...ballast.days), Math.max(...ballast.days)] as const;
    const vault = await installVault(stage, span[0]);
    const filled = await sealPast(stage, await writeTraced(stage, ballast, traced, vault.sealedDays));
    const { buses: tracedBuses = 0, ridersABus = 0, rides = 0 } = filled.traced ?? {};
    let { engine } = stage;
    stage.onClose(async () => engine.stop());
    return {
      stage,
      filled,
      vault,
      rows: filled.ridesADay * filled.days.length + rides,
      otherCodes: traced.codes.slice(0, buses - tracedBuses),
      span,
      phoneOf(n) {
        const which = (n * 7_919 + 13) % (tracedBuses * ridersABus);
        return riderPhone(buses - tracedBuses + Math.floor(which / ridersABus), which % ridersABus);
      },
      async cool() {
        await engine.stop();
        const dropped = dropCaches();
        engine = await startEngine({ dataDir: join(stage.folder, 'postgres'), log: silentLog });
        await healthy(stage.installation.socket);
        await healthy(vault.socket);
        return dropped;
      },
    };
  } catch (error) {
    await stage.close();
    throw error;
  }
}
