// Admission keys on their way from the vault to the platform, to each of its hosts, which keep their own. Tried until all have
// them; a start begins anew, which the platform takes as repetition.
import type { PlatformKeys } from '@tongche/contract';
import type { InternalClient } from '@tongche/http';
import { RemoteError } from '@tongche/http';
import type { Clock, Log, Stop } from '@tongche/runtime';
import type { Static } from 'typebox';
import { events } from '../events.ts';
import { DELIVERY_RETRY_MS } from '../limits.ts';
import type { Keyring } from './keyring.ts';

/** Days in one delivery (contract: PlatformKeys). */
const MAX_DAYS = 40;

export interface Delivery {
  /** Tries now what some host does not have yet. Never throws. */
  run(): Promise<void>;
  /** Days that every host has confirmed. */
  delivered(): ReadonlySet<number>;
  stop: Stop;
}

export function admissionDelivery(
  platforms: readonly InternalClient[],
  keyring: Keyring,
  clock: Clock,
  log: Log,
): Delivery {
  const hosts = platforms.map((client) => ({ client, done: new Set<number>() }));
  let running: Promise<void> | undefined;
  let again = false;

  let stopRetry: Stop = () => {};
  let stopped = false;

  /** Whether the host has all there is. */
  async function deliverTo({ client, done }: (typeof hosts)[number]): Promise<boolean> {
    const admission = keyring
      .admissions()
      .filter(({ day }) => !done.has(day))
      .slice(0, MAX_DAYS);
    if (admission.length === 0) return true;
    try {
      const body: Static<typeof PlatformKeys> = { admission };
      await client.post('/internal/keys', body);
      for (const { day } of admission) done.add(day);
      log.event(events.admissionDelivered, { days: admission.length });
      return true;
    } catch (error) {
      const code = error instanceof RemoteError ? error.code : 'fault';
      log.event(events.admissionWaiting, { days: admission.length, code });
      return false;
    }
  }

  /** One host that is away does not keep the others from theirs. */
  async function deliver(): Promise<void> {
    stopRetry();
    const all = await Promise.all(hosts.map(deliverTo));
    if (!stopped && all.includes(false)) stopRetry = clock.after('admission-delivery', DELIVERY_RETRY_MS, run);
  }

  async function deliverAll(): Promise<void> {
    do {
      again = false;
      await deliver();
    } while (again);
  }

  function run(): Promise<void> {
    if (stopped) return Promise.resolve();
    // What arrives while a delivery is under way has its turn right after it.
    again = true;
    running ??= deliverAll().finally(() => {
      running = undefined;
    });
    return running;
  }

  function stop(): void {
    stopped = true;
    stopRetry();
  }

  function delivered(): ReadonlySet<number> {
    const [first, ...others] = hosts;
    return new Set([...(first?.done ?? [])].filter((day) => others.every(({ done }) => done.has(day))));
  }

  return { run, delivered, stop };
}
