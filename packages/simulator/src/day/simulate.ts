// Plays a planned day through a running city, over the interfaces phones and staff pages use. The clock goes as fast as asked,
// and never so fast that answers fall behind: whoever scans at 08:00 has the answer before it is 08:02.
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { dayOf } from '@tongche/protocol';
import type { Suite } from '@tongche/protocol';
import { openCaller } from '../phone/caller.ts';
import { otpInbox } from '../phone/otp-inbox.ts';
import type { PhoneWorld } from '../phone/phone.ts';
import { workOfCards } from '../replay/card-work.ts';
import type { CardWork } from '../replay/card-work.ts';
import { addressOf } from '../replay/numbers.ts';
import type { DayClock } from './clock.ts';
import { openCrew, StaffRefused } from './crew.ts';
import type { Crew } from './crew.ts';
import { minutesOf } from './events.ts';
import type { DayEvent } from './events.ts';
import type { DayPlan } from './model.ts';
import { MAX_RIDERS } from './people.ts';
import { openPhones, refusedCode } from './phones.ts';
import type { Phones } from './phones.ts';
import { openTally } from './statistics.ts';
import type { DayStatistics, Tally } from './statistics.ts';

const minuteMs = 60_000;
/** Simulated time an answer may take before the clock waits for it. Beyond three minutes a ride would count as late. */
const maxAnswerMs = 2 * minuteMs;
/** Enrolments at a time before the day, and simulated time that passes with each batch: the city's own limit is 3,000 a minute. */
const enrolAtOnce = 32;
const enrolBatch = 256;
const enrolBatchMs = 10_000;
const enrolSpeed = 60;
/** A minute never takes less real time than this part of what it should: a clock that was held up does not race. */
const leastPart = 0.6;
/** How soon a slow minute notices that its interlude is over. */
const longestWaitMs = 50;
/** Passwords are slow to hash on purpose; many at once would leave no thread for anything else. */
const accountsAtOnce = 2;
const progressEveryMs = 1_000;
const nobody: ReadonlySet<string> = new Set();

export interface DayCity {
  readonly urls: { readonly registrar: string; readonly platform: string };
  readonly clock: DayClock;
  readonly suite: Suite;
  readonly onMessage: (handler: (message: { to: string; text: string }) => void) => () => void;
  /** Opens a driver's account. */
  readonly addDriver: (account: string, password: string) => Promise<void>;
}

/** Something that happens beside the rides; the day goes at `speed` while it lasts. */
export interface Interlude {
  readonly atMs: number;
  readonly speed: number;
  run(): Promise<void>;
}

export interface Progress {
  readonly nowMs: number;
  readonly phase: 'enrolling' | 'riding';
  readonly statistics: DayStatistics;
  /** Acknowledged records a real second, lately. */
  readonly perS: number;
}

export interface SimulateOptions {
  readonly city: DayCity;
  readonly plan: DayPlan;
  /** Simulated milliseconds of one real one; as fast as answers come when absent. */
  readonly speed?: number;
  /** An account that is there already, with its password: its driver keeps the vehicle at the end. */
  readonly keeper?: { readonly account: string; readonly password: string };
  readonly interludes?: readonly Interlude[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface DayResult {
  readonly statistics: DayStatistics;
  readonly enrolMs: number;
  readonly dayMs: number;
}

async function openWorld({ city, plan }: SimulateOptions, tally: Tally) {
  const inbox = otpInbox();
  const stopListening = city.onMessage((message) => inbox.receive(message));
  const registrar = openCaller(city.urls.registrar);
  const platform = openCaller(city.urls.platform);
  const consent = (await registrar.call('GET', '/consent')).body as { readonly version: number };
  const world: PhoneWorld = {
    suite: city.suite,
    consentVersion: consent.version,
    registrar: tally.watched(registrar),
    platform: tally.watched(platform, '/v1/rides'),
    now: () => city.clock.now(),
    dayOf: (ms) => dayOf(ms, plan.zone),
    keepsDay: (day) => day === plan.day || day === plan.day + 1,
    otpFor: (digits, ask) => inbox.otpFor(digits, ask),
  };
  async function close(): Promise<void> {
    stopListening();
    await Promise.all([registrar.close(), platform.close()]);
  }
  return { world, close };
}

/** Refusals and faults of one person end that person's errand, not the day. */
function errands(tally: Tally, work: CardWork) {
  async function guarded(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      const code = error instanceof StaffRefused ? error.code : refusedCode(error);
      if (code === undefined) tally.fault(error);
      else tally.refused(code);
    }
  }
  return (card: string, sinceMs: number, run: () => Promise<void>): void => work.add(card, sinceMs, () => guarded(run));
}

/** What is done at a vehicle's wheel is done in its order, also where a colleague takes over: nobody is registered before the sign-in. */
const atWheel = (unitId: string): string => `wheel of ${unitId}`;

function begin(event: DayEvent, crew: Crew, phones: Phones, plan: DayPlan, tally: Tally) {
  switch (event.kind) {
    case 'sign-in': {
      const { shift } = event;
      return {
        card: atWheel(shift.unitId),
        run: async () => {
          await crew.begin(shift);
          await phones.crewScan(shift);
        },
      };
    }
    case 'sign-off':
      return { card: atWheel(event.shift.unitId), run: () => crew.end(event.shift) };
    case 'trip':
      return { card: atWheel(event.shift.unitId), run: () => crew.startTrip(event.shift, event.trip) };
    case 'trip-end':
      return { card: atWheel(event.shift.unitId), run: () => crew.endTrip(event.shift) };
    case 'leave':
      return { card: String(event.ride.riderId), run: () => phones.leave(event.ride) };
    case 'ride': {
      const { ride } = event;
      const { registration } = ride;
      const rider = plan.riders[ride.riderId];
      const run = async (): Promise<void> => {
        if (registration.kind === 'scan') return phones.scan(ride, registration);
        if (registration.kind !== 'assisted' || rider?.kind !== 'assisted') return;
        await crew.register(rider, ride, registration.party);
        tally.counts.acknowledged += 1;
        tally.counts.assisted += 1;
        tally.counts.heads += 1 + registration.party;
      };
      return { card: registration.kind === 'assisted' ? atWheel(ride.unitId) : String(ride.riderId), run };
    }
    default:
      throw new Error(`unknown event ${String(event satisfies never)}`);
  }
}

/** Tells how the day goes, at most once a real second. */
function reporter({ city, onProgress }: SimulateOptions, tally: Tally) {
  let beforeMs = performance.now();
  let before = 0;
  return (phase: Progress['phase']): void => {
    const nowMs = performance.now();
    if (onProgress === undefined || nowMs - beforeMs < progressEveryMs) return;
    const statistics = tally.read();
    const done = phase === 'enrolling' ? statistics.enrolled : statistics.acknowledged;
    const perS = Math.max(0, Math.round(((done - before) * 1_000) / (nowMs - beforeMs)));
    [beforeMs, before] = [nowMs, done];
    onProgress({ nowMs: city.clock.now(), phase, statistics, perS });
  };
}

async function enrolAll(options: SimulateOptions, phones: Phones, tell: (phase: 'enrolling') => void): Promise<void> {
  const { plan, city, signal } = options;
  const waiting = plan.riders.filter((rider) => rider.kind === 'phone' && !rider.isFirstTime).values();
  let enrolled = 0;
  let moving = Promise.resolve();
  async function desk(): Promise<void> {
    for (const { riderId } of waiting) {
      signal?.throwIfAborted();
      await phones.enrol(riderId);
      enrolled += 1;
      tell('enrolling');
      if (enrolled % enrolBatch === 0) moving = moving.then(() => city.clock.advance(enrolBatchMs));
      await moving;
    }
  }
  city.clock.setSpeed(enrolSpeed);
  await Promise.all(Array.from({ length: enrolAtOnce }, desk));
}

/** Accounts of all drivers but the one that is there already, each with a password of its own. */
async function openAccounts({ city, plan, keeper }: SimulateOptions): Promise<ReadonlyMap<string, string>> {
  const passwords = new Map(keeper === undefined ? [] : [[keeper.account, keeper.password]]);
  const accounts = [...new Set(plan.shifts.map(({ account }) => account))]
    .filter((one) => !passwords.has(one))
    .values();
  async function desk(): Promise<void> {
    for (const account of accounts) {
      const password = Buffer.from(city.suite.randomBytes(12)).toString('base64url');
      passwords.set(account, password);
      await city.addDriver(account, password);
    }
  }
  await Promise.all(Array.from({ length: accountsAtOnce }, desk));
  return passwords;
}

async function playMinutes(options: SimulateOptions, crew: Crew, phones: Phones, tally: Tally, tell: () => void) {
  const { plan, city, signal, speed = Infinity, keeper } = options;
  const { clock } = city;
  const work = workOfCards();
  const send = errands(tally, work);
  const interludes = (options.interludes ?? []).toSorted((a, b) => a.atMs - b.atMs);
  let slow: Interlude | undefined;
  const under: Promise<void>[] = [];

  function startInterludes(atMs: number): void {
    for (let next = interludes[0]; next !== undefined && next.atMs <= atMs; next = interludes[0]) {
      const interlude = next;
      interludes.shift();
      slow = interlude;
      clock.setSpeed(interlude.speed);
      const done = interlude.run().finally(() => {
        if (slow !== interlude) return;
        slow = undefined;
        clock.setSpeed(Number.isFinite(speed) ? speed : minuteMs);
      });
      // A fault is thrown at the end of the day; until then it must not count as unhandled.
      done.catch(() => {});
      under.push(done);
    }
  }

  clock.setSpeed(Number.isFinite(speed) ? speed : minuteMs);
  let dueMs = performance.now();
  for (const minute of minutesOf(plan, keeper?.account)) {
    signal?.throwIfAborted();
    startInterludes(minute.atMs);
    const stepMs = minuteMs / (slow?.speed ?? speed);
    const earliestMs = performance.now() + stepMs * leastPart;
    dueMs = Math.max(dueMs + stepMs, earliestMs);
    const during = slow;
    await untilReal(dueMs, () => slow !== during, signal);
    await work.wait(nobody, minute.atMs - maxAnswerMs);
    if (minute.atMs > clock.now()) await clock.advanceTo(minute.atMs);
    for (const event of minute.events) {
      const { card, run } = begin(event, crew, phones, plan, tally);
      send(card, minute.atMs, run);
    }
    tell();
  }
  await work.settle();
  await Promise.all(under);
}

/** Waits until a real moment; in an interlude's slow minutes, only until the interlude is over. */
async function untilReal(dueMs: number, isOver: () => boolean, signal: AbortSignal | undefined): Promise<void> {
  while (performance.now() < dueMs && !isOver()) {
    signal?.throwIfAborted();
    await wait(Math.min(longestWaitMs, Math.max(0, dueMs - performance.now())));
  }
}

/**
 * Enrols the riders, then plays the day. The city's clock must stand before the plan's day, on a day whose wallets reach it, and
 * stands behind the day afterwards. Throws what an interlude throws, and the signal's reason when it is aborted.
 */
export async function simulateDay(options: SimulateOptions): Promise<DayResult> {
  const { plan, city } = options;
  const tally = openTally();
  const { world, close } = await openWorld(options, tally);
  const tell = reporter(options, tally);
  try {
    const phones = openPhones(world, plan, tally);
    const beganMs = performance.now();
    const [passwords] = await Promise.all([openAccounts(options), enrolAll(options, phones, tell)]);
    const enrolledMs = performance.now();
    const crew = openCrew({
      world,
      units: plan.units,
      tally,
      passwordOf: (account) => passwords.get(account) ?? '',
      addressOf: (shiftNo) => addressOf(MAX_RIDERS + shiftNo),
    });
    city.clock.setSpeed(minuteMs);
    if (plan.fromMs > city.clock.now()) await city.clock.advanceTo(plan.fromMs);
    await playMinutes(options, crew, phones, tally, () => tell('riding'));
    return { statistics: tally.read(), enrolMs: enrolledMs - beganMs, dayMs: performance.now() - enrolledMs };
  } finally {
    await close();
  }
}
