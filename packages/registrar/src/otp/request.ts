// Asking for a one-time code. The answer is the same for every number: what differs by number (its own limits, those
// of its prefix) only decides whether a message leaves, after the answer. What differs by network or city is said openly.
import { randomInt } from 'node:crypto';
import { Refusal } from '@tongche/contract';
import { parsePhone } from '@tongche/protocol';
import type { Clock, Log, Random } from '@tongche/runtime';
import type { Config } from '../config.ts';
import { events } from '../events.ts';
import type { Keyring } from '../keys/keyring.ts';
import { makeChallenge } from './challenge.ts';
import { otpWording } from './message.ts';
import type { Messages } from './messages.ts';
import { networkOf, numberTable, rateTable } from './rate.ts';
import { proofOfWork } from './work.ts';

export interface OtpAsked {
  readonly phone: string;
  readonly consentVersion: number;
  readonly language?: string;
  readonly work?: { readonly salt: string; readonly nonce: string };
}

export interface OtpDesk {
  /** Throws Refusal: consent-outdated, bad-phone, rate-limited, work-required, busy. */
  request(asked: OtpAsked, address: string): { readonly challenge: string; readonly expiresMs: number };
}

export interface OtpDeskOptions {
  readonly config: Pick<Config, 'otp' | 'authority' | 'consent'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly keyring: Pick<Keyring, 'challengeKey'>;
  readonly messages: Messages;
}

const CODE_DIGITS = 6;
const PREFIX_DIGITS = 7;
const hourMs = 3_600_000;

/** crypto.randomInt draws without bias; leading zeros are digits like others. */
export function makeCode(): string {
  return randomInt(10 ** CODE_DIGITS)
    .toString()
    .padStart(CODE_DIGITS, '0');
}

/** Country code of an E.164 number among those served, or undefined. The longest match counts: 852 before 85. */
function countryOf(digits: string, countries: readonly string[]): string | undefined {
  const served = countries.filter((country) => digits.startsWith(country)).sort((a, b) => b.length - a.length);
  return served[0] ?? (countries.includes('*') ? '*' : undefined);
}

/** Seven digits of the national number for +86, of the whole number elsewhere. */
function prefixOf(digits: string): string {
  return digits.slice(0, PREFIX_DIGITS + (digits.startsWith('86') ? 2 : 0));
}

export function otpDesk(options: OtpDeskOptions): OtpDesk {
  const { config, clock, log, random, keyring, messages } = options;
  const { otp } = config;
  const networks = rateTable(clock, otp.perNetwork);
  const recent = rateTable(clock, [{ windowMs: hourMs, max: Number.MAX_SAFE_INTEGER }]);
  const numbers = numberTable(clock, otp.perNumber, random);
  const prefixes = rateTable(clock, otp.perPrefix);
  const abroad = rateTable(clock, otp.abroad);
  const city = rateTable(clock, otp.global);
  const work = proofOfWork(clock, otp.workBits, random);
  let closedUntilMs = 0;

  function breaker(): void {
    const nowMs = clock.now();
    const reason = !city.fits('') ? 'budget' : messages.hasRoom() ? undefined : 'gateway';
    if (nowMs >= closedUntilMs && reason !== undefined) {
      closedUntilMs = nowMs + otp.breakerMs;
      log.event(events.otpBreaker, { untilMs: closedUntilMs, reason });
    }
    if (nowMs < closedUntilMs) throw new Refusal('busy', { retryAfterS: Math.ceil((closedUntilMs - nowMs) / 1_000) });
  }

  function network(address: string, proof: OtpAsked['work']): void {
    const key = networkOf(address);
    if (!networks.fits(key)) throw new Refusal('rate-limited', { retryAfterS: 600 });
    if (recent.seen(key) >= otp.freeRequests && !work.check(proof)) {
      throw new Refusal('work-required', { ...work.ask() });
    }
    networks.add(key);
    recent.add(key);
  }

  /** Counts the message against every limit that depends on the number. Without short cuts: same work for all. */
  function mayLeave(phone: bigint, digits: string, isAbroad: boolean): boolean {
    const prefix = prefixOf(digits);
    const prefixFits = prefixes.fits(prefix);
    const abroadFits = !isAbroad || abroad.fits('');
    const numberFits = prefixFits && abroadFits && numbers.take(phone);
    if (numberFits) {
      prefixes.add(prefix);
      if (isAbroad) abroad.add('');
      city.add('');
    }
    return numberFits;
  }

  function request(asked: OtpAsked, address: string): { readonly challenge: string; readonly expiresMs: number } {
    const { version } = config.consent;
    if (asked.consentVersion !== version) throw new Refusal('consent-outdated', { consentVersion: version });
    const phone = parsePhone(asked.phone);
    if (!phone.ok) throw new Refusal('bad-phone');
    const digits = phone.value.toString();
    if (countryOf(digits, otp.countries) === undefined) throw new Refusal('bad-phone');
    network(address, asked.work);
    breaker();

    const expiresMs = clock.now() + otp.lifeMs;
    const code = makeCode();
    const fields = { phone: phone.value, code, expiresMs, consentVersion: version };
    const challenge = makeChallenge(keyring.challengeKey(), fields, random);
    const isAbroad = !digits.startsWith('86');
    const wording = otpWording(config.authority.name, code, {
      language: asked.language,
      abroad: isAbroad,
      lifeMs: otp.lifeMs,
    });
    if (mayLeave(phone.value, digits, isAbroad)) messages.send(phone.value, wording);
    return { challenge, expiresMs };
  }

  return { request };
}
