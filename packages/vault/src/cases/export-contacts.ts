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
export function isExportable({ aside, forged, outcome }: ContactDoc): boolean {
  return aside !== true && (!forged || outcome !== null);
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

export function exportContact({ contactId, doc }: OpenContact, message: ContactMessage | undefined): ExportContact {
  const { tier, probability, minutes, verified } = doc;
  const exposures = doc.legs.map(exposureOf);
  return {
    // A digest may begin with a dash, which a table would have to guard.
    id: `R-${contactId}`,
    person: personOf(doc),
    tier,
    probability,
    minutes,
    eem: null,
    band: null,
    throughId: null,
    exposures,
    firstMs: Math.min(...exposures.map(({ fromMs }) => fromMs)),
    lastMs: Math.max(...exposures.map(({ toMs }) => toMs)),
    followUpUntilDay: null,
    status: statusOf(doc, message),
    remark: doc.outcome?.detail ?? '',
    verified,
  };
}
