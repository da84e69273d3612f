// Plays recorded rides through a running city on its simulated clock and compares every case's list with the expected
// fellow riders. It knows the city by its addresses, its message centre and two people who sign.
import { dayFromText, dayOf, dayStartMs, dayText, maskPhone, unwrap } from '@tongche/protocol';
import type { ContactView } from '@tongche/contract';
import { ConfigError, type SettableClock } from '@tongche/runtime';
import { openConsole, traceCase, type Console, type Person } from '../casework/console.ts';
import { openCaller } from '../phone/caller.ts';
import { otpInbox } from '../phone/otp-inbox.ts';
import { openPhone, type Phone, type PhoneWorld } from '../phone/phone.ts';
import type { ExpectedCase } from './files.ts';
import { addressOf, maxCards, numberOf } from './numbers.ts';
import type { PlannedRide, ReplayPlan } from './plan.ts';

export interface ReplayCity {
  readonly urls: { readonly registrar: string; readonly platform: string; readonly casework: string };
  readonly clock: SettableClock;
  readonly zone: string;
  readonly suite: PhoneWorld['suite'];
  /** Longest time a stop note waits in the relay. */
  readonly relayMs: number;
  readonly tracer: Person;
  readonly approver: Person;
  onMessage(handler: (message: { to: string; text: string }) => void): void;
}
export interface ReplayResult {
  readonly rides: number;
  readonly cases: number;
  readonly expected: number;
  readonly found: number;
  readonly missing: number;
  readonly extra: number;
}
export type Progress = (line: string) => void;

/** Phones that speak at the same time. */
const concurrency = 48;
/** Cases are raised at this hour of their last day, or later where rides of that day end later. */
const eveningHour = 23;
const hourMs = 3_600_000;
const minuteMs = 60_000;

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  async function worker(): Promise<void> {
    while (next < items.length) {
      const item = items[next];
      next += 1;
      if (item !== undefined) await work(item);
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}

/** Rides of one minute ride together: one step of the clock each, in order. A card's own rides keep their order. */
export function minutesOf(rides: readonly PlannedRide[]): readonly (readonly PlannedRide[])[] {
  const steps: PlannedRide[][] = [];
  let cards = new Set<string>();
  let minute = -1;
  for (const ride of rides) {
    const here = Math.floor(ride.boardedMs / minuteMs);
    if (here !== minute || cards.has(ride.card)) {
      steps.push([]);
      cards = new Set();
      minute = here;
    }
    cards.add(ride.card);
    steps.at(-1)?.push(ride);
  }
  return steps;
}

/** What a ride's phone does: enrol if it never rode, scan, write the stop note. */
async function ride(phone: Phone, notBeforeMs: number, planned: PlannedRide): Promise<void> {
  const scan = await phone.scan({ code: planned.code, boardedMs: planned.boardedMs });
  if (planned.stops === undefined) return;
  const { board, alight, alightMs } = planned.stops;
  // A note runs from low to high; a recorded alighting before the boarding is kept as it is, in stops.
  const minute = Math.max(0, Math.floor((Math.max(alightMs, planned.boardedMs) - notBeforeMs) / minuteMs));
  await phone.note(scan.ride, {
    basis: 'off-tap',
    boardLo: board,
    boardHi: board,
    alightLo: alight,
    alightHi: alight,
    minuteLo: minute,
    minuteHi: minute,
  });
}

/** When cases of a last day are raised: in the evening, and after the notes of that day's last ride have left the relay. */
function eveningOf(date: string, zone: string, lastBoarding: ReadonlyMap<string, number>, relayMs: number): number {
  const startMs = dayStartMs(unwrap(dayFromText(date)), zone);
  return Math.max(startMs + eveningHour * hourMs, (lastBoarding.get(date) ?? 0) + relayMs);
}

async function freshConsole(old: Console, origin: string, person: Person): Promise<Console> {
  await old.close();
  return openConsole(origin, person);
}

/** Cards of a list: the masked form of each number is its own. */
function cardsOf(contacts: readonly ContactView[], cardOfMask: ReadonlyMap<string, string>): ReadonlySet<string> {
  return new Set(contacts.map((contact) => cardOfMask.get(contact.masked) ?? `unknown ${contact.masked}`));
}

export async function replay(
  city: ReplayCity,
  plan: ReplayPlan,
  cases: readonly ExpectedCase[],
  progress: Progress = () => {},
): Promise<ReplayResult> {
  const cards = [...new Set([...plan.rides.map((each) => each.card), ...cases.map((each) => each.card)])];
  if (cards.length > maxCards)
    throw new ConfigError(`the rides name ${cards.length} cards; at most ${maxCards} can be told apart`);
  const indexOf = new Map(cards.map((card, index) => [card, index]));
  const cardOfMask = new Map(cards.map((card, index) => [maskPhone(BigInt(numberOf(index))), card]));
  const inbox = otpInbox();
  city.onMessage((message) => inbox.receive(message));
  const { clock, zone, suite } = city;
  const registrar = openCaller(city.urls.registrar);
  const consent = (await registrar.call('GET', '/consent')).body as { readonly version: number };
  const world: PhoneWorld = {
    suite,
    consentVersion: consent.version,
    registrar,
    platform: openCaller(city.urls.platform),
    now: () => clock.now(),
    dayOf: (ms) => dayOf(ms, zone),
    otpFor: (digits, ask) => inbox.otpFor(digits, ask),
  };
  const lastRide = new Map(plan.rides.map((each, index) => [each.card, index]));
  const phones = new Map<string, Phone>();
  const phoneOf = (card: string): Phone => {
    const index = indexOf.get(card) ?? 0;
    const phone = phones.get(card) ?? openPhone(world, { digits: numberOf(index), address: addressOf(index) });
    phones.set(card, phone);
    return phone;
  };
  const desk = {
    tracer: { console: await openConsole(city.urls.casework, city.tracer), signer: city.tracer.signer },
    approver: { console: await openConsole(city.urls.casework, city.approver), signer: city.approver.signer },
  };
  const waiting = [...cases].sort((a, b) => a.toDate.localeCompare(b.toDate));
  const lastBoarding = new Map(plan.rides.map((each) => [each.date, each.boardedMs]));
  const evening = (date: string) => eveningOf(date, zone, lastBoarding, city.relayMs);
  const total = { rides: 0, cases: 0, expected: 0, found: 0, missing: 0, extra: 0 };

  async function raiseCasesBefore(ms: number): Promise<void> {
    for (let next = waiting[0]; next !== undefined && evening(next.toDate) < ms; next = waiting[0]) {
      waiting.shift();
      await clock.advanceTo(Math.max(clock.now(), evening(next.toDate)));
      desk.tracer.console = await freshConsole(desk.tracer.console, city.urls.casework, city.tracer);
      desk.approver.console = await freshConsole(desk.approver.console, city.urls.casework, city.approver);
      const graded = await grade(next);
      total.cases += 1;
      for (const key of ['expected', 'found', 'missing', 'extra'] as const) total[key] += graded[key];
      progress(
        `case ${total.cases}: ${graded.expected} expected, ${graded.found} found, ${graded.missing} missing, ${graded.extra} extra`,
      );
    }
  }
  async function grade(expected: ExpectedCase) {
    const digits = numberOf(indexOf.get(expected.card) ?? 0);
    const { contacts } = await traceCase(desk.tracer, desk.approver, {
      caseNo: `REPLAY-${total.cases + 1}`,
      status: 'confirmed',
      purpose: 'trace',
      subjects: [{ kind: 'phone', value: `+${digits}` }],
      from: expected.fromDate,
      to: expected.toDate,
    });
    const listed = cardsOf(contacts, cardOfMask);
    const wanted = new Set(expected.fellowRiders);
    const found = [...listed].filter((card) => wanted.has(card)).length;
    return { expected: wanted.size, found, missing: wanted.size - found, extra: listed.size - found };
  }

  let day = '';
  for (const step of minutesOf(plan.rides)) {
    const last = Math.max(...step.map((each) => each.boardedMs));
    await raiseCasesBefore(step[0]?.boardedMs ?? last);
    if (last > clock.now()) await clock.advanceTo(last);
    await inParallel(step, async (planned) => {
      await ride(phoneOf(planned.card), dayStartMs(dayOf(planned.boardedMs, zone), zone), planned);
      total.rides += 1;
    });
    for (const each of step) if (plan.rides[lastRide.get(each.card) ?? 0] === each) phones.delete(each.card);
    const today = dayText(dayOf(last, zone));
    if (today !== day) progress(`${today}: ${total.rides} rides before this day`);
    day = today;
  }
  await raiseCasesBefore(Infinity);
  await Promise.all([
    world.registrar.close(),
    world.platform.close(),
    desk.tracer.console.close(),
    desk.approver.console.close(),
  ]);
  return total;
}
