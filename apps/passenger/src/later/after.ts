// What follows a registered ride without anybody waiting for it: the ends of rides before, and the relay.
import type { Phone } from '../app.ts';
import { changeRide } from '../ride/engine.ts';
import type { StoredRide } from '../ride/model.ts';
import { endsOf } from './chain.ts';
import { sendEmpty, sendOutbox, writeNote } from './relay.ts';

/** Marks a scan as followed by its message; false where another tab, or an earlier look at the page, has done so. */
async function isNew(phone: Phone, ride: StoredRide | undefined): Promise<boolean> {
  if (ride?.status !== 'registered') return false;
  const marked = await changeRide(phone, ride.id, (r) => (r.followed === true ? undefined : { ...r, followed: true }));
  return marked !== undefined;
}

/**
 * After a scan exactly one message, whatever there is to tell: the registrar sees that somebody scanned, not whether a ride
 * was before it. What is left is told when the page is opened without a scan.
 */
export async function afterRide(phone: Phone, ride: StoredRide | undefined, nowMs: number): Promise<void> {
  const scanned = await isNew(phone, ride);
  const ends = endsOf(await phone.store.transact((tx) => tx.rides()), nowMs);
  for (const end of scanned ? ends.slice(0, 1) : ends) await writeNote(phone, end.ride, end.note, end.alighted);
  if (scanned && ride !== undefined && ends.length === 0) await sendEmpty(phone, ride);
  await sendOutbox(phone);
}
