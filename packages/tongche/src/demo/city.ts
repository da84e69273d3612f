// The city of a demonstration: everything in this process, on a clock that runs a day in a minute and is the machine's afterwards.
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from '@tongche/postgres';
import { nodeSuite } from '@tongche/protocol/node';
import { readCity } from '@tongche/network/import';
import type { CityData } from '@tongche/network';
import { ConfigError, silentLog, systemClock } from '@tongche/runtime';
import type { Clock } from '@tongche/runtime';
import { dayClock } from '@tongche/simulator';
import type { DayCity, DayClock, Person } from '@tongche/simulator';
import { composeCity } from '../compose.ts';
import type { Adjustments, Composed } from '../compose.ts';
import { databaseOf } from '../configs.ts';
import { layoutOf } from '../layout.ts';
import { checkPorts, freePorts, lanAddress, portsFrom } from '../ports.ts';
import { demoCityFiles, DEMO_ZONE } from '../provision.ts';
import { makePrivateFolder } from '../private-files.ts';
import type { DemoOptions } from './options.ts';

const minuteMs = 60_000;
/** Stop notes wait in the relay for up to twenty simulated minutes, a few moments of the demonstration. */
const relay = { minDelayMs: minuteMs, maxDelayMs: 10 * minuteMs, tickMs: 10 * minuteMs };
/** The message centre keeps the codes of every rider of a big day, and the page shows the last of them. */
const keptMessages = 2_000;
/** How often the clock is set once it is the machine's again. */
const followEveryMs = 200;
/** Hours that pass after the day pass at this speed: jobs take their turns, nobody rides. */
const nightSpeed = 40_000;

/** Browsers stay signed in while a day passes in a minute, and over the days until the clock is the machine's. */
const staffSessionMs = 14 * 24 * 60 * minuteMs;

const adjust: Adjustments = {
  registrar: (config) => ({ ...config, relay }),
  platform: (config) => ({ ...config, staffSessionMs }),
};

export interface DemoCity extends Composed {
  readonly clock: DayClock;
  /** As phones of this machine reach it, with simulated addresses of their own. */
  readonly day: DayCity;
  readonly isOnNetwork: boolean;
  person(role: 'tracer' | 'approver'): Person;
  /** Rows of the operator's ride table. */
  countRides(): Promise<number>;
}

function wireClock(): Clock {
  return systemClock((error, job) => {
    process.stderr.write(`${job}: ${error instanceof Error ? error.message : String(error)}\n`);
  });
}

/** The demonstration's city as the platform will read it: files are written when they are not there yet. */
export async function readDemoCity(folder: string): Promise<CityData> {
  const layout = layoutOf(folder);
  for (const one of [layout.data, layout.city]) makePrivateFolder(one);
  const read = await readCity(await demoCityFiles(layout));
  if (!read.ok) throw new ConfigError(`the demonstration's city cannot be read: ${read.code}`);
  return read.value.city;
}

async function whereToListen({ port, isLocal }: DemoOptions) {
  const lan = isLocal ? undefined : lanAddress();
  const bind = lan === undefined ? '127.0.0.1' : '0.0.0.0';
  const ports = port === 0 ? await freePorts('127.0.0.1') : portsFrom(port);
  await checkPorts(ports, (name) => (name === 'registrar' || name === 'platform' ? bind : '127.0.0.1'));
  return { ports, bind, host: lan ?? '127.0.0.1', isOnNetwork: lan !== undefined };
}

/** Starts everything. The clock stands at `startMs` until it is moved. */
export async function openDemoCity(folder: string, options: DemoOptions, startMs: number): Promise<DemoCity> {
  const wire = wireClock();
  const clock = dayClock(startMs, wire);
  const { ports, bind, host, isOnNetwork } = await whereToListen(options);
  const city = await composeCity({
    dataDir: folder,
    clock,
    consoleClock: wire,
    ports,
    host,
    bind,
    zone: DEMO_ZONE,
    proxies: true,
    maxMessages: keptMessages,
    adjust,
  });
  const urls = {
    registrar: `http://127.0.0.1:${ports.registrar}`,
    platform: `http://127.0.0.1:${ports.platform}`,
  };
  return {
    ...city,
    clock,
    isOnNetwork,
    day: {
      urls,
      clock,
      suite: nodeSuite,
      onMessage: (handler) => city.sink.onChange(handler),
      addDriver: (account, password) => {
        const name = { zh: `司机 ${account.slice(-3)}`, en: `Driver ${account.slice(-3)}` };
        return city.platform.putStaff({ account, role: 'driver', name, password, demo: true });
      },
    },
    person(role) {
      const account = city.accounts.casework.find((one) => one.role === role);
      if (account === undefined) throw new Error(`the city has no ${role}`);
      return { account: account.person, password: account.password, signer: city.signers[role] };
    },
    async countRides() {
      const url = city.engine.adminUrl(databaseOf('platform'));
      const db = connect({ url, max: 1, name: 'demo', log: silentLog });
      try {
        const [row] = await db.query<{ rides: number }>('select count(*)::int as rides from ride');
        return row?.rides ?? 0;
      } finally {
        await db.end();
      }
    },
  };
}

/** Lets the hours after the day pass until the clock is the machine's, and keeps it there until the signal. */
export async function followRealTime(clock: DayClock, signal: AbortSignal): Promise<void> {
  const hourMs = 60 * minuteMs;
  clock.setSpeed(nightSpeed);
  while (!signal.aborted && Date.now() - clock.now() > hourMs) await clock.advance(hourMs);
  clock.setSpeed(1);
  while (!signal.aborted) {
    if (Date.now() > clock.now()) await clock.advanceTo(Date.now());
    await wait(followEveryMs);
  }
}
