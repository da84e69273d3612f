// The wiring of the operator's process: what is made of what, in the order it is opened and closed.
import { randomBytes } from 'node:crypto';
import { Refusal } from '@tongche/contract';
import { createServer, createMetrics, listen } from '@tongche/http';
import type { Listen } from '@tongche/http';
import type { CityData } from '@tongche/network';
import { readCity } from '@tongche/network/import';
import { connect, distribute, migrate } from '@tongche/postgres';
import type { Database, ServerOffer } from '@tongche/postgres';
import { fromBase64Url, MINUTE_MS, unwrap } from '@tongche/protocol';
import { makeOpeningSuite, nodeSuite } from '@tongche/protocol/node';
import { ConfigError, hashPassword, openSlots } from '@tongche/runtime';
import type { Clock, Log, Random, Running } from '@tongche/runtime';
import { holdCity } from './city/city.ts';
import type { CityHolder } from './city/city.ts';
import { rollCalendar } from './calendar.ts';
import { timetable } from './city/import-city.ts';
import { vehicleDays } from './city/vehicle-days.ts';
import { checkConfig, configOfProcess, plausibilityLimits, printsFolderOf } from './config.ts';
import type { Config, Secrets } from './config.ts';
import { events } from './events.ts';
import { importsOffice, importThreads } from './imports/imports.ts';
import { seedCity } from './imports/seed.ts';
import { internalRoutes } from './internal.ts';
import { livingDays } from './keys-in.ts';
import { fingerprintOf, openKeys } from './keys.ts';
import { openDuties } from './peers/duties.ts';
import { hearErased, hearing } from './peers/hear.ts';
import { openNews } from './peers/news.ts';
import type { Platform } from './platform.ts';
import { positionDesk } from './positions/desk.ts';
import { pollFeed } from './positions/poll.ts';
import { openPrints } from './prints/prints.ts';
import { healthOf, publicServer } from './public-server.ts';
import { notePlaces } from './relay/note-place.ts';
import { eraser } from './rides/erase.ts';
import { rideJudge } from './rides/judge.ts';
import { boardingOf } from './rides/plan.ts';
import { rideWriter } from './rides/writer.ts';
import { roller } from './roll.ts';
import { daySealer, diskBeside } from './seal-day.ts';
import { scheduleBoardingCounts } from './boarding-counts.ts';
import { announce } from './runs/announce.ts';
import { feedRide } from './staff/feed.ts';
import { openScreens } from './staff/screens.ts';
import { bindCode, revokeCode } from './store/city.ts';
import { DISTRIBUTED, rowForm } from './store/distribution.ts';
import { LOCKS } from './store/peers.ts';
import type { Sql } from './store/sql.ts';
import { hasDemoStaff, putStaff } from './store/staff.ts';
import type { StaffRow } from './store/staff.ts';

export interface PlatformOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random;
  /** Which of the processes of this machine it is, where several share the port. */
  readonly processNumber?: number;
  /** A city that is in memory already (demonstration, tests); instead of the files of the configuration. */
  readonly city?: CityData;
}

export interface NewStaff extends Omit<StaffRow, 'staffId'> {
  readonly password: string;
  readonly demo?: boolean;
}

export interface RunningPlatform extends Running {
  /** Public address, as reached from this machine. */
  readonly url: string;
  readonly internal: { readonly socket: string } | { readonly url: string };
  readonly relayPk: Uint8Array;
  readonly assistPk: Uint8Array;
  importCity(city: CityData): Promise<void>;
  /** Adds an account or changes its name, role and password. */
  putStaff(staff: NewStaff): Promise<void>;
  /** A sticker was moved: from `fromMs`, also in the past, the code belongs to `unitId`. */
  moveCode(code8: string, unitId: string, fromMs: number): Promise<void>;
  revokeCode(code8: string): Promise<void>;
  /** The daily roll, as the schedule runs it. */
  roll(): Promise<void>;
}

const otherKeys =
  'a platform process of this database has another relay key; copy the slots folder of the first host before the first start';

const migrations = new URL('../migrations', import.meta.url);

async function cityOfConfig(config: Config, log: Log): Promise<CityData | undefined> {
  if (config.city === undefined) return undefined;
  const read = await readCity({ ...config.city, zone: config.authority.zone });
  if (!read.ok) throw new ConfigError(`the city cannot be read: ${read.code} ${read.detail ?? ''}`);
  if (read.value.errorCount > 0) log.event(events.cityRowErrors, { errors: read.value.errorCount });
  return read.value.city;
}

async function refuseDemoStaff(config: Config, db: Database): Promise<void> {
  if (config.mode === 'production' && (await hasDemoStaff(db))) {
    throw new ConfigError('production refuses demonstration accounts; disable them first');
  }
}

function randomOf(options: PlatformOptions): Random {
  return options.random ?? ((n) => new Uint8Array(randomBytes(n)));
}

interface Given extends Pick<Platform, 'peers' | 'duties'> {
  readonly offer: ServerOffer;
}

/** Everything behind the routes. */
async function assemble(options: PlatformOptions, db: Database, { peers, duties, offer }: Given) {
  const { config, secrets, clock, log } = options;
  const { zone } = config.authority;
  const random = randomOf(options);
  const suite = nodeSuite;
  const calendar = rollCalendar({ db, clock, log, zone, rules: config.leap });
  const keys = await openKeys({
    open: () => openSlots(config.slotsFolder, unwrap(fromBase64Url(secrets.unsealKey))),
    suite,
    clock,
    isLiving: (day) => livingDays(calendar)(day),
    alone: async (work) => duties.alone(LOCKS.slots, work),
  });
  const city = await holdCity(db);
  const days = vehicleDays(db, city, zone);
  const threads = importThreads({
    databaseUrl: secrets.databaseUrl,
    zone,
    retentionDays: config.retentionDays,
    origin: peers.origin,
    now: () => clock.now(),
  });
  const expandStored = async (missing: readonly number[]): Promise<number> => {
    const outcome = await threads.run({ task: 'expand', days: missing });
    return outcome.kind === 'expanded' ? outcome.runs : 0;
  };
  const times = timetable({ db, peers, clock, log, zone, city, days, expandStored });
  const rolls = roller({
    db,
    clock,
    log,
    calendar,
    zone,
    retentionDays: config.retentionDays,
    positionDays: config.positions.keepDays,
    keys,
    timetable: times,
    peers,
    duties,
    isSpread: offer.citus === 'on',
  });
  const isSpread = offer.citus === 'on';
  const screens = await openScreens({ db, isSpread, clock, log, random, zone, city, days, peers });
  const { shifts, live } = screens;
  const positions = positionDesk({
    db,
    clock,
    log,
    city,
    days,
    rules: {
      zone,
      retentionDays: config.retentionDays,
      thinMs: config.positions.thinS * 1000,
    },
    peers,
    hasPartition: rolls.hasPositions,
    onChanged: (vehicleIds) => announce({ days, shifts, live, city }, vehicleIds),
  });
  const limits = plausibilityLimits(config);
  const judge = rideJudge({
    city,
    days,
    limits,
    seen: (vehicleId, boardedMs) =>
      positions.seen(vehicleId, boardedMs - limits.farAgeMs, boardedMs + MINUTE_MS + limits.farAgeMs),
  });
  const form = rowForm(config.writing.form, offer);
  const writer = rideWriter({
    db,
    form,
    zone,
    days,
    judge,
    log,
    writing: config.writing,
    peers,
    onCommitted(plans, xid) {
      for (const plan of plans) feedRide(boardingOf(plan), plan.job.unit.unitId, shifts, live, xid);
    },
  });
  const notePlace = notePlaces(keys.relay.sk);
  const erase = eraser({
    peers,
    notePlace,
    onErased: (rides, xid) => hearErased({ city, days, shifts, live }, rides, xid),
  });
  const platform: Platform = {
    config,
    clock,
    log,
    random,
    suite,
    relaySuite: makeOpeningSuite(keys.relay.sk),
    notePlace,
    zone,
    db,
    form,
    isSpread,
    keys,
    city,
    days,
    judge,
    writer,
    ...screens,
    peers,
    duties,
    positions,
    erase,
    calendar,
    rollSoon: rolls.soon,
    admitRules: () => ({
      iss: config.authority.iss,
      zone,
      city: city.current,
      admission: keys.admission,
      hasPartition: rolls.hasPartition,
      isClockBelieved: calendar.isBelieved,
    }),
  };
  return { platform, times, rolls, threads };
}

function codeNamed(city: CityHolder, code8: string) {
  const code = city.current.code(code8);
  if (code === undefined) throw new Refusal('unknown-code');
  return code;
}

function sharedWhen(isShared: boolean, where: Listen): Listen {
  return 'port' in where ? { ...where, isShared } : where;
}

async function changeCity({ city, peers }: Platform, work: (tx: Sql) => Promise<void>): Promise<void> {
  await peers.tx('change-city', async (tx, tell) => {
    await work(tx);
    await tell({ kind: 'city' });
  });
  await city.reload();
}

/** Opens the operator's process. Throws ConfigError with one line for what the operator must change. */
export async function buildPlatform(options: PlatformOptions): Promise<RunningPlatform> {
  const { secrets, clock, log, processNumber } = options;
  const config = configOfProcess(options.config, processNumber ?? 1);
  checkConfig(config);
  const db = connect({ url: secrets.databaseUrl, max: config.databaseMax, name: 'platform', log });
  const closers: (() => Promise<void> | void)[] = [() => db.end()];
  async function close(): Promise<void> {
    for (const one of closers.splice(0).reverse()) await one();
  }
  try {
    const { offer } = await migrate(db, migrations, { app: 'platform', log });
    if (offer.citus === 'on') await distribute(db, DISTRIBUTED, log);
    await refuseDemoStaff(config, db);
    const peers = await openNews(db, { log, random: randomOf(options) });
    closers.push(() => peers.close());
    const duties = openDuties(db);
    closers.push(() => duties.close());
    const { platform, times, rolls, threads } = await assemble(options, db, { peers, duties, offer });
    closers.push(() => threads.close());
    if (!(await duties.agree(fingerprintOf(platform.keys)))) throw new ConfigError(otherKeys);
    closers.push(() => platform.writer.close());
    closers.push(() => platform.positions.close());
    peers.start(hearing({ ...platform, times, rolls }));
    await rolls.begin();
    await duties.alone(LOCKS.seed, async () =>
      seedCity({
        db,
        times,
        nowMs: clock.now(),
        city: options.city,
        files: config.city,
        read: () => cityOfConfig(config, log),
      }),
    );
    const metrics = createMetrics();
    const prints = await openPrints({ ...platform, folder: printsFolderOf(config) });
    closers.push(() => prints.close());
    const parts = { prints, imports: importsOffice(platform, threads, times), positionsToken: secrets.positionsToken };
    const app = publicServer(platform, parts, metrics);
    const inner = createServer({
      name: 'platform-internal',
      clock,
      log,
      metrics,
      bodyLimit: internalBodyBytes,
      health: () => healthOf(platform),
    });
    internalRoutes(inner, platform);
    closers.push(
      () => app.close(),
      () => inner.close(),
    );
    const isShared = processNumber !== undefined;
    const where = await listen(inner, sharedWhen(isShared, config.internal));
    const open = await listen(app, sharedWhen(isShared, config.listen));
    closers.push(rolls.schedule());
    closers.push(scheduleBoardingCounts(platform));
    if (!platform.isSpread) {
      const freeBytes = diskBeside(secrets.databaseUrl, config.slotsFolder);
      closers.push(daySealer({ ...platform, freeBytes, isOn: config.sealDays }).schedule());
    }
    const { url, ...feed } = config.positions;
    if (url !== undefined)
      closers.push(
        pollFeed({ ...feed, url }, { clock, log, desk: platform.positions, isOurs: () => duties.isMine(LOCKS.feed) }),
      );
    const { codeCount, unitCount } = platform.city.current;
    log.event(events.started, { publicUrl: config.publicUrl, mode: config.mode, codes: codeCount, units: unitCount });
    return {
      close,
      url: 'url' in open ? open.url : config.publicUrl,
      internal: 'socket' in where ? { socket: where.socket } : { url: where.url },
      relayPk: platform.keys.relay.pk,
      assistPk: platform.keys.assist.pk,
      importCity: times.importCity,
      roll: rolls.roll,
      async putStaff({ password, demo = false, ...staff }) {
        await putStaff(db, { ...staff, password: await hashPassword(password), demo });
      },
      async moveCode(code8, unitId, fromMs) {
        const { codeId } = codeNamed(platform.city, code8);
        await changeCity(platform, async (tx) => bindCode(tx, codeId, unitId, fromMs));
      },
      async revokeCode(code8) {
        const { codeId } = codeNamed(platform.city, code8);
        await changeCity(platform, async (tx) => revokeCode(tx, codeId, clock.now()));
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** 5,000 relay items of 204 characters, or the tags of three weeks and three people. */
const internalBodyBytes = 4 * 1024 * 1024;
