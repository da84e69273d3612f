// `demo`: a day of the demonstration city in a minute, with thousands of phones on the real interfaces, one case at noon, and a
// short report; afterwards the city goes on for whoever wants to look around.
import { dayOf, dayText } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { serviceStartMs, weekdayOf } from '@tongche/network';
import { LIVE_ACCOUNT, planDay, simulateDay } from '@tongche/simulator';
import type { DayPlan } from '@tongche/simulator';
import type { Context } from '../arguments.ts';
import { PLATFORM_STAFF } from '../demo-people.ts';
import { followRealTime, openDemoCity, readDemoCity } from '../demo/city.ts';
import type { DemoCity } from '../demo/city.ts';
import { makeFolder, removeFolder, removeOrphans } from '../demo/folder.ts';
import { demoOptions } from '../demo/options.ts';
import type { DemoOptions } from '../demo/options.ts';
import { gradeLines, isGood, reportLines } from '../demo/report.ts';
import type { DemoReport } from '../demo/report.ts';
import { openScreen, welcomeLines } from '../demo/screen.ts';
import type { Screen } from '../demo/screen.ts';
import { openCaseDesk } from '../demo/the-case.ts';
import type { CaseDesk, CaseOutcome } from '../demo/the-case.ts';
import { DEMO_ZONE } from '../provision.ts';

const hourMs = 3_600_000;
/** Phones enrol on the evening before; the city stands from then on. */
const eveningBeforeMs = 3 * hourMs;
/** A quarter past noon: the morning's notes have left the relay. */
const caseHour = 12.25;
/** While people sign, the day goes this much faster than life, no more. */
const caseSpeed = 20;
const saturday = 6;

/** The last working day that is over, so that the city's clock can become the machine's afterwards. */
function lastWorkday(nowMs: number): number {
  let day = dayOf(nowMs, DEMO_ZONE) - 1;
  while (weekdayOf(day) === 0 || weekdayOf(day) >= saturday) day -= 1;
  return day;
}

function round(ms: number): number {
  return Math.round(ms / 100) / 10;
}

function keeper() {
  const account = PLATFORM_STAFF.find((one) => one.account === LIVE_ACCOUNT);
  if (account === undefined) throw new Error(`the demonstration has no account ${LIVE_ACCOUNT}`);
  return { account: account.account, password: account.password };
}

interface Stage {
  readonly options: DemoOptions;
  readonly plan: DayPlan;
  readonly city: DemoCity;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  readonly beganMs: number;
}

function busOf(plan: DayPlan, labels: ReadonlyMap<string, string>) {
  const unitId = plan.shifts.find(({ account }) => account === LIVE_ACCOUNT)?.unitId ?? '';
  return { code8: plan.units.get(unitId)?.code8 ?? '', label: labels.get(unitId) ?? unitId };
}

/** The whole day with its case. */
async function runDay(stage: Stage, desk: CaseDesk): Promise<DemoReport> {
  const { options, plan, city, screen, signal, beganMs } = stage;
  const startedMs = performance.now();
  let outcome: CaseOutcome | undefined;
  const noon = {
    atMs: serviceStartMs(plan.day, DEMO_ZONE) + caseHour * hourMs,
    speed: caseSpeed,
    async run() {
      screen.line('  12:15 a rider falls ill: entered by the tracer, signed by tracer and approver …');
      outcome = await desk.run();
      for (const line of gradeLines(outcome.grade)) screen.line(`        ${line}`);
      screen.line(
        `        list after ${outcome.enterToListMs} ms, ${outcome.delivered} of ${outcome.messages} told after ${outcome.listToSentMs} ms more; the day goes on`,
      );
    },
  };
  const result = await simulateDay({
    city: city.day,
    plan,
    speed: options.speed,
    keeper: keeper(),
    interludes: [noon],
    signal,
    onProgress: (progress) => screen.progress(progress),
  });
  if (outcome === undefined) throw new Error('the day ended before its case');
  const { statistics } = result;
  return {
    date: dayText(plan.day),
    riders: options.riders,
    seed: options.seed,
    plannedRides: plan.rides.length,
    statistics,
    stored: await city.countRides(),
    expectedStored: statistics.acknowledged - statistics.undone,
    theCase: outcome,
    later: await desk.later(outcome),
    phases: {
      startS: round(startedMs - beganMs),
      enrolS: round(result.enrolMs),
      dayS: round(result.dayMs),
      totalS: round(performance.now() - beganMs),
    },
  };
}

async function play(stage: Stage): Promise<DemoReport> {
  const { city, plan } = stage;
  const desk = await openCaseDesk({
    origin: city.urls.casework,
    plan,
    clock: city.clock,
    tracer: city.person('tracer'),
    approver: city.person('approver'),
    random: (length) => nodeSuite.randomBytes(length),
  });
  try {
    return await runDay(stage, desk);
  } finally {
    await desk.close();
  }
}

async function run(options: DemoOptions, screen: Screen, signal: AbortSignal, isTerminal: boolean): Promise<void> {
  const beganMs = performance.now();
  const orphans = removeOrphans();
  if (orphans > 0) screen.line('Removed what a killed demonstration left.');
  const folder = makeFolder();
  let city: DemoCity | undefined;
  try {
    screen.line('Starting the city …');
    const data = await readDemoCity(folder);
    const plan = planDay(data, lastWorkday(Date.now()), { seed: options.seed, riders: options.riders });
    city = await openDemoCity(folder, options, serviceStartMs(plan.day, DEMO_ZONE) - eveningBeforeMs);
    signal.throwIfAborted();
    const labels = new Map(data.units.map(({ unitId, label }) => [unitId, `${label.zh} · ${label.en}`]));
    screen.lines(welcomeLines(city, busOf(plan, labels), options, isTerminal));
    const report = await play({ options, plan, city, screen, signal, beganMs });
    screen.lines(reportLines(report, plan));
    if (options.isJson) process.stdout.write(`${JSON.stringify({ demo: 'day', good: isGood(report), ...report })}\n`);
    if (!isGood(report)) process.exitCode = 1;
    if (options.isOnce) return;
    screen.line('');
    screen.line('The city goes on, its clock is yours now. Ctrl-C ends it and removes its data.');
    await followRealTime(city.clock, signal);
  } finally {
    await city?.close();
    removeFolder(folder);
  }
}

export async function demo(context: Context, args: readonly string[]): Promise<void> {
  const options = demoOptions(args);
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort());
  const out = options.isJson ? process.stderr : process.stdout;
  const screen = openScreen(out, DEMO_ZONE);
  // A pipe that ends must not keep the data from being removed.
  const alive = setInterval(() => {}, hourMs);
  try {
    await run(options, screen, interruption.signal, context.isTerminal && !options.isJson);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
  } finally {
    clearInterval(alive);
  }
  if (interruption.signal.aborted) screen.line('Stopped; the data of this demonstration is removed.');
}
