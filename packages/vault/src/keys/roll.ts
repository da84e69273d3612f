// The daily roll: make the keys of D+9, destroy those of D-28, re-wrap what lives. May run at any time and any number of
// times; after days of downtime one run catches up. Destruction never waits for anything outside this process, but for a
// calendar that leaps ahead to be believed: see docs/decisions/0019-clocks-that-jump.md.
import type { Bundle, PlatformIdentity } from '@tongche/contract';
import { dayOf, dayStartMs, signBundle, toBase64Url } from '@tongche/protocol';
import type { UnsignedBundle } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import type { Database } from '@tongche/postgres';
import { believe } from '@tongche/runtime';
import type { Clock, Leap, Log, Slots } from '@tongche/runtime';
import type { Config } from '../config.ts';
import { events } from '../events.ts';
import type { TransparencyLog } from '../log/transparency.ts';
import { addDayKey, dayKeysFrom, livingDayKeys, markDestroyed, replaceBundle } from '../store/day-keys.ts';
import { readSetting, writeSetting } from '../store/settings.ts';
import type { DaySlots, MadeDay } from './day-slots.ts';
import type { SigningKeys } from './signing.ts';

/** Wallets hold nine days ahead. */
export const DAYS_AHEAD = 9;
/** Admissions are checked until the roll of d+8. */
const ADMISSION_DAYS = 8;
const LAST_ROLL = 'last-roll';
const LEAP = 'leap';
/** How often a calendar that is not believed is looked at. */
const LOOK_AGAIN_MS = 600_000;
const IDENTITY = 'platform-identity';

export interface RollOutcome {
  readonly day: number;
  readonly made: number;
  readonly destroyed: number;
  /** Nothing was destroyed, because the calendar is not believed yet. */
  readonly isHeld: boolean;
}

export interface Roll {
  /** Throws when the operator's identity has never been seen: bundles name its address and relay key. */
  run(): Promise<RollOutcome>;
  /** The local day whose roll is due or done. */
  today(): number;
  /** Whether another day has come since the last run, or a held one is to be looked at again. */
  readonly isDue: () => boolean;
  readonly isBelieved: () => boolean;
  /** Now, or the last roll while the calendar is not believed: what may be signed as the time. */
  readonly believedMs: () => number;
}

interface RollParts {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly slots: Slots;
  readonly days: DaySlots;
  readonly signing: SigningKeys;
  readonly transparency: TransparencyLog;
  readonly identity: () => Promise<PlatformIdentity>;
}

export function openRoll(parts: RollParts): Roll {
  const { config, db, clock, log, slots, days, signing, transparency } = parts;
  const { zone, iss, name } = config.authority;
  // Between midnight and the hour of the roll the day before is still rolled.
  const today = (): number => dayOf(clock.now() - config.rollMinute * 60_000, zone);

  /** The operator's address and relay key; as last seen when it does not answer. */
  async function identity(): Promise<PlatformIdentity> {
    try {
      const fresh = await parts.identity();
      await writeSetting(db, IDENTITY, JSON.stringify(fresh));
      return fresh;
    } catch (error) {
      const kept = await readSetting(db, IDENTITY);
      if (kept === undefined) throw error;
      return JSON.parse(kept) as PlatformIdentity;
    }
  }

  async function signed(bundle: UnsignedBundle): Promise<Bundle> {
    return signBundle(nodeSuite, bundle, { ed25519Sk: signing.ed25519.sk, p256Sk: signing.p256.sk });
  }

  async function bundleOf(day: number, made: MadeDay, platform: PlatformIdentity): Promise<Bundle> {
    return signed({
      authority: { iss, name, zone },
      day,
      // Names the key itself: a day whose keys were lost and made again never mixes up its envelopes.
      keyId: `${day}-${toBase64Url(await nodeSuite.sha256(made.env.pk)).slice(0, 8)}`,
      suite: 1,
      pkEnv: toBase64Url(made.env.pk),
      notBeforeMs: dayStartMs(day, zone),
      notAfterMs: dayStartMs(day + 1, zone),
      platformUrl: platform.platformUrl,
      relayPk: platform.relayPk,
    });
  }

  /** The operator moved, or has a new relay key: phones of the days that still count must learn it. Keys stay. */
  async function followOperator(d: number): Promise<void> {
    const { platformUrl, relayPk } = await identity();
    for (const row of await dayKeysFrom(db, d - 1)) {
      const { signatures: _old, ...bundle } = JSON.parse(row.bundle) as Bundle;
      if (row.destroyedMs !== null || (bundle.platformUrl === platformUrl && bundle.relayPk === relayPk)) continue;
      const moved = await signed({ ...bundle, platformUrl, relayPk });
      await replaceBundle(db, row.day, JSON.stringify(moved));
    }
  }

  async function makeMissing(d: number): Promise<number> {
    const known = new Set((await dayKeysFrom(db, d - 1)).map(({ day }) => day));
    const missing = Array.from({ length: DAYS_AHEAD + 2 }, (_, i) => d - 1 + i).filter((day) => !known.has(day));
    if (missing.length === 0) return 0;
    const platform = await identity();
    for (const day of missing) {
      // Slots first: a row without keys would be a promise nobody can keep.
      const bundle = await bundleOf(day, await days.make(day), platform);
      const madeMs = clock.now();
      await db.tx('make-day', async (tx) => {
        await addDayKey(tx, { day, keyId: bundle.keyId, bundle: JSON.stringify(bundle), madeMs });
        await transparency.append(tx, madeMs, [{ kind: 'key-make', detail: { day, keyId: bundle.keyId } }]);
      });
      log.event(events.dayKeyMade, { day });
    }
    return missing.length;
  }

  let looked: { readonly day: number; readonly steadyMs: number } | undefined;
  /** Day of the last roll that was believed, while this one is not. */
  let heldAt: number | undefined;

  /** Whether what is due by the calendar may be destroyed. */
  async function look(day: number): Promise<boolean> {
    const steadyMs = clock.steadyMs();
    const passedMs = steadyMs - (looked?.steadyMs ?? steadyMs);
    looked = { day, steadyMs };
    const lastRoll = await readSetting(db, LAST_ROLL);
    const kept = await readSetting(db, LEAP);
    const leap = kept === undefined ? undefined : (JSON.parse(kept) as Leap | null);
    const knownDay = lastRoll === undefined ? undefined : Number(lastRoll);
    const belief = believe({ today: day, knownDay, leap: leap ?? undefined, passedMs }, config.leap);
    if (belief.isBelieved || knownDay === undefined) {
      heldAt = undefined;
      if (leap !== undefined) await writeSetting(db, LEAP, 'null');
      return true;
    }
    if (heldAt === undefined) log.event(events.calendarLeapt, { shown: day, known: knownDay });
    heldAt = knownDay;
    await writeSetting(db, LEAP, JSON.stringify(belief.leap));
    return false;
  }

  async function destroyOld(d: number): Promise<number> {
    const last = d - config.retentionDays;
    const rows = (await livingDayKeys(db)).filter(({ day }) => day <= last).map(({ day }) => day);
    const orphans = days.days().filter((day) => day <= last);
    for (const day of new Set([...rows, ...orphans])) days.destroy(day);
    for (const day of days.days()) if (day <= d - ADMISSION_DAYS) days.dropAdmission(day);
    const rolledBefore = Number((await readSetting(db, LAST_ROLL)) ?? -1);
    // Old file blocks stay on the disk until the folder's key is gone too.
    if (rows.length > 0 || orphans.length > 0 || rolledBefore < d) slots.rewrap();
    let destroyed = 0;
    for (const day of rows) {
      const atMs = clock.now();
      const first = await db.tx('destroy-day', async (tx) => {
        if (!(await markDestroyed(tx, day, atMs))) return false;
        await transparency.append(tx, atMs, [{ kind: 'key-destroy', detail: { day } }]);
        return true;
      });
      if (first) destroyed += 1;
      log.event(events.dayKeyDestroyed, { day });
    }
    await writeSetting(db, LAST_ROLL, String(Math.max(d, rolledBefore)));
    return destroyed;
  }

  return {
    today,
    isDue: () =>
      looked === undefined ||
      looked.day !== today() ||
      (heldAt !== undefined && clock.steadyMs() - looked.steadyMs >= LOOK_AGAIN_MS),
    isBelieved: () => heldAt === undefined,
    believedMs: () => (heldAt === undefined ? clock.now() : dayStartMs(heldAt, zone) + config.rollMinute * 60_000),
    async run() {
      const day = today();
      const isHeld = !(await look(day));
      const destroyed = await destroyOld(heldAt ?? day);
      const made = await makeMissing(day);
      await followOperator(day);
      log.event(events.rolled, { day, made, destroyed });
      return { day, made, destroyed, isHeld };
    },
  };
}
