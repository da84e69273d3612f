// Notes, erasures and empty messages on their way through the registrar's relay: stored sealed before they are sent, sent until they arrived.
import { fromBase64Url, sealNote, sealRelay, toBase64Url, unwrap, MAX_NOTES } from '@tongche/protocol/formats';
import type { StopNote } from '@tongche/protocol/formats';
import type { Phone } from '../app.ts';
import { changeRide } from '../ride/engine.ts';
import type { Alighting, Me, StoredRide } from '../ride/model.ts';
import { ask } from '../ride/net.ts';

/** More waiting messages than a month of rides and notes would mean a fault: the oldest go first. */
const MAX_OUTBOX = 1_000;

async function relayKey(phone: Phone, ride: StoredRide): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const me = await phone.store.transact((tx) => tx.get<Me>('me'));
  // Any live bundle carries the operator's relay key; the ride's own day may be gone from the phone.
  const bundle = me?.bundles.find((b) => b.day === ride.sealed?.day) ?? me?.bundles.at(-1);
  return bundle === undefined ? undefined : unwrap(fromBase64Url(bundle.relayPk));
}

async function enqueue(phone: Phone, message: string): Promise<void> {
  await phone.store.transact(async (tx) => {
    const waiting = (await tx.get<readonly string[]>('outbox')) ?? [];
    tx.put('outbox', [...waiting, message].slice(-MAX_OUTBOX));
  });
}

/** Sends what waits. True when nothing is left. */
export async function sendOutbox(phone: Phone): Promise<boolean> {
  for (;;) {
    const next = await phone.store.transact(async (tx) => (await tx.get<readonly string[]>('outbox'))?.[0]);
    if (next === undefined) return true;
    const { status } = await ask('/relay', next);
    // Malformed for this server: keeping it would block what waits behind.
    if (status !== 204 && status !== 400) return false;
    await phone.store.transact(async (tx) => {
      const rest = ((await tx.get<readonly string[]>('outbox')) ?? []).filter((message) => message !== next);
      if (rest.length > 0) tx.put('outbox', rest);
      else tx.remove('outbox');
    });
  }
}

/** Seals a stop note under the ride's own note key. One number is never used for two notes: it is taken first. */
export async function writeNote(phone: Phone, ride: StoredRide, note: StopNote, alighted: Alighting): Promise<boolean> {
  const taken = await changeRide(phone, ride.id, (r) =>
    r.notes < MAX_NOTES && r.sealed !== undefined ? { ...r, notes: r.notes + 1, alighted } : undefined,
  );
  const relayPk = await relayKey(phone, ride);
  if (taken?.sealed === undefined || relayPk === undefined) return false;
  const suite = await phone.suite();
  const { day, tag, adm, noteKey } = taken.sealed;
  const idx = taken.notes - 1;
  const ct32 = await sealNote(suite, noteKey, { day, tag, idx }, note);
  const message = await sealRelay(suite, relayPk, { kind: 'note', day, tag, key16: adm, idx, ct32 });
  await enqueue(phone, toBase64Url(message));
  await sendOutbox(phone);
  return true;
}

/** What leaves after a scan that ended no ride: like a note to everybody but the operator, who finds nothing in it. */
export async function sendEmpty(phone: Phone, ride: StoredRide): Promise<void> {
  const relayPk = await relayKey(phone, ride);
  if (relayPk !== undefined)
    await enqueue(phone, toBase64Url(await sealRelay(await phone.suite(), relayPk, { kind: 'empty' })));
}

/** Asks for a ride's row to be erased, hours later and unlinked. The ride leaves the phone when the message is stored. */
export async function eraseLater(phone: Phone, ride: StoredRide): Promise<boolean> {
  const relayPk = await relayKey(phone, ride);
  if (ride.sealed === undefined) return true;
  if (relayPk === undefined) return false;
  const { day, tag, eraseKey } = ride.sealed;
  const message = await sealRelay(await phone.suite(), relayPk, { kind: 'erase', day, tag, key16: eraseKey });
  await enqueue(phone, toBase64Url(message));
  return true;
}
