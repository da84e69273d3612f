// Rides as phones and staff make them, and the runs they were on.
import assert from 'node:assert/strict';
import type { TraceRide } from '@tongche/contract';
import {
  bundleInfo,
  dayOf,
  decodeRecord,
  fromBase64Url,
  makeRide,
  packSealed,
  packWindow,
  parsePhone,
  sealNote,
  slotOf,
  toBase64Url,
  unwrap,
} from '@tongche/protocol';
import type { Contact } from '@tongche/protocol';
import { assistTagSync, hmacKey, rideTagSync } from '@tongche/protocol/node';
import { hourMs, iss, minuteMs, startMs, suite, zone } from './kit.ts';
import type { World } from './kit.ts';

/** When most rides of these tests begin. */
export const boarded = startMs - 2 * hourMs;

export interface RideFacts {
  readonly phone: string;
  readonly boardedMs: number;
  readonly unitId?: string;
  readonly runKey?: string | null;
  readonly boardSeq?: number | null;
  /** Alighting stop, as an "off" tap's note. */
  readonly alight?: number;
  readonly contact?: Partial<Omit<Contact, 'slot'>>;
  readonly assisted?: boolean;
  /** Claims this number inside an envelope sealed under the tag of `phone`. */
  readonly claims?: string;
  readonly doubts?: TraceRide['doubts'];
  /** Of somebody who works on board. */
  readonly crewUntilMs?: number;
}

let slotCounter = 0;

/** A ride as a phone makes it and the platform keeps it, with the keys the registrar was given. */
export async function addRide(world: World, facts: RideFacts): Promise<TraceRide> {
  const { phone, boardedMs, unitId = 'bus1', runKey = 'r1', boardSeq = 0, assisted = false } = facts;
  const day = dayOf(boardedMs, zone);
  const keys = world.registrar.days.get(day);
  assert.ok(keys !== undefined, `the registrar has keys of day ${day}`);
  const subject = unwrap(parsePhone(phone));
  const kTag = hmacKey(unwrap(fromBase64Url(keys.kTag)));
  slotCounter += 1;
  const slot = assisted ? slotCounter % 64 : slotOf(slotCounter % 8, slotCounter % 32);
  const tag = assisted
    ? assistTagSync(kTag, { iss, kind: 'phone', subject, slot })
    : rideTagSync(kTag, { iss, phone: subject, slot });
  const contact: Omit<Contact, 'slot'> = {
    flags: { companion: false, assisted },
    kind: 'phone',
    subject: facts.claims === undefined ? subject : unwrap(parsePhone(facts.claims)),
    reach: 0n,
    name: '',
    openid: '',
    ...facts.contact,
  };
  const bundle = keys.bundle;
  const code = suite.randomBytes(8);
  const pass = { slot, tag, adm: suite.randomBytes(16) };
  const made = await makeRide(suite, { bundle, code, boardedMs, queued: false, party: 0, contact, pass });
  const record = unwrap(decodeRecord(made.record));
  assert.ok(bundleInfo(bundle).length > 0);
  const notes = [];
  if (facts.alight !== undefined) {
    const board = boardSeq ?? 0;
    const note = {
      basis: 'off-tap' as const,
      boardLo: board,
      boardHi: board,
      alightLo: facts.alight,
      alightHi: facts.alight,
      minuteLo: 0,
      minuteHi: 0,
    };
    notes.push({ idx: 0, ct: toBase64Url(await sealNote(suite, made.noteKey, { day, tag, idx: 0 }, note)) });
  }
  const ride: TraceRide = {
    code: toBase64Url(code),
    unitId,
    suite: 1,
    iss,
    day,
    w2: packWindow(record.w),
    tag: toBase64Url(tag),
    eraseC: toBase64Url(record.eraseC),
    sealed: toBase64Url(packSealed(record.enc, record.ct)),
    boardedMs,
    receivedS: Math.floor(boardedMs / 1000),
    runKey,
    boardSeq,
    basis: 'schedule',
    flags: 0,
    doubts: facts.doubts ?? [],
    crewUntilMs: facts.crewUntilMs ?? null,
    notes,
  };
  world.platform.rides.push(ride);
  return ride;
}

/** A run of eight stops, four minutes apart, standing for one; and its bus. */
export function addRun(world: World, runKey = 'r1', beginMs = boarded, unitId = 'bus1', lineId = 'M133'): void {
  world.platform.runs.push({
    runKey,
    unitIds: [unitId],
    vehicleId: `v-${unitId}`,
    lineId,
    dir: 0,
    line: { id: lineId, name: { zh: `${lineId}路`, en: lineId }, headsign: null },
    stops: Array.from({ length: 8 }, (_, seq) => ({
      seq,
      stopId: `s${seq}`,
      name: { zh: `站${seq}`, en: `Stop ${seq}` },
      lat: 22.5 + seq / 200,
      lon: 114,
      arrMs: beginMs + seq * 4 * minuteMs,
      depMs: beginMs + (seq * 4 + 1) * minuteMs,
      source: 'schedule' as const,
    })),
    heads: 0,
    estimated: null,
    basis: 'schedule',
  });
  if (world.platform.units.some((unit) => unit.unitId === unitId)) return;
  world.platform.units.push({
    unitId,
    kind: 'bus',
    plate: '海A12345',
    label: { zh: '1号车', en: 'Bus 1' },
    vehicleId: `v-${unitId}`,
    carriageNo: null,
    capacity: 80,
    air: null,
    litresPerSecond: null,
  });
}
