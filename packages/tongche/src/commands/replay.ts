// `replay`: recorded rides through a whole city in this process, on a simulated clock, graded against what they should give.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { removeData } from '@tongche/postgres';
import { nodeSuite } from '@tongche/protocol/node';
import { coarseClock, ConfigError, settableClock } from '@tongche/runtime';
import { planReplay, readExpected, readRides, readVisits, replay, writeReplayCity } from '@tongche/simulator';
import type { Person, ReplayResult } from '@tongche/simulator';
import { composeCity } from '../compose.ts';
import type { Adjustments, Composed } from '../compose.ts';
import { DEMO_ZONE } from '../provision.ts';

/** The city stands for a while before its first ride, so that keys of that day and the day before exist. */
const leadMs = 36 * 3_600_000;
const minuteMs = 60_000;
/** Longest wait of a stop note in the relay, in simulated time; the hour of production would only move more rows at once. */
const relayMs = 20 * minuteMs;
const relayTickMs = 10 * minuteMs;
/** Limits are about abuse; a replay enrols a whole city's riders from one machine. */
const noLimit = [{ windowMs: minuteMs, max: 10_000_000 }];
/** Codes under way to the message centre: hundreds of riders enrol at one time of the machine. */
const smppWindow = 256;
/** Texts kept by the message centre: enough for the codes under way. */
const maxMessages = 10_000;

export interface ReplayFiles {
  readonly rides: string;
  readonly visits: string;
  readonly expected: string;
}

/** Files of the command line, relative to where the person stands. Throws ConfigError with one line. */
export function replayFiles(args: readonly string[], from: string): ReplayFiles {
  const usage = 'usage: npm run replay -- --rides FILE --visits FILE --expected FILE';
  let values: { readonly rides?: string; readonly visits?: string; readonly expected?: string };
  try {
    const options = { rides: { type: 'string' }, visits: { type: 'string' }, expected: { type: 'string' } } as const;
    values = parseArgs({ args: [...args], options }).values;
  } catch {
    throw new ConfigError(usage);
  }
  const { rides, visits, expected } = values;
  if (rides === undefined || visits === undefined || expected === undefined) throw new ConfigError(usage);
  return { rides: resolve(from, rides), visits: resolve(from, visits), expected: resolve(from, expected) };
}

const adjust: Adjustments = {
  registrar: (config) => ({
    ...config,
    relay: { ...config.relay, minDelayMs: 0, maxDelayMs: relayMs - relayTickMs, tickMs: relayTickMs },
    providers: config.providers.map((provider) => ({ ...provider, windowSize: smppWindow })),
    otp: { ...config.otp, perPrefix: noLimit, perNetwork: noLimit, global: noLimit },
  }),
  notifier: (config) => ({ ...config, pollMs: 60 * minuteMs }),
};

function personOf(city: Composed, role: 'tracer' | 'approver'): Person {
  const account = city.accounts.casework.find((one) => one.role === role);
  if (account === undefined) throw new Error(`the city has no ${role}`);
  return { account: account.person, password: account.password, signer: city.signers[role] };
}

/** Plays the files and grades them; `progress` gets a line now and then. The city is gone afterwards. */
export async function runReplay(files: ReplayFiles, progress: (line: string) => void): Promise<ReplayResult> {
  const [rides, visits, expected] = [
    await readRides(files.rides),
    await readVisits(files.visits),
    await readExpected(files.expected),
  ];
  const zone = DEMO_ZONE;
  const plan = planReplay(rides, visits, zone);
  const clock = coarseClock(settableClock((plan.rides[0]?.boardedMs ?? 0) - leadMs), relayTickMs);
  const folder = mkdtempSync(join(tmpdir(), 'tongche-replay-'));
  let city: Composed | undefined;
  try {
    progress(`${rides.length} rides, ${visits.length} stop visits, ${expected.length} cases; starting the city`);
    city = await composeCity({
      dataDir: folder,
      clock,
      zone,
      proxies: true,
      maxMessages,
      adjust,
      city: await writeReplayCity(join(folder, 'replay-city'), plan),
    });
    const { sink, urls } = city;
    return await replay(
      {
        urls,
        clock,
        zone,
        suite: nodeSuite,
        relayMs,
        tracer: personOf(city, 'tracer'),
        approver: personOf(city, 'approver'),
        onMessage: (handler) => void sink.onChange(handler),
      },
      plan,
      expected,
      progress,
    );
  } finally {
    await city?.close();
    removeData(join(folder, 'postgres'));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints progress on standard error and one JSON line on standard output; 1 when anything is missing or extra. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const files = replayFiles(args, process.env['TONGCHE_CALLED_FROM'] ?? process.cwd());
  const began = performance.now();
  const result = await runReplay(files, (line) => process.stderr.write(`${line}\n`));
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  process.stdout.write(`${JSON.stringify({ replay: 'fellow-riders', ...result, seconds })}\n`);
  return result.missing === 0 && result.extra === 0 ? 0 : 1;
}
