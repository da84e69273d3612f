// Wires the vault: slots, log, roster, roll, cases, messages, and the one socket casework speaks to.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createServer, listen, targetsOf } from '@tongche/http';
import { grantNotifier, outboxMigrations } from '@tongche/outbox';
import { connect, migrate } from '@tongche/postgres';
import { fromBase64Url, toBase64Url, unwrap } from '@tongche/protocol';
import { bytesFrom, openSlots } from '@tongche/runtime';
import type { Clock, Log, Random, Running } from '@tongche/runtime';
import { randomBytes } from 'node:crypto';
import { openAmendments } from './cases/amend.ts';
import { openAsking } from './cases/asking.ts';
import { openCases } from './cases/cases.ts';
import { openContacts } from './cases/contacts.ts';
import { openExports } from './cases/exports.ts';
import { openInclusions } from './cases/include.ts';
import { openInterviews } from './cases/interview.ts';
import { openTraces } from './cases/trace.ts';
import { platformClient } from './clients/platform.ts';
import { registrarClient } from './clients/registrar.ts';
import { checkConfig, logOriginOf } from './config.ts';
import type { Config, Secrets } from './config.ts';
import { events } from './events.ts';
import { openDaySlots } from './keys/day-slots.ts';
import { offered, openPush } from './keys/push.ts';
import { openRoll } from './keys/roll.ts';
import type { RollOutcome } from './keys/roll.ts';
import { openRosters } from './keys/roster.ts';
import { ensureSigningKeys } from './keys/signing.ts';
import { openTransparencyLog } from './log/transparency.ts';
import { openLists } from './messages/lists.ts';
import { openMessages } from './messages/messages.ts';
import { openPool } from './opening/pool.ts';
import { eventHub } from './routes/event-hub.ts';
import { addRoutes } from './routes/routes.ts';
import { openSchedule, renewals } from './schedule.ts';

export interface VaultOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  /** The system's when absent. */
  readonly random?: Random;
}

export interface Vault extends Running {
  readonly socket: string;
  /** Public halves of sign_auth, base64url. */
  readonly publicKeys: { readonly ed25519: string; readonly p256: string };
  /** The daily roll, now: keys, closing of due cases, lists, deliveries. */
  roll(): Promise<RollOutcome | undefined>;
  /** Offers again whatever another process did not take, and takes receipts. */
  deliver(): Promise<void>;
  /** Resolves when no trace is being carried out. */
  idle(): Promise<void>;
}

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));
/** A preview names up to 10,000 contacts by id. */
const BODY_LIMIT = 1024 * 1024;

/** Starts the vault. Throws ConfigError with one line for settings that must not be. */
export async function buildVault(options: VaultOptions): Promise<Vault> {
  checkConfig(options.config, options.secrets);
  const opened: (() => Promise<void>)[] = [];
  try {
    return await wire(options, (close) => opened.unshift(close));
  } catch (error) {
    for (const close of opened) await close();
    throw error;
  }
}

/** `keep` is told how to close what has been opened, in case the rest cannot start. */
async function wire(options: VaultOptions, keep: (close: () => Promise<void>) => void): Promise<Vault> {
  const { config, secrets, clock, log } = options;
  const random = bytesFrom(options.random ?? ((n) => new Uint8Array(randomBytes(n))));
  const slots = openSlots(config.slotsFolder, unwrap(fromBase64Url(secrets.unsealKey)), { random });
  const db = connect({ url: secrets.databaseUrl, max: config.databaseMax, name: 'vault', log });
  keep(() => db.end());
  await migrate(db, migrations, { app: 'vault', log });
  await migrate(db, outboxMigrations, { app: 'outbox', log });
  const { notifierRole } = config;
  if (notifierRole !== undefined) await db.tx('grant', (tx) => grantNotifier(tx, notifierRole));

  const platform = platformClient(targetsOf(config.platformInternal));
  const registrar = registrarClient(config.registrarInternal);
  keep(() => platform.close());
  keep(() => registrar.close());
  const signing = await ensureSigningKeys(slots, random);
  const transparency = openTransparencyLog(db, {
    origin: logOriginOf(config),
    sk: signing.ed25519.sk,
    pk: signing.ed25519.pk,
  });
  const days = openDaySlots(slots, random);
  const hub = eventHub();
  const { iss } = config.authority;
  const roll = openRoll({
    config,
    db,
    clock,
    log,
    slots,
    days,
    signing,
    transparency,
    identity: () => platform.identity(),
  });
  const push = openPush({ iss, db, log, days, signing, signedMs: roll.believedMs, transparency, registrar });
  // The roster may change before there is a schedule: its first run sees to that.
  let soon = (): void => {};
  const rosters = await openRosters({
    config,
    secrets,
    db,
    clock,
    log,
    transparency,
    onChange: () => soon(),
  });
  const pool = openPool(config.workers ?? Math.max(2, availableParallelism() - 1));
  keep(() => pool.close());
  const common = { config, db, clock, log, random, slots, transparency, hub, onLog: () => soon() };
  const lists = openLists({ ...common, registrar, today: () => roll.today() });
  const cases = openCases({ ...common, days, rosters, today: () => roll.today() });
  const asking = openAsking({ clock, platform, signing, transparency, rosters });
  const traces = openTraces({ ...common, cases, days, platform, asking, pool, lists });
  const inclusions = openInclusions({ ...common, cases, traces });
  const amendments = openAmendments({ ...common, cases, traces });
  const interviews = openInterviews({ ...common, cases, amendments, asking, platform });
  const contacts = openContacts({ ...common, cases, rosters });
  const exports = openExports({ ...common, cases, rosters });
  const messages = openMessages({ ...common, cases, rosters, registrar });

  const renewed = renewals(clock);
  const schedule = openSchedule({
    config,
    clock,
    log,
    async roll() {
      const outcome = await roll.run();
      if (!outcome.isHeld) {
        await cases.closeDue();
        await lists.make();
      }
      hub.send('keys', {});
      return outcome;
    },
    isRollDue: roll.isDue,
    async deliver() {
      const roster = rosters.current();
      const showRoster = async (): Promise<boolean> =>
        roster === undefined || offered(log, 'roster', () => platform.roster(roster));
      const taken = [
        await renewed('roster', String(roster?.version), showRoster),
        await renewed('keys', String(roll.today()), () => push.keys(roll.today())),
        await push.log(),
        await lists.push(),
        await messages.deliver(),
        await traces.resume(),
      ];
      return taken.every(Boolean);
    },
    watch: () => traces.watch(),
    corrections: () => traces.corrections(),
  });
  soon = () => schedule.soon();

  const app = createServer({
    name: 'vault',
    clock,
    log,
    random,
    bodyLimit: BODY_LIMIT,
    health: async () => ({
      ok: (await db.query('select 1')).rowCount === 1,
      checks: { days: days.days().length, rolled: schedule.rolled(), clock: roll.isBelieved() },
    }),
  });
  addRoutes(app, {
    config,
    clock,
    db,
    cases,
    contacts,
    traces,
    inclusions,
    amendments,
    interviews,
    messages,
    exports,
    rosters,
    transparency,
    roll,
    hub,
  });
  keep(async () => {
    schedule.stop();
    await app.close();
    await traces.idle();
    await schedule.settled();
  });
  await schedule.start();
  await traces.resume();
  await listen(app, config.listen);
  log.event(events.started, {
    mode: config.mode,
    days: days.days().length,
    logSize: (await transparency.checkpoint()).size,
  });

  return {
    socket: config.listen.socket,
    publicKeys: { ed25519: toBase64Url(signing.ed25519.pk), p256: toBase64Url(signing.p256.pk) },
    roll: () => schedule.roll(),
    deliver: () => schedule.deliver(),
    idle: () => traces.idle(),
    async close() {
      schedule.stop();
      await app.close();
      await traces.idle();
      await schedule.settled();
      await pool.close();
      await platform.close();
      await registrar.close();
      await db.end();
    },
  };
}
