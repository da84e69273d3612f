// Moves rides through the state machine: seals, stores before it posts, posts, repairs, and rests. One drive per ride.
import type { RideReceipt } from '@tongche/contract';
import { fromBase64Url, makeRide, toBase64Url, u16, concat, unwrap } from '@tongche/protocol/formats';
import type { Bytes } from '@tongche/protocol/formats';
import { answerOf, START, step } from './flow.ts';
import type { Flow, FlowEvent } from './flow.ts';
import { earlierRide, isOver, UNDO_MS } from './model.ts';
import type { Me, StoredRide } from './model.ts';
import { ask } from './net.ts';
import { alone } from './store.ts';
import { CLOCK_TOLERANCE_MS, refill, takeSlot } from './wallet.ts';
import type { Phone } from './wallet.ts';

export type Show = (flow: Flow, ride: StoredRide) => void;

/** A tab that claimed a ride and died lets it go after this. */
const CLAIM_MS = 20_000;
const LOOK_AGAIN_MS = 500;
/** Sent later than this after boarding, a ride says that it waited. */
const QUEUED_AFTER_MS = 2 * 60_000;

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function now(phone: Phone): Promise<number> {
  const me = await phone.store.transact((tx) => tx.get<Me>('me'));
  return Date.now() + (me?.offsetMs ?? 0);
}

export const loadRide = (phone: Phone, id: string): Promise<StoredRide | undefined> =>
  phone.store.transact((tx) => tx.get<StoredRide>(`r:${id}`));

/** Applies a change to a ride as it is now; `undefined` leaves it. */
export function changeRide(
  phone: Phone,
  id: string,
  change: (ride: StoredRide) => StoredRide | undefined,
): Promise<StoredRide | undefined> {
  return phone.store.transact(async (tx) => {
    const ride = await tx.get<StoredRide>(`r:${id}`);
    const changed = ride === undefined ? undefined : change(ride);
    if (changed !== undefined) tx.put(`r:${id}`, changed);
    return changed;
  });
}

const randomId = (bytes: Bytes): string => toBase64Url(bytes);

/** Keeps the minute of a scan (or finds the ride that is already there) in one transaction, and lets go what is over. */
export async function begin(
  phone: Phone,
  code: string,
): Promise<{ readonly ride: StoredRide; readonly event: FlowEvent }> {
  const id = randomId((await phone.suite()).randomBytes(9));
  return phone.store.transact(async (tx) => {
    const me = await tx.get<Me>('me');
    const nowMs = Date.now() + (me?.offsetMs ?? 0);
    const rides = await tx.rides();
    for (const ride of rides) {
      if (isOver(ride, nowMs, phone.settings.retentionDays)) tx.remove(`r:${ride.id}`);
    }
    const found = earlierRide(rides, code, nowMs);
    const covered = me?.bundles.some((b) => nowMs >= b.notBeforeMs && nowMs < b.notAfterMs) === true;
    const wallet = me === undefined ? 'none' : covered ? 'ready' : 'lacking';
    if (found !== undefined) {
      const { earlier } = found;
      return { ride: found.ride, event: { type: 'scanned', wallet, ...(earlier === 'held' ? {} : { earlier }) } };
    }
    const ride: StoredRide = { id, code, boardedMs: nowMs, party: me?.party ?? 0, status: 'held', notes: 0 };
    tx.put(`r:${id}`, ride);
    return { ride, event: { type: 'scanned', wallet } };
  });
}

async function seal(phone: Phone, ride: StoredRide, flow: Flow): Promise<FlowEvent> {
  const keep = flow.reslotted && ride.sealed === undefined ? undefined : ride.sealed?.slotIndex;
  const pass = await takeSlot(phone, ride.boardedMs, keep);
  if (pass === undefined) return { type: 'no-slot' };
  const { bundle, me, walletDay, slotIndex } = pass;
  const nowMs = Date.now() + me.offsetMs;
  const queued = ride.queued === true || nowMs - ride.boardedMs > QUEUED_AFTER_MS || !navigator.onLine;
  const made = await makeRide(await phone.suite(), {
    bundle,
    walletDay,
    slotIndex,
    code: unwrap(fromBase64Url(ride.code)).slice(0, 8),
    boardedMs: ride.boardedMs,
    queued,
    party: ride.party,
    contact: {
      flags: { companion: false, assisted: false },
      kind: 'phone',
      subject: BigInt(me.phone),
      reach: 0n,
      name: me.name,
      openid: '',
    },
  });
  const { record, ...rest } = made;
  const sealed = { ...rest, body: toBase64Url(record), dayStartMs: bundle.notBeforeMs, slotIndex };
  await changeRide(phone, ride.id, (r) => ({ ...r, status: 'sealed', queued, sealed, claimMs: 0 }));
  return { type: 'sealed' };
}

type Claim = { readonly body: string } | 'registered' | 'elsewhere' | 'gone';

function claim(phone: Phone, id: string): Promise<Claim> {
  return phone.store.transact(async (tx) => {
    const ride = await tx.get<StoredRide>(`r:${id}`);
    if (ride?.status === 'registered') return 'registered';
    if (ride?.sealed === undefined || ride.status !== 'sealed') return 'gone';
    const nowMs = Date.now();
    const claimed = (ride.claimMs ?? 0) - nowMs;
    if (claimed > 0 && claimed <= CLAIM_MS) return 'elsewhere';
    tx.put(`r:${id}`, { ...ride, claimMs: nowMs + CLAIM_MS });
    return { body: ride.sealed.body };
  });
}

/** The platform of the ride's own signed bundle. */
async function platformOf(phone: Phone, ride: StoredRide): Promise<string> {
  const me = await phone.store.transact((tx) => tx.get<Me>('me'));
  return me?.bundles.find((b) => b.day === ride.sealed?.day)?.platformUrl ?? phone.settings.platformUrl;
}

type RideAnswer = RideReceipt & {
  readonly nowMs?: number;
  readonly retryAfterS?: number;
  readonly error?: { readonly code: string; readonly message: { readonly zh: string; readonly en: string } };
};

async function post(phone: Phone, ride: StoredRide): Promise<FlowEvent> {
  const claimed = await claim(phone, ride.id);
  if (claimed === 'registered') return { type: 'answered', answer: 'ok' };
  if (claimed === 'gone') return { type: 'answered', answer: 'refused' };
  if (claimed === 'elsewhere') {
    await wait(LOOK_AGAIN_MS);
    return { type: 'sealed' };
  }
  const url = `${await platformOf(phone, ride)}/v1/rides`;
  const { status, body, code } = await ask<RideAnswer>(url, claimed.body);
  const answer = answerOf(status, code);
  const aheadMs = (body.nowMs ?? 0) - (await now(phone));
  const clockOff = answer === 'clock-wrong' && Math.abs(aheadMs) > CLOCK_TOLERANCE_MS;
  await phone.store.transact(async (tx) => {
    const stored = await tx.get<StoredRide>(`r:${ride.id}`);
    const me = await tx.get<Me>('me');
    if (stored === undefined) return;
    if (clockOff && me !== undefined) tx.put('me', { ...me, offsetMs: me.offsetMs + aheadMs });
    const { sealed: _, ...unsealed } = stored;
    const next = {
      ok: { ...stored, status: 'registered', receipt: body, registeredMs: Date.now() },
      // Either the phone's clock is off, and the minute moves with it, or the ride waited, and says so.
      'clock-wrong': clockOff ? { ...stored, boardedMs: stored.boardedMs + aheadMs } : { ...stored, queued: true },
      'tag-used': unsealed,
      'not-admitted': unsealed,
      'unknown-code': { ...unsealed, status: 'unknown' },
      'code-revoked': { ...unsealed, status: 'refused' },
      refused: { ...stored, status: 'refused' },
      busy: stored,
      unreachable: stored,
    }[answer] as StoredRide;
    const problem = body.error === undefined ? {} : { problem: { code: body.error.code, ...body.error.message } };
    tx.put(`r:${ride.id}`, { ...next, ...(next.status === 'refused' ? problem : {}), claimMs: 0 });
  });
  return { type: 'answered', answer };
}

/** Runs a ride until it rests, showing every phase. */
export async function drive(phone: Phone, id: string, flow: Flow, show: Show): Promise<Flow> {
  for (;;) {
    const ride = await loadRide(phone, id);
    if (ride === undefined) return flow;
    show(flow, ride);
    let event: FlowEvent;
    if (flow.phase === 'refilling') event = await refilled(phone);
    else if (flow.phase === 'sealing') event = await seal(phone, ride, flow);
    else if (flow.phase === 'posting') event = await alone(() => post(phone, ride));
    else return flow;
    flow = step(flow, event);
  }
}

async function refilled(phone: Phone): Promise<FlowEvent> {
  const outcome = await refill(phone);
  if (outcome === 'refilled' || outcome === 'ticket-refused') return { type: outcome };
  return { type: 'answered', answer: outcome };
}

/** Sends what is kept: rides of tunnels, of busy hours, and of the minutes before a code arrived. */
export async function flush(phone: Phone, except?: string): Promise<void> {
  const { rides, me } = await phone.store.transact(async (tx) => ({ rides: await tx.rides(), me: await tx.get('me') }));
  if (me === undefined) return;
  for (const ride of rides) {
    if (ride.id === except || (ride.status !== 'sealed' && ride.status !== 'held')) continue;
    const flow: Flow = { ...START, phase: ride.status === 'sealed' ? 'posting' : 'sealing' };
    const rest = await drive(phone, ride.id, flow, () => undefined);
    if (rest.phase === 'saved' || rest.phase === 'busy') return;
  }
}

/** Whether undo still goes directly to the platform. */
export function undoLeftMs(ride: StoredRide): number {
  return ride.sealed === undefined ? 0 : UNDO_MS - (Date.now() - (ride.registeredMs ?? Date.now()));
}

/** POST /v1/rides/undo with d2 ‖ tag16 ‖ eraseK16. True when the row is gone for certain. */
export async function eraseNow(phone: Phone, ride: StoredRide): Promise<boolean> {
  const { sealed } = ride;
  if (sealed === undefined) return true;
  const body = toBase64Url(concat(u16(sealed.day), sealed.tag, sealed.eraseKey));
  return (await ask(`${await platformOf(phone, ride)}/v1/rides/undo`, body)).status === 204;
}
