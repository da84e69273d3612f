// The case of a demonstration: at noon somebody falls ill. It is entered, signed by two people in two roles, traced, and its
// fellow riders are told, over the console's own interface; the truth of the plan says how good the list was.
import { setTimeout as wait } from 'node:timers/promises';
import type { CaseView, ContactView } from '@tongche/contract';
import { dayText, toBase64Url } from '@tongche/protocol';
import type { Clock } from '@tongche/runtime';
import { allContacts, gradeList, maskOf, openConsole, sendMessages, traceCase } from '@tongche/simulator';
import type { Console, DayPlan, Grade, Person, Signer } from '@tongche/simulator';

export interface CaseOutcome {
  readonly caseId: string;
  readonly contacts: number;
  readonly grade: Grade;
  /** Real time from pressing "save" to the ranked list, and from the list to the last delivered message. */
  readonly enterToListMs: number;
  readonly listToSentMs: number;
  readonly messages: number;
  readonly delivered: number;
  readonly failed: number;
}

export interface CaseDesk {
  /** Enters, signs, traces, tells. */
  run(): Promise<CaseOutcome>;
  /** The list as it stands, graded again: phones that were offline have sent what they kept. */
  later(outcome: CaseOutcome): Promise<Grade>;
  close(): Promise<void>;
}

interface Desk {
  readonly console: Console;
  readonly signer: Signer;
}

const templateId = 'fellow-rider';
const batchBytes = 16;
const askEveryMs = 50;
/** Real time in which every message reaches the message centre and comes back as delivered. */
const deliveredWithinMs = 60_000;

/** Riders of a list: the masked form of each is its own. */
function listedOf(plan: DayPlan, contacts: readonly ContactView[]) {
  const riderOf = new Map(plan.riders.map((rider) => [maskOf(rider), rider.riderId]));
  return contacts.map(({ masked }) => ({ riderId: riderOf.get(masked) }));
}

async function open(origin: string, person: Person): Promise<Desk> {
  return { console: await openConsole(origin, person), signer: person.signer };
}

async function untilDelivered(console: Console, caseId: string, queued: number): Promise<CaseView> {
  const giveUpMs = performance.now() + deliveredWithinMs;
  for (;;) {
    const one = await console.get<CaseView>(`/cases/${caseId}`);
    if (one.counts.delivered + one.counts.failed >= queued || performance.now() > giveUpMs) return one;
    await wait(askEveryMs);
  }
}

export interface CaseSetting {
  readonly origin: string;
  readonly plan: DayPlan;
  readonly clock: Clock;
  readonly tracer: Person;
  readonly approver: Person;
  random(length: number): Uint8Array<ArrayBuffer>;
}

export async function openCaseDesk(setting: CaseSetting): Promise<CaseDesk> {
  const { origin, plan, clock } = setting;
  const tracer = await open(origin, setting.tracer);
  const approver = await open(origin, setting.approver);
  const patient = plan.riders[plan.caseRider];
  if (patient?.kind !== 'phone') throw new Error('the case of a plan has a phone');

  async function tell(caseId: string, contacts: readonly ContactView[]): Promise<number> {
    if (contacts.length === 0) return 0;
    const sent = await sendMessages(approver, caseId, {
      batchId: toBase64Url(setting.random(batchBytes)),
      contactIds: contacts.map(({ contactId }) => contactId),
      templateId,
      urgent: true,
    });
    return sent.queued;
  }

  return {
    async run() {
      const beganMs = performance.now();
      const atMs = clock.now();
      const { one, contacts } = await traceCase(tracer, approver, {
        caseNo: `HJ-${dayText(plan.day)}-01`,
        status: 'confirmed',
        purpose: 'trace',
        subjects: [{ kind: 'phone', value: `+${patient.digits}` }],
        from: dayText(plan.day),
        to: dayText(plan.day),
      });
      const listedMs = performance.now();
      const grade = gradeList(plan, listedOf(plan, contacts), atMs);
      const queued = await tell(one.caseId, contacts);
      const { counts } = await untilDelivered(approver.console, one.caseId, queued);
      return {
        caseId: one.caseId,
        contacts: contacts.length,
        grade,
        enterToListMs: Math.round(listedMs - beganMs),
        listToSentMs: Math.round(performance.now() - listedMs),
        messages: queued,
        delivered: counts.delivered,
        failed: counts.failed,
      };
    },
    async later({ caseId }) {
      return gradeList(plan, listedOf(plan, await allContacts(tracer.console, caseId)), clock.now());
    },
    async close() {
      await Promise.all([tracer.console.close(), approver.console.close()]);
    },
  };
}
