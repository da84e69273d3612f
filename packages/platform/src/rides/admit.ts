// The checks a ride passes before anything is looked up or written: form, authority, day, admission, code, time.
// Pure: everything it needs is in memory.
import { timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { Refusal, RIDE_BODY_CHARS } from '@tongche/contract';
import { DAY_MS, dayOf, dayStartMs, decodeRecord, encodeCode, MINUTE_MS } from '@tongche/protocol';
import type { RecordRefusal, RideRecord } from '@tongche/protocol';
import { admTagSync, fromBase64UrlSync } from '@tongche/protocol/node';
import type { City, Code } from '../city/city.ts';
import { ADMISSION_DAYS } from '../keys.ts';
import type { CityUnit } from '../store/city.ts';
import { unitOfCode } from './unit-of.ts';

/** How far a phone's clock may be off, and how long a ride may be under way. */
export const CLOCK_SLACK_MS = 3 * MINUTE_MS;
/** A ride of Friday sent on Monday counts; beyond a week the admission key is about to go. */
export const MAX_QUEUED_MS = 7 * DAY_MS;

export interface AdmitRules {
  readonly iss: number;
  readonly zone: string;
  readonly city: City;
  admission(day: number): KeyObject | undefined;
  /** Whether the day has a partition: a row without one would fail its whole batch. */
  hasPartition(day: number): boolean;
  /** Whether our own clock is beyond doubt. Until it is, nobody is told that theirs is wrong: phones would follow it. */
  isClockBelieved(): boolean;
}

export interface Admitted {
  readonly record: RideRecord;
  readonly code: Code;
  readonly unit: CityUnit;
  /** Whether the code was stuck to the unit at that minute. */
  readonly isBound: boolean;
  readonly boardedMs: number;
  readonly receivedMs: number;
  readonly late: boolean;
}

function refusalOf(code: RecordRefusal): Refusal {
  switch (code) {
    case 'bad-length':
    case 'bad-window':
    case 'bad-point':
      return new Refusal('bad-record');
    case 'bad-version':
    case 'bad-suite':
      return new Refusal('unsupported-record');
    default:
      throw new Error(`unknown refusal ${String(code satisfies never)}`);
  }
}

/** The record of a request's body. Throws Refusal. */
export function parseRide(body: string): RideRecord {
  if (body.length !== RIDE_BODY_CHARS) throw new Refusal('bad-record');
  const bytes = fromBase64UrlSync(body);
  if (!bytes.ok) throw new Refusal('bad-record');
  const record = decodeRecord(bytes.value);
  if (!record.ok) throw refusalOf(record.code);
  return record.value;
}

/** A refusal that only our clock speaks for. */
function byClock(refusal: Refusal, rules: AdmitRules): Refusal {
  return rules.isClockBelieved() ? refusal : new Refusal('busy');
}

/** A day without an admission key: too old, a phone whose clock is off, or a wallet nobody issued. */
function noKey(record: RideRecord, nowMs: number, rules: AdmitRules): Refusal {
  const { zone } = rules;
  const today = dayOf(nowMs, zone);
  const outside = record.day > today + 1 || record.day <= today - ADMISSION_DAYS;
  if (!outside) return new Refusal('not-admitted');
  if (record.w.queued && record.day < today) return byClock(new Refusal('too-old'), rules);
  return byClock(new Refusal('clock-wrong', { nowMs }), rules);
}

/** Whether the ride is late. */
function checkTime(record: RideRecord, boardedMs: number, nowMs: number, rules: AdmitRules): boolean {
  const aheadMs = boardedMs - nowMs;
  if (aheadMs > CLOCK_SLACK_MS) throw byClock(new Refusal('clock-wrong', { nowMs }), rules);
  // The minute has run on since its beginning: only what is past its end is old.
  const behindMs = nowMs - boardedMs - MINUTE_MS;
  if (!record.w.queued) {
    if (behindMs > CLOCK_SLACK_MS) throw byClock(new Refusal('clock-wrong', { nowMs }), rules);
    return false;
  }
  if (behindMs > MAX_QUEUED_MS) throw byClock(new Refusal('too-old'), rules);
  return behindMs > CLOCK_SLACK_MS;
}

/** Throws the Refusal a phone is to see. */
export function admit(record: RideRecord, rules: AdmitRules, nowMs: number): Admitted {
  const { zone } = rules;
  if (record.iss !== rules.iss) throw new Refusal('wrong-authority');
  const key = rules.admission(record.day);
  if (key === undefined) throw noKey(record, nowMs, rules);
  if (!timingSafeEqual(admTagSync(key, record), record.adm)) throw new Refusal('not-admitted');
  const boardedMs = dayStartMs(record.day, zone) + record.w.minute * MINUTE_MS;
  if (boardedMs >= dayStartMs(record.day + 1, zone)) throw new Refusal('bad-record');
  const code = rules.city.code(encodeCode(record.code));
  if (code === undefined) throw new Refusal('unknown-code');
  if (code.revokedMs !== null && boardedMs >= code.revokedMs) throw new Refusal('code-revoked');
  const late = checkTime(record, boardedMs, nowMs, rules);
  if (!rules.hasPartition(record.day)) throw new Refusal('busy');
  return { record, code, ...unitOfCode(rules.city, code, boardedMs), boardedMs, receivedMs: nowMs, late };
}
