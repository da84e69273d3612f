// Moves rides through the state machine: seals, stores before it posts, posts, repairs, and rests. One drive per ride.
import { fromBase64Url, makeRide, toBase64Url, unwrap } from '@tongche/protocol/formats';
import type { Bytes } from '@tongche/protocol/formats';
import type { Phone } from '../app.ts';
import { answerOf, step } from './flow.ts';
import type { Flow, FlowEvent } from './flow.ts';
import { earlierRide } from './model.ts';
import type { Me, StoredRide } from './model.ts';
import { ask } from './net.ts';
import type { RideAnswer } from './net.ts';
import { alone } from './store.ts';
import { takeSlot } from './slot.ts';

export type Show = (flow: Flow, ride: StoredRide) => void;

/** A tab that claimed a ride and died lets it go after this. */
const CLAIM_MS = 20_000;
const LOOK_AGAIN_MS = 500;
/** Sent later than this after boarding, a ride says that it waited. */
const QUEUED_AFTER_MS = 2 * 60_000;

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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

/**
 * Keeps the minute of a scan (or finds the ride that is already there) in one transaction.
 * `typedFor`: a ride whose code was unknown; its minute moves to the vehicle typed by hand.
 */
export async function begin(
  phone: Phone,
  code: string,
  typedFor?: StoredRide,
): Promise<{ readonly ride: StoredRide; readonly event: FlowEvent }> {
  const id = randomId((await phone.suite()).randomBytes(9));
  return phone.store.transact(async (tx) => {
    const me = await tx.get<Me>('me');
    const nowMs = Date.now() + (me?.offsetMs ?? 0);
    const rides = await tx.rides();
    if (typedFor !== undefined) tx.remove(`r:${typedFor.id}`);
    const found = earlierRide(rides, code, nowMs);
    const covered = me?.bundles.some((b) => nowMs >= b.notBeforeMs && nowMs < b.notAfterMs) === true;
    const wallet = me === undefined ? 'none' : covered ? 'ready' : 'lacking';
    if (found !== undefined) {
      const { earlier } = found;
      return { ride: found.ride, event: { type: 'scanned', wallet, ...(earlier === 'held' ? {} : { earlier }) } };
    }
    const ride: StoredRide = {
      id,
      code,
      boardedMs: typedFor?.boardedMs ?? nowMs,
      offsetMs: typedFor?.offsetMs ?? me?.offsetMs ?? 0,
      party: me?.party ?? 0,
      status: 'held',
      notes: 0,
    };
    tx.put(`r:${id}`, ride);
    return { ride, event: { type: 'scanned', wallet } };
  });
}

async function seal(phone: Phone, ride: StoredRide): Promise<FlowEvent> {
  // What was learnt about the clock since the scan moves the minute too.
  const known = await phone.store.transact((tx) => tx.get<Me>('me'));
  const offsetMs = known?.offsetMs ?? 0;
  const boardedMs = ride.boardedMs + offsetMs - ride.offsetMs;
  const pass = await takeSlot(phone, boardedMs, ride.sealed);
  if (pass === undefined) return { type: 'no-slot' };
  const { bundle, me, slotIndex } = pass;
  const nowMs = Date.now() + me.offsetMs;
  const queued = ride.queued === true || nowMs - boardedMs > QUEUED_AFTER_MS || !navigator.onLine;
  const made = await makeRide(await phone.suite(), {
    bundle,
    pass: pass.pass,
    code: unwrap(fromBase64Url(ride.code)).slice(0, 8),
    boardedMs,
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
  await changeRide(phone, ride.id, (r) => ({
    ...r,
    status: 'sealed',
    boardedMs,
    offsetMs,
    queued,
    sealed,
    claimMs: 0,
  }));
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
export async function platformOf(phone: Phone, ride: StoredRide): Promise<string> {
  const me = await phone.store.transact((tx) => tx.get<Me>('me'));
  return me?.bundles.find((b) => b.day === ride.sealed?.day)?.platformUrl ?? phone.settings.platformUrl;
}

async function post(phone: Phone, ride: StoredRide): Promise<FlowEvent> {
  const claimed = await claim(phone, ride.id);
  if (claimed === 'registered') return { type: 'answered', answer: 'ok' };
  if (claimed === 'gone') return { type: 'answered', answer: 'refused' };
  if (claimed === 'elsewhere') {
    await wait(LOOK_AGAIN_MS);
    return { type: 'sealed' };
  }
  const { status, body, code } = await ask<RideAnswer>(`${await platformOf(phone, ride)}/v1/rides`, claimed.body);
  const answer = answerOf(status, code);
  const kept =
    answer === 'busy' || answer === 'unreachable'
      ? { againMs: Date.now() + (body.retryAfterS ?? 0) * 1_000 }
      : undefined;
  const done: Partial<StoredRide> = { status: 'registered', receipt: body };
  const change = answer === 'ok' ? done : (kept ?? (await phone.mend(answer, body)));
  await changeRide(phone, ride.id, (stored) =>
    // Undone or deleted while the answer was on its way: that stands.
    stored.status === 'sealed'
      ? { ...stored, ...change, registeredMs: stored.registeredMs ?? Date.now(), claimMs: 0 }
      : undefined,
  );
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
    else if (flow.phase === 'sealing') event = await seal(phone, ride);
    else if (flow.phase === 'posting') event = await alone(() => post(phone, ride));
    else return flow;
    flow = step(flow, event);
  }
}

async function refilled(phone: Phone): Promise<FlowEvent> {
  const outcome = await phone.refill();
  if (outcome === 'refilled' || outcome === 'ticket-refused') return { type: outcome };
  return { type: 'answered', answer: outcome };
}
