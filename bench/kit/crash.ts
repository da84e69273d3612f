// Kills the platform, PostgreSQL's postmaster, one of its processes or all of them at random moments, while phones register
// rides and send again whatever was not acknowledged; then looks for every acknowledged ride.
import { setTimeout as wait } from 'node:timers/promises';
import { TAG_BYTES, uuidText } from '@tongche/protocol';
import { startGenerator } from './generator.ts';
import type { Generator } from './generator.ts';
import { childrenOf, titleOf } from './processes.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';

export const TARGETS = ['platform', 'postmaster', 'backend', 'everything'] as const;
export type Target = (typeof TARGETS)[number];

export interface CrashOptions {
  readonly rounds: number;
  /** The same seed kills in the same order after the same times. */
  readonly seed: number;
  readonly buses: number;
  readonly phones: number;
  readonly folder?: string | undefined;
  readonly print?: (line: string) => void;
}

export interface CrashOutcome {
  readonly rounds: number;
  readonly acknowledged: number;
  /** Acknowledged rides without a row. */
  readonly lost: number;
  /** Rows beyond the first of a ride, and rows of rides nobody made. */
  readonly duplicated: number;
  readonly retries: number;
  /** Rides answered with something no retry mends. */
  readonly refused: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly kills: Readonly<Record<Target, number>>;
  readonly partitionsKept: boolean;
  /** Whether a row taken away and a row doubled on purpose, after all counting, were told as such. */
  readonly seesPlanted: boolean;
  /** From the kill to rides being acknowledged again. */
  readonly longestRecoveryMs: number;
}

/** From the first answer after a start to the kill. */
const [shortestLifeMs, longestLifeMs] = [150, 1_500];
/** A server that does not take rides again within this has not recovered. */
const recoverWithinMs = 60_000;
const drainWithinMs = 60_000;
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

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile, which is what was wanted.
  }
}

/** One that works for the platform, or now and then one of the server's own. */
function someBackend(stage: Stage, random: () => number): number {
  const all = childrenOf(stage.engine.pid);
  const clients = all.filter((pid) => titleOf(pid).includes('tongche_platform'));
  const from = clients.length > 0 && random() < 0.7 ? clients : all;
  return from[Math.floor(random() * from.length)] ?? stage.engine.pid;
}

interface Scene {
  readonly stage: Stage;
  readonly generator: Generator;
  readonly random: () => number;
}

/** Resolves when more rides are acknowledged than were. */
async function registersAgain({ generator }: Scene, since: number): Promise<void> {
  const untilMs = performance.now() + recoverWithinMs;
  while ((await generator.acknowledged()) <= since) {
    if (performance.now() > untilMs) throw new Error('no ride was acknowledged within a minute');
    await wait(pollMs);
  }
}

function strike(target: Target, { stage, random }: Scene): void {
  const { pid } = stage.engine;
  switch (target) {
    case 'platform':
      kill(stage.platformPid);
      return;
    case 'postmaster':
      kill(pid);
      return;
    case 'backend':
      kill(someBackend(stage, random));
      return;
    case 'everything':
      for (const one of [stage.platformPid, pid, ...childrenOf(pid)]) kill(one);
      return;
    default:
      throw new Error(`unknown target ${String(target satisfies never)}`);
  }
}

/** Every target in turn, each cycle in another order. */
function targetsOf(rounds: number, random: () => number): readonly Target[] {
  const all: Target[] = [];
  while (all.length < rounds) {
    const cycle = [...TARGETS];
    while (cycle.length > 0) all.push(...cycle.splice(Math.floor(random() * cycle.length), 1));
  }
  return all.slice(0, rounds);
}

async function partitions(stage: Stage): Promise<string> {
  const db = stage.look();
  const rows = await db.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'ride'::regclass order by 1`,
  );
  await db.end();
  return rows.map(({ name }) => name).join(' ');
}

const fetchRows = 100_000;

/** What is stored against what was acknowledged, tag by tag. */
async function compare(stage: Stage, tags: Uint8Array): Promise<Pick<CrashOutcome, 'lost' | 'duplicated'>> {
  const bytes = Buffer.from(tags.buffer, tags.byteOffset, tags.length);
  const missing = new Set<string>();
  for (let at = 0; at < bytes.length; at += TAG_BYTES) {
    missing.add(bytes.toString('hex', at, at + TAG_BYTES));
  }
  let duplicated = 0;
  const db = stage.look();
  await db.tx('compare', async (tx) => {
    await tx.query(`declare rides no scroll cursor for select replace(tag::text, '-', '') as tag from ride`);
    for (;;) {
      const rows = await tx.query<{ tag: string }>(`fetch ${fetchRows} from rides`);
      for (const { tag } of rows) if (!missing.delete(tag)) duplicated += 1;
      if (rows.length < fetchRows) return;
    }
  });
  await db.end();
  return { lost: missing.size, duplicated };
}

/** A comparison that could not fail would prove nothing: one row is taken away, another doubled. */
async function seesPlanted(stage: Stage, tags: Uint8Array): Promise<boolean> {
  const [gone, twice] = [tags.subarray(0, TAG_BYTES), tags.subarray(TAG_BYTES, 2 * TAG_BYTES)].map(uuidText);
  const before = await compare(stage, tags);
  const db = stage.look();
  await db.query('delete from ride where tag = $1', [gone]);
  await db.query(
    `insert into ride
     select (jsonb_populate_record(one, jsonb_build_object('code_id', -code_id))).* from ride one where tag = $1`,
    [twice],
  );
  await db.end();
  const after = await compare(stage, tags);
  return after.lost === before.lost + 1 && after.duplicated === before.duplicated + 1;
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

/** Ends every process it started, by its number. Throws when the server does not come back. */
export async function crashRounds(options: CrashOptions): Promise<CrashOutcome> {
  const { rounds, buses, phones, folder, print = () => {} } = options;
  const random = randomFrom(options.seed);
  const stage = await openStage({ buses, parent: folder, keepRunning: true });
  let generator: Generator | undefined;
  try {
    generator = await startGenerator(stage.setup(ridesMade));
    const scene: Scene = { stage, generator, random };
    const before = await partitions(stage);
    const kills: Record<Target, number> = { platform: 0, postmaster: 0, backend: 0, everything: 0 };
    let restarts = 0;
    let longestRecoveryMs = 0;
    generator.phones({ kind: 'phones', phones, cutShare });
    await registersAgain(scene, 0);
    for (const [round, target] of targetsOf(rounds, random).entries()) {
      await wait(shortestLifeMs + random() * (longestLifeMs - shortestLifeMs));
      const struckMs = performance.now();
      strike(target, scene);
      kills[target] += 1;
      if (target === 'postmaster') restarts += 1;
      if (target === 'everything' || restarts > ownRestarts) {
        await stage.reopenEngine();
        restarts = 0;
      }
      // What is on its way from before the kill does not count as recovered.
      await stage.healthy();
      await registersAgain(scene, await generator.acknowledged());
      const ms = Math.round(performance.now() - struckMs);
      longestRecoveryMs = Math.max(longestRecoveryMs, ms);
      const acknowledged = await generator.acknowledged();
      print(`${round + 1}/${rounds}: ${target} killed, well after ${ms} ms; ${acknowledged} acknowledged so far`);
    }
    const { tags, retries, refused, outcomes } = await drained(generator);
    const partitionsKept = before !== '' && (await partitions(stage)) === before;
    const compared = await compare(stage, tags);
    return {
      rounds,
      acknowledged: tags.length / TAG_BYTES,
      ...compared,
      retries,
      refused,
      outcomes,
      kills,
      partitionsKept,
      seesPlanted: await seesPlanted(stage, tags),
      longestRecoveryMs,
    };
  } finally {
    await generator?.close();
    await stage.close();
  }
}
