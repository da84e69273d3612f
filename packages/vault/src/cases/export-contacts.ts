// A case's contacts as the exports take them: in clear, as their registrations and the staff who called them say.
import type { ContactStatus, ExportContact, ExportExposure, ExportPerson } from '@tongche/exports';
import { formatSubject } from '@tongche/protocol';
import type { ContactMessage } from '../messages/states.ts';
import type { OpenContact } from './access.ts';
import type { ContactDoc, LegDoc } from './model.ts';

/**
 * Whoever is set aside is not on the list. A record whose tag does not fit may have been made up by somebody who names
 * another's number: it goes out only once staff have called and written down what they heard, as it is with messages.
 */
export function isExportable({ aside, forged, outcome, legs }: ContactDoc): boolean {
  return aside !== true && (!forged || outcome !== null) && legs.length > 0;
}

/** The number of a contact in every file of its case: a digest may begin with a dash, which a table would have to guard. */
function listNumber(contactId: string): string {
  return `R-${contactId}`;
}

/** Whose each ride is, by presence: to name the contact through whom somebody of the second hop was met. */
export type Riders = ReadonlyMap<string, string>;

export function ridersOf(contacts: readonly OpenContact[]): Riders {
  return new Map(
    contacts.flatMap(({ contactId, doc }) => doc.legs.map(({ presenceId }) => [presenceId, contactId] as const)),
  );
}

function throughOf({ hop, legs }: ContactDoc, riders: Riders): string | null {
  if (hop !== 2) return null;
  const found = legs.map(({ throughId }) => (throughId === undefined ? undefined : riders.get(throughId)));
  const contactId = found.find((one) => one !== undefined);
  return contactId === undefined ? null : listNumber(contactId);
}

function personOf({ kind, value, reach, name }: ContactDoc): ExportPerson {
  const isPhone = kind === 'phone';
  return {
    name,
    sex: null,
    birthDate: null,
    document: isPhone ? null : { kind, number: formatSubject(kind, BigInt(value)) },
    phone: isPhone ? value : reach,
    address: '',
  };
}

function exposureOf(leg: LegDoc): ExportExposure {
  const { line, plate, unitLabel, runKey, fromStop, toStop, fromMs, toMs, minutes, probability } = leg;
  return {
    means: leg.kind ?? null,
    line,
    plate,
    unit: unitLabel,
    runKey,
    fromStop,
    toStop,
    fromMs,
    toMs,
    minutes,
    probability,
    row: null,
  };
}

/** The latest word: what staff heard stands above what a message came to. */
function statusOf({ droppedMs, outcome }: ContactDoc, message: ContactMessage | undefined): ContactStatus {
  if (droppedMs !== undefined) return 'withdrawn';
  if (outcome?.outcome === 'reached' || outcome?.outcome === 'not-reached' || outcome?.outcome === 'handed-over') {
    return outcome.outcome;
  }
  if (message === undefined) return 'listed';
  if (message.receipt === 'acknowledged') return 'acknowledged';
  return message.state === 'delivered' ? 'delivered' : 'messaged';
}

export function exportContact(
  { contactId, doc }: OpenContact,
  message: ContactMessage | undefined,
  riders: Riders,
): ExportContact {
  const { tier, probability, minutes, eem, band, followUpUntilDay, verified } = doc;
  const exposures = doc.legs.map(exposureOf);
  return {
    id: listNumber(contactId),
    person: personOf(doc),
    tier,
    probability,
    minutes,
    // Lists of before there was a policy have neither weight nor an end of observation.
    eem: eem ?? null,
    band: band ?? null,
    throughId: throughOf(doc, riders),
    exposures,
    firstMs: Math.min(...exposures.map(({ fromMs }) => fromMs)),
    lastMs: Math.max(...exposures.map(({ toMs }) => toMs)),
    followUpUntilDay: followUpUntilDay ?? null,
    status: statusOf(doc, message),
    remark: doc.outcome?.detail ?? '',
    verified,
  };
}
