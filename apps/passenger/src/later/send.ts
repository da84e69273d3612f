// What leaves the phone beside a scan: rides that waited, and the taking back of a ride.
import { concat, toBase64Url, u16 } from '@tongche/protocol/formats';
import type { Phone } from '../app.ts';
import { drive, loadRide, platformOf } from '../ride/engine.ts';
import { START } from '../ride/flow.ts';
import type { Flow } from '../ride/flow.ts';
import { isOver, LATE_MS } from '../ride/model.ts';
import type { StoredRide } from '../ride/model.ts';
import { ask } from '../ride/net.ts';

/** No server asks a phone to wait for longer; more means that the phone's clock was set back. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** What is left of the time for which the server asked not to be asked again. */
export function waitLeftMs(ride: StoredRide | undefined): number {
  const leftMs = (ride?.againMs ?? 0) - Date.now();
  return leftMs > 0 && leftMs <= LONGEST_WAIT_MS ? leftMs : 0;
}

/**
 * Sends what is kept: rides of tunnels, of busy hours, and of the minutes before a code arrived. Resolves with how long the
 * server asked to be left alone, where something is still kept.
 */
export async function flush(phone: Phone, except?: string): Promise<number | undefined> {
  const { rides, me } = await phone.store.transact(async (tx) => ({ rides: await tx.rides(), me: await tx.get('me') }));
  const askedMs = Math.max(0, ...rides.map(waitLeftMs));
  if (me === undefined) return undefined;
  for (const ride of rides) {
    if (ride.id === except || (ride.status !== 'sealed' && ride.status !== 'held')) continue;
    if (askedMs > 0) return askedMs;
    const flow: Flow = { ...START, phase: ride.status === 'sealed' ? 'posting' : 'sealing' };
    const rest = await drive(phone, ride.id, flow, () => undefined);
    if (rest.phase === 'saved' || rest.phase === 'busy') return waitLeftMs(await loadRide(phone, ride.id));
  }
  return undefined;
}

/** POST /v1/rides/undo with d2 ‖ tag16 ‖ eraseK16. True when the row is gone for certain. */
export async function eraseNow(phone: Phone, ride: StoredRide): Promise<boolean> {
  const { sealed } = ride;
  if (sealed === undefined) return true;
  const body = toBase64Url(concat(u16(sealed.day), sealed.tag, sealed.eraseKey));
  return (await ask(`${await platformOf(phone, ride)}/v1/rides/undo`, body)).status === 204;
}

/** Rides past retention, and minutes kept for somebody who never enrolled, leave the phone; what is too late is not sent. */
export async function letGo(phone: Phone, nowMs: number): Promise<void> {
  await phone.store.transact(async (tx) => {
    const enrolled = (await tx.get('me')) !== undefined;
    for (const ride of await tx.rides()) {
      if (isOver(ride, nowMs, phone.settings.retentionDays, enrolled)) tx.remove(`r:${ride.id}`);
      else if (ride.status === 'sealed' && nowMs - ride.boardedMs > LATE_MS)
        tx.put(`r:${ride.id}`, { ...ride, status: 'refused' });
    }
  });
}
