// What rides cost on disk and whether it matters how many there are: days filled in the order of arrival, bytes before and
// after they are sealed, the intake at a million rides and when full, and both ways of finding rides, cold and warm.
// Run: npm run bench -- storage [--rows 50000000] [--days 25] [--seconds 12] [--buses 2000] [--folder PATH]
import { tmpdir } from 'node:os';
import { matchTags, rewriteDay, ridesOfSpans } from '@tongche/platform';
import { connect, startEngine } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import { dayStartMs, MINUTE_MS, unwrap, uuidFromText } from '@tongche/protocol';
import { silentLog } from '@tongche/runtime';
import { checkDisk } from './kit/filled.ts';
import { startGenerator } from './kit/generator.ts';
import { filesOfARunningServer } from './kit/log-files.ts';
import { machine } from './kit/machine.ts';
import { fillDays, madeTag, platformDatabase, rideBytes } from './kit/made-rides.ts';
import { describe, measure, round } from './kit/measure.ts';
import type { Measured } from './kit/measure.ts';
import { readOptions, runBench } from './kit/options.ts';
import { openStage } from './kit/stage.ts';
import type { Stage } from './kit/stage.ts';
import { sliceMs } from './load/messages.ts';

const firstRows = 1_000_000;
/** Today is made up to about now: the stage's zone is one where it is noon. */
const noonMinute = 690;
/** A process reads each vehicle's day at its first ride; what is measured comes after that. */
const warmUpMs = 30_000;
const ridesASecond = 20_000;
const connections = 192;
const looks = 20;
const tagsOfCase = 14;
const manyRides = 1_000_000;
const hourMs = 60 * MINUTE_MS;

interface Intake extends Measured {
  /** How long a process that has just started reads what it has to know, until it takes half of what it will take. */
  readonly readyAfterMs: number;
}

async function intake(stage: Stage, seconds: number, name: string): Promise<Intake> {
  await stage.renewPlatform();
  const measureMs = seconds * 1000;
  const generator = await startGenerator(stage.setup(((warmUpMs + measureMs) / 1000) * ridesASecond));
  const seen = await measure(stage, generator, { kind: 'closed', connections, warmUpMs, measureMs });
  await generator.close();
  const halfASlice = (seen.ridesPerSecond * sliceMs) / 2_000;
  const readyAfterMs = seen.raw.slices.findIndex(({ registered }) => registered >= halfASlice) * sliceMs;
  console.log(`${describe(name, seen)}; half of it after ${readyAfterMs / 1000} s`);
  return { ...seen, readyAfterMs };
}

interface Times {
  readonly p50Ms: number;
  readonly maxMs: number;
  readonly rides: number;
}

async function timed(look: (n: number) => Promise<number>): Promise<Times> {
  const times: number[] = [];
  let rides = 0;
  for (let n = 0; n < looks; n += 1) {
    const beganMs = performance.now();
    rides += await look(n);
    times.push(performance.now() - beganMs);
  }
  times.sort((a, b) => a - b);
  return { p50Ms: round(times[looks / 2] ?? 0), maxMs: round(times.at(-1) ?? 0), rides: Math.round(rides / looks) };
}

interface Past {
  readonly days: readonly number[];
  readonly ridesADay: number;
  readonly zone: string;
  readonly buses: number;
}

/** Numbers that jump about, the same every time. */
const spread = (n: number, below: number): number => (n * 7_919 + 13) % below;

/** A case: its 14 tags, each on a day of its own. */
async function tagsLook(db: Database, { days, ridesADay, zone }: Past, n: number): Promise<number> {
  let found = 0;
  for (let k = 0; k < tagsOfCase; k += 1) {
    const day = days[k % days.length] ?? 0;
    const tag = unwrap(uuidFromText(madeTag(day, spread(n * tagsOfCase + k, ridesADay))));
    found += (await matchTags(db, tag, dayStartMs(day, zone), dayStartMs(day + 1, zone) - 1, manyRides)).length;
  }
  return found;
}

/** Everybody on one vehicle in three hours. */
async function spanLook(db: Database, { days, zone, buses }: Past, n: number): Promise<number> {
  const fromMs = dayStartMs(days[n % days.length] ?? 0, zone) + 8 * hourMs;
  const span = { codeId: 1 + spread(n, buses), fromMs, toMs: fromMs + 3 * hourMs };
  return (await ridesOfSpans(db, [span], manyRides)).length;
}

/** The engine is started anew, so that its own buffers are empty; the machine's cache of files is not. */
async function timeLooks(stage: Stage, past: Past) {
  await stage.stopPlatform();
  await stage.engine.stop();
  const engine = await startEngine({ dataDir: stage.dataDir, log: silentLog });
  stage.onClose(() => engine.stop());
  const db = connect({ url: engine.adminUrl('tongche_platform'), max: 1, name: 'looks', log: silentLog });
  try {
    const tags = (n: number) => tagsLook(db, past, n);
    const span = (n: number) => spanLook(db, past, n);
    const [tagsCold, spanCold] = [await timed(tags), await timed(span)];
    return { tagsCold, tagsWarm: await timed(tags), spanCold, spanWarm: await timed(span) };
  } finally {
    await db.end();
  }
}

async function sealAll(stage: Stage, days: readonly number[]) {
  const db = platformDatabase(stage, 2);
  const beganMs = performance.now();
  let longestLockMs = 0;
  for (const day of days) {
    const done = await rewriteDay(db, day);
    if (done === undefined) throw new Error('somebody else is sealing');
    longestLockMs = Math.max(longestLockMs, done.lockedMs);
  }
  await db.end();
  return { ms: Math.round(performance.now() - beganMs), longestLockMs };
}

/** The days filled so far, and the intake on the way. */
async function fill(stage: Stage, options: { rows: number; days: number; seconds: number; buses: number }) {
  const { day: today } = stage.setup(0);
  const ridesADay = Math.floor(options.rows / options.days);
  const past = Array.from({ length: options.days - 1 }, (_, n) => today - 1 - n);
  const first = Math.min(firstRows, Math.floor(options.rows / 2));
  const early = Math.min(first, Math.floor(ridesADay / 2));
  const ofToday = { day: today, rides: ridesADay, untilMinute: noonMinute };
  const whole = (day: number) => ({ day, from: 0, to: ridesADay, rides: ridesADay });
  const before = past.slice(0, Math.max(1, Math.round((first - early) / ridesADay)));
  await fillDays(stage, options.buses, [{ ...ofToday, from: 0, to: early }, ...before.map(whole)]);
  const few = await intake(stage, options.seconds, `${early + before.length * ridesADay} rides`);
  const rest = past.slice(before.length).map(whole);
  const filledPerSecond = await fillDays(stage, options.buses, [{ ...ofToday, from: early, to: ridesADay }, ...rest]);
  console.log(`filled at ${filledPerSecond} rides/s`);
  const full = await intake(stage, options.seconds, `${ridesADay * options.days} rides`);
  return { few, full, filledPerSecond, past, ridesADay };
}

await runBench(async () => {
  const options = readOptions('storage', process.argv.slice(2), {
    rows: { default: 50_000_000, min: 10_000, max: 500_000_000 },
    days: { default: 25, min: 2, max: 27 },
    seconds: { default: 12, min: 1, max: 600 },
    buses: { default: 2_000, min: 1, max: 20_000 },
    folder: 'path',
  });
  checkDisk('storage', options.folder ?? tmpdir(), options.rows, options.days);
  const stage = await openStage({
    buses: options.buses,
    parent: options.folder,
    logFiles: filesOfARunningServer,
  });
  try {
    const { few, full, filledPerSecond, past, ridesADay } = await fill(stage, options);
    const db = stage.look();
    const hot = await rideBytes(db, past);
    console.log(`bytes a ride as they came: ${JSON.stringify(hot)}`);
    const sealing = await sealAll(stage, past);
    const sealed = await rideBytes(db, past);
    await db.end();
    console.log(
      `sealed: ${JSON.stringify(sealed)}; ${sealing.ms} ms, a day locked for ${sealing.longestLockMs} ms at most`,
    );
    const versions = machine(stage.folder, stage.engine.version);
    const found = await timeLooks(stage, { days: past, ridesADay, zone: stage.zone, buses: options.buses });
    console.log(`rides found, the engine's own buffers empty (cold) and again (warm): ${JSON.stringify(found)}`);
    const figures = ({
      readyAfterMs,
      ridesPerSecond,
      p50Ms,
      p99Ms,
      nodeCpuMicros,
      postgresCpuMicros,
      errors,
    }: Intake) => ({
      readyAfterMs,
      ridesPerSecond,
      p50Ms,
      p99Ms,
      nodeCpuMicros,
      postgresCpuMicros,
      errors,
    });
    console.log(
      JSON.stringify({
        bench: 'storage',
        rows: ridesADay * options.days,
        days: options.days,
        bytesHot: hot.all,
        bytesSealed: sealed.all,
        hot,
        sealed,
        intakeAt1M: figures(few),
        intakeFull: figures(full),
        filledPerSecond,
        sealMs: sealing.ms,
        lockedMs: sealing.longestLockMs,
        ...found,
        machine: versions,
      }),
    );
    if (sealed.rows !== hot.rows) process.exitCode = 1;
  } finally {
    await stage.close();
  }
});
