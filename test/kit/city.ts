// A whole city for a test: all processes composed in this process, on a clock that stands still, with small pages in place
// of the built ones, phones that can speak to it, and every log line kept.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CityCode, Unit } from '@tongche/network';
import { removeData } from '@tongche/postgres';
import { dayOf, decodeCode, unwrap } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { createLog, settableClock } from '@tongche/runtime';
import type { Clock, SettableClock } from '@tongche/runtime';
import { makeDemoCity, openCaller, otpInbox, writeDemoCity } from '@tongche/simulator';
import type { PhoneWorld } from '@tongche/simulator';
import { composeCity } from '@tongche/tongche';
import type { Composed, ComposeOptions } from '@tongche/tongche';

export const ZONE = 'Asia/Shanghai';
/** Friday 20 November 2026, 08:00 in Shanghai: everything runs. */
export const START_MS = Date.UTC(2026, 10, 20);
export const CITY_SEED = 4_242;
const hourMs = 3_600_000;

export interface City extends Composed {
  readonly clock: SettableClock;
  readonly dataDir: string;
  readonly world: PhoneWorld;
  readonly units: readonly Unit[];
  readonly codes: readonly CityCode[];
  /** Everything each process wrote to its log so far. */
  readonly lines: ReadonlyMap<string, readonly string[]>;
  /** The passengers' code of a unit. */
  codeOf(unitId: string): Bytes;
  /** Stops the processes and the engine; the data folder stays for a look. Calling it again is harmless. */
  stop(): Promise<void>;
  /** Stops and removes everything. */
  remove(): Promise<void>;
}

export interface CityOptions extends Omit<ComposeOptions, 'dataDir' | 'clock' | 'city' | 'log'> {
  readonly clock?: SettableClock;
  readonly startMs?: number;
  /** A folder of an earlier city, to go on with; else a new one in the temp folder. */
  readonly dataDir?: string;
}

/**
 * A settable clock on which jobs that poll every few seconds run once an hour: a month passes in seconds, and daily and
 * hourly jobs run when they would.
 */
export function coarseClock(startMs: number, leastEveryMs = hourMs): SettableClock {
  const clock = settableClock(startMs);
  const every: Clock['every'] = (name, ms, job) => clock.every(name, Math.max(ms, leastEveryMs), job);
  return { ...clock, every };
}

function writePages(folder: string): {
  readonly passenger: string;
  readonly staff: string;
  readonly operator: string;
  readonly authority: string;
} {
  const page =
    '<!doctype html><html lang="zh"><title>test</title><script type="application/json" id="settings">__SETTINGS__</script></html>';
  const folders = {
    passenger: join(folder, 'passenger'),
    staff: join(folder, 'staff'),
    operator: join(folder, 'operator'),
    authority: join(folder, 'authority'),
  };
  for (const one of Object.values(folders)) {
    mkdirSync(join(one, 'assets'), { recursive: true });
    for (const name of ['index', 'assist', 'notice']) writeFileSync(join(one, `${name}.html`), page);
    writeFileSync(join(one, 'sw.js'), '');
    writeFileSync(join(one, 'assets', 'a-0a1b2c3d.js'), '');
  }
  return folders;
}

const prefix = 'tongche-city-';
const ownerFile = 'owner';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Cities whose test process was killed: their engine runs on by itself. Only one that names the folder is ended. */
function removeOrphans(): void {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix))) {
    const dataDir = join(tmpdir(), name);
    const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
    const owner = Number.parseInt(read(join(dataDir, ownerFile)), 10);
    if (!(owner > 0) || isAlive(owner)) continue;
    const engine = Number.parseInt(read(join(dataDir, 'postgres', 'pg', 'postmaster.pid')), 10);
    if (engine > 0 && read(`/proc/${engine}/cmdline`).includes(dataDir)) process.kill(engine, 'SIGQUIT');
    removeAll(dataDir);
  }
}

export async function startCity(options: CityOptions = {}): Promise<City> {
  const { startMs = START_MS, clock = settableClock(startMs), adjust = {}, ...rest } = options;
  if (options.dataDir === undefined) removeOrphans();
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), prefix));
  writeFileSync(join(dataDir, ownerFile), String(process.pid));
  const demo = makeDemoCity({ seed: CITY_SEED });
  const files = await writeDemoCity(join(dataDir, 'demo-city'), { seed: CITY_SEED });
  const pages = writePages(join(dataDir, 'pages'));
  const lines = new Map<string, string[]>();
  const composed = await composeCity({
    engineSettings: { shared_buffers: '32MB' },
    ...rest,
    dataDir,
    clock,
    city: {
      gtfs: String(files.gtfs),
      fleet: String(files.fleet),
      codes: String(files.codes),
      vehicleRuns: String(files.vehicleRuns),
    },
    log(process) {
      const kept = lines.get(process) ?? [];
      lines.set(process, kept);
      return createLog({ process, clock, write: (line) => void kept.push(line), level: 'debug', strict: true });
    },
    adjust: {
      ...adjust,
      platform(config) {
        const paged = { ...config, pages: pages.staff, operatorPages: pages.operator };
        return adjust.platform?.(paged) ?? paged;
      },
      registrar: (config) =>
        adjust.registrar?.({ ...config, pages: pages.passenger }) ?? { ...config, pages: pages.passenger },
      casework: (config) =>
        adjust.casework?.({ ...config, pages: pages.authority }) ?? { ...config, pages: pages.authority },
    },
  }).catch((error: unknown) => {
    if (options.dataDir === undefined) removeAll(dataDir);
    throw error;
  });
  const inbox = otpInbox();
  const unsubscribe = composed.sink.onChange((message) => inbox.receive(message));
  const world: PhoneWorld = {
    suite: nodeSuite,
    consentVersion: 1,
    registrar: openCaller(composed.urls.registrar),
    platform: openCaller(composed.urls.platform),
    now: () => clock.now(),
    dayOf: (ms) => dayOf(ms, ZONE),
    otpFor: (digits, ask) => inbox.otpFor(digits, ask),
  };
  let stopped: Promise<void> | undefined;
  function stop(): Promise<void> {
    stopped ??= (async () => {
      unsubscribe();
      await Promise.all([world.registrar.close(), world.platform.close()]);
      await composed.close();
    })();
    return stopped;
  }
  return {
    ...composed,
    clock,
    dataDir,
    world,
    units: demo.parts.units,
    codes: demo.parts.codes,
    lines,
    codeOf(unitId) {
      const code = demo.parts.codes.find((one) => one.unitId === unitId && one.purpose === 'passenger');
      if (code === undefined) throw new Error(`no code for ${unitId}`);
      return unwrap(decodeCode(code.code8));
    },
    stop,
    async remove() {
      await stop();
      removeAll(dataDir);
    },
  };
}

function removeAll(dataDir: string): void {
  removeData(join(dataDir, 'postgres'));
  rmSync(dataDir, { recursive: true, force: true });
}
