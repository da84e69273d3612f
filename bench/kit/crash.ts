// Kills the platform, PostgreSQL's postmaster, one of its processes or the whole process group at random moments, now and
// then once more while it comes back, and lets phones send again whatever was not acknowledged; then looks for every
// acknowledged ride, for the days' partitions and for what the roll had to destroy.
import { setTimeout as wait } from 'node:timers/promises';
import { TAG_BYTES } from '@tongche/protocol';
import { compare, daysKept, expiredDayIsGone, plantExpiredDay, seesPlanted } from './crash-checks.ts';
import type { Comparison } from './crash-checks.ts';
import { startGenerator } from './generator.ts';
import type { Generator } from './generator.ts';
import { hosted } from './hosted.ts';
import type { Hosted } from './hosted.ts';
import { childrenOf, kill, titleOf } from './processes.ts';
import { healthyOn, openStage } from './stage.ts';
import type { Stage } from './stage.ts';

const TARGETS = ['platform', 'postmaster', 'backend', 'group'] as const;
export type Target = (typeof TARGETS)[number];

export interface CrashOptions {
  readonly rounds: number;
  /** The same seed kills in the same order after the same times. */
  readonly seed: number;
  readonly buses: number;
  readonly phones: number;
  /** Each in turn, every cycle in another order. All when absent. */
  readonly targets?: readonly Target[];
  readonly folder?: string | undefined;
  readonly print?: (line: string) => void;
}

export interface CrashOutcome extends Comparison {
  readonly rounds: number;
  readonly acknowledged: number;
  readonly retries: number;
  /** Rides answered with something no retry mends. */
  readonly refused: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly kills: Readonly<Record<Target, number>>;
  /** Second kills, while the platform was starting and rolling the day. */
  readonly killedAgain: number;
  /** Whether partitions and roll state were the same after each round. */
  readonly daysKept: boolean;
  /** Whether a day past its retention was gone after each start of the platform. */
  readonly expiredGone: boolean;
  /** Whether a row taken away and a row doubled on purpose, after all counting, were told as such. */
  readonly seesPlanted: boolean;
  /** From the kill to rides being acknowledged again. */
  readonly longestRecoveryMs: number;
}

/** From the first answer after a start to the kill. */
const [shortestLifeMs, longestLifeMs] = [150, 1_500];
/** From a kill to the second one: the time a start with its roll takes. */
const longestStartMs = 1_500;
/** A server that does not take rides again within this has not recovered. */
const recoverWithinMs = 180_000;
const drainWithinMs = 180_000;
const pollMs = 20;
/** So many times the engine's own supervision starts it again; its pauses double, so a new start follows then. */
const ownRestarts = 2;
const cutShare = 0.02;
const ridesMade = 50_000;

/** Marsaglia's xorshift: enough for choosing moments, and repeatable. */
function randomFrom(seed: number): () => number {
  // Spread over all bits: small seeds would begin alike.
  let state = Math.imul(seed, 0x9e3779b1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

interface Scene {
  readonly stage: Stage;
  readonly host: Hosted;
  readonly generator: Generator;
  readonly random: () => number;
}

/** One that works for the platform, or now and then one of the server's own. */
function someBackend(postmaster: number, random: () => number): number {
  const all = childrenOf(postmaster);
  const clients = all.filter((pid) => titleOf(pid).includes('tongche_platform'));
  const from = clients.length > 0 && random() < 0.7 ? clients : all;
  return from[Math.floor(random() * from.length)] ?? postmaster;
}

/** Resolves when more rides are acknowledged than were. */
async function registersAgain({ generator }: Scene, since: number): Promise<void> {
  const untilMs = performance.now() + recoverWithinMs;
  while ((await generator.acknowledged()) <= since) {
    if (performance.now() > untilMs) throw new Error('no ride was acknowledged within three minutes');
    await wait(pollMs);
  }
}

/** Resolves when the database takes a new connection, which one without its postmaster does not. */
async function databaseAnswers(stage: Stage): Promise<void> {
  const untilMs = performance.now() + recoverWithinMs;
  for (;;) {
    const db = stage.look();
    try {
      await db.query('select 1');
      return;
    } catch (error) {
      if (performance.now() > untilMs) throw error;
    } finally {
      await db.end();
    }
    await wait(pollMs);
  }
}

function strike(target: Target, { host, random }: Scene): void {
  const { engine, platform } = host.pids;
  switch (target) {
    case 'platform':
      kill(platform);
      return;
    case 'postmaster':
      kill(engine);
      return;
    case 'backend':
      kill(someBackend(engine, random));
      return;
    case 'group':
      host.killGroup();
      return;
    default:
      throw new Error(`unknown target ${String(target satisfies never)}`);
  }
}

/** Every target in turn, each cycle in another order. */
function targetsOf(rounds: number, targets: readonly Target[], random: () => number): readonly Target[] {
  const all: Target[] = [];
  while (all.length < rounds) {
    const cycle = [...targets];
    while (cycle.length > 0) all.push(...cycle.splice(Math.floor(random() * cycle.length), 1));
  }
  return all.slice(0, rounds);
}

async function drained(generator: Generator) {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('rides were left that nobody acknowledged')), drainWithinMs);
  });
  try {
    return await Promise.race([generator.drain(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Strikes and sees that everything comes back. Returns whether there was a second kill. */
async function crash(target: Target, scene: Scene, needsNewEngine: boolean): Promise<boolean> {
  const { stage, host, generator, random } = scene;
  const restartsPlatform = target === 'platform' || target === 'group';
  // Drawn in every round, so that the moments of a seed do not depend on the targets.
  const [again, afterMs] = [random() < 0.5, random() * longestStartMs];
  if (restartsPlatform) await plantExpiredDay(stage);
  strike(target, scene);
  if (target === 'group') await host.startAgain();
  if (needsNewEngine) await host.reopenEngine();
  if (restartsPlatform && again) {
    await wait(afterMs);
    strike('platform', scene);
  }
  // What is on its way from before the kill does not count as recovered, nor what PostgreSQL's orphans still commit.
  await healthyOn(stage.setup(0).port, stage.folder);
  await databaseAnswers(stage);
  await registersAgain(scene, await generator.acknowledged());
  return restartsPlatform && again;
}

/** Ends every process it started, by its number. Throws when the server does not come back. */
export async function crashRounds(options: CrashOptions): Promise<CrashOutcome> {
  const { rounds, buses, phones, folder, targets = TARGETS, print = () => {} } = options;
  const random = randomFrom(options.seed);
  const stage = await openStage({ buses, parent: folder });
  let generator: Generator | undefined;
  try {
    const host = await hosted(stage);
    await healthyOn(stage.setup(0).port, stage.folder);
    generator = await startGenerator(stage.setup(ridesMade));
    const scene: Scene = { stage, host, generator, random };
    const before = await daysKept(stage);
    const kills: Record<Target, number> = { platform: 0, postmaster: 0, backend: 0, group: 0 };
    let [restarts, killedAgain, longestRecoveryMs, kept, gone] = [0, 0, 0, true, true];
    generator.phones({ kind: 'phones', phones, cutShare });
    await registersAgain(scene, 0);
    for (const [round, target] of targetsOf(rounds, targets, random).entries()) {
      await wait(shortestLifeMs + random() * (longestLifeMs - shortestLifeMs));
      const struckMs = performance.now();
      restarts = target === 'group' ? 0 : restarts + (target === 'postmaster' ? 1 : 0);
      const needsNewEngine = restarts > ownRestarts;
      if (needsNewEngine) restarts = 0;
      if (await crash(target, scene, needsNewEngine)) killedAgain += 1;
      kills[target] += 1;
      const ms = Math.round(performance.now() - struckMs);
      longestRecoveryMs = Math.max(longestRecoveryMs, ms);
      kept &&= (await daysKept(stage)) === before;
      gone &&= await expiredDayIsGone(stage);
      const acknowledged = await generator.acknowledged();
      print(`${round + 1}/${rounds}: ${target} killed, well after ${ms} ms; ${acknowledged} acknowledged so far`);
    }
    const { tags, retries, refused, outcomes } = await drained(generator);
    const compared = await compare(stage, tags);
    return {
      rounds,
      acknowledged: tags.length / TAG_BYTES,
      ...compared,
      retries,
      refused,
      outcomes,
      kills,
      killedAgain,
      daysKept: kept,
      expiredGone: gone,
      seesPlanted: await seesPlanted(stage, tags),
      longestRecoveryMs,
    };
  } finally {
    await generator?.close();
    await stage.close();
  }
}
