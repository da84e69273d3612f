// Brings what the registrar must hold: day keys with their bundles, and the public log. Offered again until taken.
import type { AdmissionKey, Bundle, RegistrarKeys } from '@tongche/contract';
import { RemoteError } from '@tongche/http';
import { signJson, toBase64Url } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import type { Database } from '@tongche/postgres';
import type { Log } from '@tongche/runtime';
import type { RegistrarClient } from '../clients/registrar.ts';
import { events } from '../events.ts';
import type { TransparencyLog } from '../log/transparency.ts';
import { dayKeysFrom } from '../store/day-keys.ts';
import type { DaySlots } from './day-slots.ts';
import type { SigningKeys } from './signing.ts';

/** Entries in one delivery (contract: LogPush). */
const LOG_PAGE = 1_000;
/** Bounds one run; the rest follows at the next. */
const MAX_LOG_PAGES = 100;

export interface KeyPush {
  /** Offers the keys of yesterday and later. False when the registrar did not take them. */
  keys(today: number): Promise<boolean>;
  /** Offers what the mirror lacks. */
  log(): Promise<boolean>;
}

interface PushParts {
  readonly iss: number;
  readonly db: Database;
  readonly log: Log;
  readonly days: DaySlots;
  /** The time that admission keys are signed with: others take it for the authority's word on what day it is. */
  readonly signedMs: () => number;
  readonly signing: SigningKeys;
  readonly transparency: TransparencyLog;
  readonly registrar: RegistrarClient;
}

/** Runs `work`; silence or a refusal of the other side is an event and false. */
export async function offered(log: Log, what: string, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    log.event(events.pushWaiting, { what, code: error.code });
    return false;
  }
}

export function openPush(parts: PushParts): KeyPush {
  const { iss, db, log, days, signing, signedMs, transparency, registrar } = parts;

  async function delivery(today: number): Promise<RegistrarKeys> {
    const rows = (await dayKeysFrom(db, today - 1)).filter(({ destroyedMs }) => destroyedMs === null);
    const list: RegistrarKeys['days'] = [];
    for (const { day, bundle } of rows) {
      const secrets = days.secrets(day);
      const kAdm = days.admission(day);
      if (secrets === undefined || kAdm === undefined) continue;
      const unsigned = { iss, day, kAdm: toBase64Url(kAdm), issuedMs: signedMs() };
      const admission: AdmissionKey = await signJson(nodeSuite, signing.ed25519.sk, unsigned);
      list.push({ day, kTag: toBase64Url(secrets.kTag), bundle: JSON.parse(bundle) as Bundle, admission });
    }
    return {
      days: list,
      signP256: toBase64Url(signing.p256.pk),
      signEd25519: toBase64Url(signing.ed25519.pk),
    };
  }

  let turn: Promise<boolean> = Promise.resolve(true);

  async function pushLog(): Promise<boolean> {
    return offered(log, 'log', async () => {
      let from = await registrar.mirroredSize();
      const { size, note } = await transparency.checkpoint();
      for (let page = 0; from < size && page < MAX_LOG_PAGES; page += 1) {
        const entries = await transparency.entries(from, Math.min(LOG_PAGE, size - from));
        await registrar.log({ from, entries: entries.map(({ line }) => line), checkpoint: note });
        from += entries.length;
      }
      log.event(events.logPushed, { size: from });
    });
  }

  return {
    keys: (today) =>
      offered(log, 'keys', async () => {
        const body = await delivery(today);
        await registrar.keys(body);
        log.event(events.keysPushed, { days: body.days.length });
      }),
    log() {
      // One after another, so that two pushes never send the same page with different checkpoints.
      turn = turn.then(pushLog, pushLog);
      return turn;
    },
  };
}
