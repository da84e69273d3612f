// Day keys from the vault: who signed them, whether they belong together, and where they go.
import { Refusal } from '@tongche/contract';
import type { Bundle, RegistrarKeys } from '@tongche/contract';
import { fromBase64Url, unwrap, verifyBundle, verifyJson } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import type { Log } from '@tongche/runtime';
import type { Config } from '../config.ts';
import { events } from '../events.ts';
import { MAX_KEY_DAYS_AHEAD } from '../limits.ts';
import type { BundleStore } from '../store/bundles.ts';
import type { Keyring } from './keyring.ts';

export interface KeyIntake {
  /** Throws Refusal signature-invalid, conflict or bad-request; nothing is taken in then from the day refused on. */
  take(keys: RegistrarKeys): Promise<void>;
  /** Bundles of yesterday..+7, in order. */
  bundles(): Bundle[];
  /** Forgets bundles of days whose key is gone. */
  retire(): Promise<void>;
}

interface IntakeOptions {
  readonly config: Pick<Config, 'authority' | 'vault'>;
  readonly keyring: Keyring;
  readonly store: BundleStore;
  readonly log: Log;
  /** Called when admission keys arrived, for delivery to the platform. */
  readonly onKeys: () => void;
}

type Day = RegistrarKeys['days'][number];

export async function openIntake(options: IntakeOptions): Promise<KeyIntake> {
  const { config, keyring, store, log, onKeys } = options;
  const held = new Map((await store.all()).map((bundle) => [bundle.day, bundle]));
  const ed25519 = unwrap(fromBase64Url(config.vault.ed25519));
  const p256 = unwrap(fromBase64Url(config.vault.p256));

  function refuse(code: 'signature-invalid' | 'conflict' | 'bad-request', reason: string): never {
    log.event(events.keysRefused, { reason });
    throw new Refusal(code);
  }

  async function check({ day, bundle, admission }: Day): Promise<void> {
    const { iss, zone } = config.authority;
    if (bundle.day !== day || admission.day !== day) refuse('bad-request', 'days differ');
    if (bundle.authority.iss !== iss || admission.iss !== iss) refuse('bad-request', 'another authority');
    if (bundle.authority.zone !== zone) refuse('bad-request', 'another time zone');
    if (day > keyring.today() + MAX_KEY_DAYS_AHEAD) refuse('bad-request', 'too far ahead');
    // Phones check the P-256 signature, servers the other: a bundle that only one of them takes would be a trap.
    const servers = await verifyBundle(nodeSuite, bundle, { ed25519 });
    const phones = await verifyBundle(nodeSuite, bundle, { p256 });
    if (!servers.ok || !phones.ok) refuse('signature-invalid', 'bundle');
    if (!(await verifyJson(nodeSuite, ed25519, admission))) refuse('signature-invalid', 'admission key');
  }

  async function take(keys: RegistrarKeys): Promise<void> {
    if (keys.signEd25519 !== config.vault.ed25519 || keys.signP256 !== config.vault.p256) {
      refuse('signature-invalid', 'not the pinned keys');
    }
    for (const one of keys.days) await check(one);
    for (const { day, kTag, bundle, admission } of keys.days) {
      if (!keyring.accept({ day, kTag: unwrap(fromBase64Url(kTag)), admission }))
        refuse('conflict', 'another key of a day');
      if (keyring.isPast(day).tag) continue;
      await store.put(bundle);
      held.set(day, bundle);
    }
    const days = keys.days.map(({ day }) => day);
    if (days.length > 0) {
      log.event(events.keysAccepted, { days: days.length, from: Math.min(...days), to: Math.max(...days) });
    }
    onKeys();
  }

  return {
    take,
    bundles: () => keyring.walletDays().flatMap(({ day }) => held.get(day) ?? []),
    async retire() {
      const first = keyring.today() - 1;
      for (const day of held.keys()) if (keyring.isPast(day).tag) held.delete(day);
      await store.dropBefore(first);
    },
  };
}
