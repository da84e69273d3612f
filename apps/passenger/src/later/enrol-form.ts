// The first scan's form: number and consent, then the code. Nothing is sent before the box is ticked by hand.
import { maskPhone } from '@tongche/protocol/formats';
import { confirmCode, sendCode } from './enrol.ts';
import type { Refused } from './enrol.ts';
import type { PendingCode } from '../ride/model.ts';
import type { Phone } from '../app.ts';
import { $, on, show, text } from '../view/dom.ts';
import type { Words } from '../view/dom.ts';
import { agree, rulesToAgree } from './wallet.ts';

const RESEND_MS = 60_000;
/** No code lives longer (contract: the registrar's limit). */
const CODE_LIFE_MS = 600_000;
/** Autofill and typing both end here: the sixth digit sends the form. */
const OTP_DIGITS = 6;

export interface EnrolForm {
  /** `again`: somebody was enrolled here before. */
  draw(again: boolean): void;
  /** Every second: the waiting time of the next code. */
  tick(): void;
}

export async function enrolForm(phone: Phone, words: () => Words, enrolled: () => void): Promise<EnrolForm> {
  const field = (id: string): HTMLInputElement => $<HTMLInputElement>(id);
  let pending = await phone.store.transact((tx) => tx.get<PendingCode>('otp'));
  // By the phone's own clock, which may be far from the server's.
  if (pending !== undefined && pending.sentMs + CODE_LIFE_MS < Date.now()) pending = undefined;
  let problem: Refused | undefined;
  let busy = false;
  let wasEnrolled = false;

  function draw(again: boolean): void {
    const { t, language } = words();
    const rules = rulesToAgree() !== undefined;
    const title = rules ? 'newRules' : again ? 'again' : 'first';
    wasEnrolled = again;
    text('firstTitle', t(title));
    text('firstMore', t(`${title}More`));
    // Who has a ticket agrees to newer rules without proving the number again.
    for (const id of ['phoneLabel', 'phone', 'askDriver', 'foreign']) show(id, !rules);
    show('ask', pending === undefined);
    show('confirm', pending !== undefined);
    show('nameRow', phone.settings.askName);
    field('phone').placeholder = t('phoneHint');
    if (pending !== undefined) text('sent', t('sent', { phone: maskPhone(pending.phone) }));
    text('go', t(busy ? 'working' : rules ? 'agreeGo' : pending === undefined ? 'getCode' : 'submit'));
    $<HTMLButtonElement>('go').disabled = busy;
    show('resend', pending !== undefined);
    tick();
    show('problem', problem !== undefined);
    if (problem === undefined) return;
    const own = t(problem.code);
    const told = language.startsWith('zh') ? problem.zh : problem.en;
    text('problem', own === problem.code ? (told ?? t('failed')) : own);
  }

  function tick(): void {
    const { t } = words();
    const leftS = pending === undefined ? 0 : Math.ceil((pending.sentMs + RESEND_MS - Date.now()) / 1_000);
    $<HTMLButtonElement>('resend').disabled = leftS > 0 || busy;
    text('resend', leftS > 0 ? t('resendIn', { s: leftS }) : t('resend'));
    show('noSms', pending !== undefined && leftS <= 0);
  }

  async function work(job: () => Promise<Refused | undefined>): Promise<void> {
    if (busy) return;
    busy = true;
    problem = undefined;
    draw(wasEnrolled);
    problem = await job().catch(() => ({ code: 'failed' }));
    busy = false;
    draw(wasEnrolled);
  }

  async function send(number: string): Promise<Refused | undefined> {
    const answer = await sendCode(phone, number, words().language);
    // Nobody has agreed to rules that changed since the page was opened.
    if ('code' in answer && answer.code === 'consent-outdated') field('agree').checked = false;
    if ('code' in answer) return answer;
    pending = answer;
    // The field appears with the next drawing; a tap's focus must still reach it.
    setTimeout(() => field('otp').focus());
    return undefined;
  }

  async function agreeTo(version: number): Promise<Refused | undefined> {
    const outcome = await agree(phone, version);
    if (outcome === 'refilled') {
      field('agree').checked = false;
      enrolled();
    }
    return outcome === 'refilled' || outcome === 'ticket-refused' ? undefined : { code: 'network' };
  }

  async function confirm(): Promise<Refused | undefined> {
    const otp = field('otp').value.normalize('NFKC').trim();
    if (!/^\d{4,8}$/.test(otp)) return { code: 'need-otp' };
    const refused = await confirmCode(phone, otp, field('name').value.trim());
    if (refused === undefined) {
      pending = undefined;
      field('otp').value = field('phone').value = '';
      enrolled();
    } else if (refused.code === 'otp-expired') pending = undefined;
    return refused;
  }

  on('first', 'submit', (event) => {
    event.preventDefault();
    void work(async () => {
      if (pending !== undefined) return confirm();
      if (!field('agree').checked) return { code: 'need-consent' };
      const version = rulesToAgree();
      if (version !== undefined) return agreeTo(version);
      return send(field('phone').value);
    });
  });
  on('otp', 'input', () => {
    if (field('otp').value.normalize('NFKC').trim().length === OTP_DIGITS) void work(confirm);
  });
  on('resend', 'click', () => void work(() => send(`+${pending?.phone ?? ''}`)));
  on('change', 'click', () => {
    pending = undefined;
    problem = undefined;
    draw(wasEnrolled);
    field('phone').focus();
  });
  return { draw, tick };
}
