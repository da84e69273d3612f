// Admission keys on their way in: made and signed by the vault, carried by the registrar, put into slots here.
import { Refusal } from '@tongche/contract';
import type { AdmissionKey } from '@tongche/contract';
import { dayOf, fromBase64Url, unwrap, verifyJson } from '@tongche/protocol';
import type { Calendar } from './calendar.ts';
import { events } from './events.ts';
import { ADMISSION_DAYS } from './keys.ts';
import type { Platform } from './platform.ts';

/** Keys are made nine days ahead. */
const daysAhead = 10;

/** The authority's clock, as far as its signatures tell. */
function signedDay(admission: readonly AdmissionKey[], zone: string): number {
  return dayOf(Math.max(...admission.map(({ issuedMs }) => issuedMs)), zone);
}

/** Days whose admission keys live. While the clock is in doubt, those of every day it may be: nobody brings them twice. */
export function livingDays(calendar: Pick<Calendar, 'span'>): (day: number) => boolean {
  const { oldest, newest } = calendar.span();
  return (day) => day > oldest - ADMISSION_DAYS && day <= newest + daysAhead;
}

/**
 * Stores the keys of living days; what is past its life by our own clock is left out. One wrong key refuses the whole
 * delivery: it comes from one signer. Throws Refusal 'signature-invalid', 'wrong-authority' or 'conflict'.
 */
export async function takeKeys(platform: Platform, admission: readonly AdmissionKey[]): Promise<void> {
  const { config, keys, suite, log, zone, calendar } = platform;
  const { iss, signEd25519 } = config.authority;
  const pk = unwrap(fromBase64Url(signEd25519));
  const refuse = (reason: 'signature-invalid' | 'wrong-authority' | 'conflict'): Refusal => {
    log.event(events.keysRefused, { reason });
    return new Refusal(reason);
  };
  for (const key of admission) {
    if (key.iss !== iss) throw refuse('wrong-authority');
    if (!(await verifyJson(suite, pk, key))) throw refuse('signature-invalid');
  }
  if (admission.length > 0) await calendar.vouch(signedDay(admission, zone));
  const isLiving = livingDays(calendar);
  const living = admission.filter(({ day }) => isLiving(day));
  const taken = living.map(({ day, kAdm }) => ({ day, key: unwrap(fromBase64Url(kAdm)) }));
  if (!(await keys.putAdmissions(taken))) throw refuse('conflict');
  log.event(events.keysAccepted, { days: living.length });
  if (!calendar.isBelieved()) platform.rollSoon();
}
