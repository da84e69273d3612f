// Retirement by the registrar's own clock: keys, blobs, denials, notices, challenges and lists leave without anybody
// having to ask for it.
import { dayText } from '@tongche/protocol';
import type { Clock, Log } from '@tongche/runtime';
import { events } from '../events.ts';
import type { KeyIntake } from '../keys/intake.ts';
import type { Keyring } from '../keys/keyring.ts';
import { RELAY_LIFE_MS, TICKET_EPOCHS_LIVING } from '../limits.ts';
import type { Stores } from '../store/stores.ts';

interface RetireOptions {
  readonly keyring: Keyring;
  readonly intake: KeyIntake;
  readonly stores: Stores;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly retentionDays: number;
}

/** Keys past their life are destroyed; nothing else is touched. */
export function retireKeys({ keyring, log }: Pick<RetireOptions, 'keyring' | 'log'>): void {
  for (const slot of keyring.retire()) log.event(events.keyDestroyed, { slot });
}

/** Keys and rows. Every part may be repeated at any time. */
export async function retire(options: RetireOptions): Promise<void> {
  const { keyring, intake, stores, clock, log, retentionDays } = options;
  retireKeys(options);
  await intake.retire();
  const nowMs = clock.now();
  const challenges = await stores.challenges.expire(nowMs);
  const denials = await stores.denials.dropThrough(keyring.ticketEpoch() - TICKET_EPOCHS_LIVING);
  const blobs = await stores.relay.expire(nowMs - RELAY_LIFE_MS);
  const { notices, receipts } = await stores.notices.expire(nowMs);
  const lists = await stores.lists.dropBefore(dayText(keyring.today() - retentionDays));
  if (blobs + denials + notices + receipts + challenges + lists > 0) {
    log.event(events.retired, { blobs, denials, notices, receipts, challenges, lists });
  }
}
