// Contacts as consoles see them: masked, page by page; one at a time in clear, against a signature and a reason.
import { Refusal } from '@tongche/contract';
import type { ContactPage, ContactView, Name, OutcomeRequest, RevealRequest } from '@tongche/contract';
import { verifyAssertion } from '@tongche/approval';
import {
  canonicalJson,
  dayText,
  formatPhone,
  formatSubject,
  maskName,
  maskPhone,
  maskSubject,
  utf8,
} from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { nodeSha256 } from '@tongche/protocol/node';
import type { Static } from 'typebox';
import type { Rosters } from '../keys/roster.ts';
import { messagesOf } from '../messages/states.ts';
import type { ContactMessage } from '../messages/states.ts';
import { addReveal, contactRow, countReveals, lockCase, putContacts } from '../store/cases.ts';
import { contactPlace } from './access.ts';
import type { OpenContact } from './access.ts';
import type { Cases } from './cases.ts';
import type { Actor, Common } from './common.ts';
import type { ContactDoc } from './model.ts';

const HOUR_MS = 3_600_000;
const MAX_PAGE = 500;
/** A number read out loud and dialled needs less. */
const HIDE_AFTER_MS = 60_000;

export interface ContactQuery {
  /** Rank behind which the page begins. */
  readonly after: number;
  readonly limit: number;
  readonly tier: string | undefined;
  /** Those set aside instead of the list. */
  readonly aside: boolean;
  /** Looks in what is shown: masked forms, lines, vehicles. */
  readonly q: string | undefined;
}

export interface RevealedContact {
  readonly value: string;
  readonly reach: string | null;
  readonly name: string;
  readonly hideAfterMs: number;
}

export interface Contacts {
  page(actor: Actor, caseId: string, query: ContactQuery): Promise<ContactPage>;
  reveal(
    actor: Actor,
    caseId: string,
    contactId: string,
    request: Static<typeof RevealRequest>,
  ): Promise<RevealedContact>;
  setOutcome(actor: Actor, caseId: string, contactId: string, request: Static<typeof OutcomeRequest>): Promise<void>;
}

interface ContactParts extends Common {
  readonly cases: Cases;
  readonly rosters: Rosters;
}

/** SHA-256("reveal/1" ‖ canonical {contactId, reason}). */
export function revealHash(contactId: string, reason: string): Bytes {
  return nodeSha256(utf8(`reveal/1${canonicalJson({ contactId, reason })}`));
}

function outcomeText({ outcome }: ContactDoc): string | null {
  if (outcome === null) return null;
  return outcome.detail === '' ? outcome.outcome : `${outcome.outcome}: ${outcome.detail}`;
}

/** Sentences of the single reasons, as one text to read and to search. */
function reasonText({ reason, reasons = [] }: ContactDoc): Name {
  const joined = {
    zh: reasons.map(({ text }) => text.zh).join('；'),
    en: reasons.map(({ text }) => text.en).join('; '),
  };
  return reason ?? joined;
}

export function contactView({ contactId, rank, doc }: OpenContact, message: ContactMessage | undefined): ContactView {
  const reason = reasonText(doc);
  return {
    contactId,
    rank,
    tier: doc.tier,
    probability: doc.probability,
    minutes: doc.minutes,
    eem: doc.eem ?? null,
    band: doc.band ?? null,
    hop: doc.hop ?? 1,
    followUpUntil: doc.followUpUntilDay === undefined ? null : dayText(doc.followUpUntilDay),
    change: doc.change === undefined ? null : { before: null, ...doc.change },
    name: maskName(doc.name),
    masked: maskSubject(doc.kind, BigInt(doc.value)),
    kind: doc.kind,
    reachMasked: doc.reach === '' ? null : maskPhone(doc.reach),
    verified: doc.verified,
    assisted: doc.assisted,
    namedBy: doc.holder === '' ? null : maskPhone(doc.holder),
    legs: [...doc.legs, ...(doc.doubtfulLegs ?? [])].map((leg) => ({
      runKey: leg.runKey,
      unitLabel: leg.unitLabel,
      plate: leg.plate,
      line: leg.line,
      boardedMs: leg.boardedMs,
      fromStop: leg.fromStop,
      toStop: leg.toStop,
      fromMs: leg.fromMs,
      toMs: leg.toMs,
      minutes: leg.minutes,
      probability: leg.probability,
      eem: leg.eem ?? null,
      zone: leg.zone ?? null,
      basis: leg.basis,
      caseBasis: leg.caseBasis ?? null,
      timeline: leg.timeline ?? true,
      party: leg.party,
      doubts: [...(leg.doubts ?? [])],
    })),
    aside: doc.aside ?? false,
    included: doc.included ?? null,
    reason,
    reasons: (doc.reasons ?? [{ code: 'together', text: reason }]).map(({ code, text }) => ({ code, text })),
    message: message?.state ?? 'none',
    messageReason: message?.reason ?? null,
    messageAttempts: (message?.attempts ?? []).map(({ provider = null, reason = null, ...attempt }) => ({
      ...attempt,
      provider,
      reason,
    })),
    receipt: message?.receipt ?? null,
    outcome: outcomeText(doc),
    droppedMs: doc.droppedMs ?? null,
  };
}

/** Only what the console shows is searched: nobody can test numbers against the list. */
function matches(view: ContactView, q: string): boolean {
  const shown = [
    view.name,
    view.masked,
    view.reason.zh,
    view.reason.en,
    ...view.legs.flatMap(({ plate, line, unitLabel }) => [plate ?? '', line?.zh ?? '', line?.en ?? '', unitLabel.zh]),
  ];
  return shown.some((text) => text.toLowerCase().includes(q.toLowerCase()));
}

export function openContacts(parts: ContactParts): Contacts {
  const { config, db, clock, transparency, hub, onLog, cases, rosters } = parts;
  const { access } = cases;

  return {
    async page(actor, caseId, { after, limit, tier, q, aside }) {
      const one = await access.open(caseId);
      await access.look(one, actor, 'contacts');
      const messages = await messagesOf(db, caseId);
      const views = (await access.contacts(one))
        .map((contact) => contactView(contact, messages.get(contact.contactId)))
        .filter((view) => view.aside === aside && (tier === undefined || view.tier === tier))
        .filter((view) => q === undefined || q === '' || matches(view, q));
      const page = views.filter(({ rank }) => rank > after).slice(0, Math.min(limit, MAX_PAGE));
      const last = page.at(-1)?.rank ?? after;
      const hasMore = views.some(({ rank }) => rank > last);
      return { total: views.length, contacts: page, next: hasMore && page.length > 0 ? last : null };
    },
    async reveal(actor, caseId, contactId, { reason, assertion }) {
      const one = await access.open(caseId);
      const roster = rosters.current();
      if (roster === undefined) throw new Refusal('signature-invalid');
      const hash = revealHash(contactId, reason);
      const signed = await verifyAssertion({ roster, hash, assertion, mode: config.mode });
      if (!signed.ok) throw new Refusal(signed.code);
      const { person, role } = signed.value;
      // Whoever asks looks with the own key; a key lent to a colleague's session is none.
      if (person !== actor.person) throw new Refusal('signature-invalid');
      const atMs = clock.now();
      const entry = await access.entry(one, { person, role }, 'reveal', {});
      const doc = await db.tx('reveal', async (tx) => {
        // One after another, so that the limit holds for requests side by side.
        await lockCase(tx, caseId);
        const row = await contactRow(tx, caseId, contactId);
        if (row === undefined) throw new Refusal('not-found');
        if ((await countReveals(tx, person, atMs - HOUR_MS)) >= config.limits.revealsAnHour) {
          throw new Refusal('reveal-limit');
        }
        await addReveal(tx, caseId, person, atMs);
        await transparency.append(tx, atMs, [entry]);
        return access.openContact(one, row).doc;
      });
      onLog();
      return {
        value: formatSubject(doc.kind, BigInt(doc.value)),
        reach: doc.reach === '' ? null : formatPhone(BigInt(doc.reach)),
        name: doc.name,
        hideAfterMs: HIDE_AFTER_MS,
      };
    },
    async setOutcome(actor, caseId, contactId, { outcome, detail }) {
      const one = await access.open(caseId);
      const atMs = clock.now();
      await db.tx('outcome', async (tx) => {
        await lockCase(tx, caseId);
        const row = await contactRow(tx, caseId, contactId);
        if (row === undefined) throw new Refusal('not-found');
        const { doc, rank } = access.openContact(one, row);
        // Whoever was called is on the list, whatever speaks against the ride.
        const { aside: _aside, ...listed } = doc;
        const next: ContactDoc = { ...listed, outcome: { outcome, detail, by: actor.person, atMs } };
        await putContacts(tx, caseId, [
          { contactId, rank, sealed: one.key.seal(contactPlace(caseId, contactId), next) },
        ]);
      });
      hub.send('contacts', { caseId });
    },
  };
}
