// Plays recorded rides through a running city on its simulated clock and compares every case's list with the expected
// fellow riders. It knows the city by its addresses, its message centre and two people who sign.
import { dayFromText, dayOf, dayStartMs, maskPhone, unwrap } from '@tongche/protocol';
import type { ContactView } from '@tongche/contract';
import { ConfigError, type SettableClock } from '@tongche/runtime';
import { openConsole, traceCase, type Console, type Person } from '../casework/console.ts';
import { openCaller } from '../phone/caller.ts';
import { otpInbox } from '../phone/otp-inbox.ts';
import type { PhoneWorld } from '../phone/phone.ts';
import type { ExpectedCase } from './files.ts';
import { maxCards, numberOf } from './numbers.ts';
import type { ReplayPlan } from './plan.ts';
import { hoursOf, openRiders } from './riders.ts';

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

/** Cases are raised at this hour of their last day, or later where rides of that day end later. */
const eveningHour = 23;
const hourMs = 3_600_000;

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
  const riders = openRiders(world, clock, zone, plan.rides, indexOf);
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
      await riders.settle();
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
  for (const hour of hoursOf(plan.rides)) {
    const first = hour[0];
    if (first === undefined) continue;
    await raiseCasesBefore(first.boardedMs);
    if (first.date !== day) progress(`${first.date}: ${total.rides} rides before this day`);
    day = first.date;
    await riders.play(hour);
    total.rides += hour.length;
  }
  await raiseCasesBefore(Infinity);
  await riders.settle();
  await Promise.all([
    world.registrar.close(),
    world.platform.close(),
    desk.tracer.console.close(),
    desk.approver.console.close(),
  ]);
  return total;
}
