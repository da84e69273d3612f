// The platform's settings and secrets: typed objects, read and checked once, each field with a default or a refusal.
import { dirname, join } from 'node:path';
import { Base64Url, Name } from '@tongche/contract';
import type { UnitKind } from '@tongche/contract';
import { ConfigError, LeapConfig } from '@tongche/runtime';
import { ListenConfig } from '@tongche/http';
import { colourFault } from '@tongche/print';
import { Type, type Static } from 'typebox';
import type { PlausibilityLimits } from './rides/plausibility.ts';

const minuteMs = 60_000;

const Writing = Type.Object({
  /** Rides of one commit. */
  maxRows: Type.Integer({ minimum: 1, maximum: 4_096, default: 512 }),
  /** How long a ride waits for others to share a commit with. */
  maxDelayMs: Type.Integer({ minimum: 0, maximum: 50, default: 2 }),
  maxInFlight: Type.Integer({ minimum: 1, maximum: 4, default: 2 }),
  /** How long a batch that is not full waits for the one under way, before it goes out beside it. */
  overlapMs: Type.Integer({ minimum: 0, maximum: 1_000, default: 15 }),
  /** Rides waiting beyond this get `busy`, whatever the rate: what the process may hold in memory. */
  maxQueue: Type.Integer({ minimum: 1, maximum: 100_000, default: 20_000 }),
  /** A ride that would wait longer than this gets `busy` and when to come again; phones keep it and retry. */
  maxWaitMs: Type.Integer({ minimum: 50, maximum: 60_000, default: 1_000 }),
  /** How a batch's rows stand in its statement. `auto`: as VALUES under Citus, as arrays elsewhere. */
  form: Type.Union([Type.Literal('auto'), Type.Literal('arrays'), Type.Literal('values')], { default: 'auto' }),
});

/** What one process takes on at once. See docs/decisions/0023-overload.md for where the numbers come from. */
const Load = Type.Object({
  /** Connections of the public listener. Beyond, the longest silent one makes room, or the new one is let go. */
  maxConnections: Type.Integer({ minimum: 64, maximum: 100_000, default: 10_000 }),
  /** Requests under way: half a second of rides. */
  maxOpen: Type.Integer({ minimum: 16, maximum: 50_000, default: 4_096 }),
  /** How late a turn of the event loop may be before not even rides are let in. */
  maxDelayMs: Type.Integer({ minimum: 50, maximum: 10_000, default: 3_000 }),
  /** How long the oldest ride may have waited before no further ones are let in. */
  maxAgeMs: Type.Integer({ minimum: 100, maximum: 10_000, default: 3_000 }),
});

/** What stands on stickers and posters. */
const Branding = Type.Object({
  city: Type.Object(Name.properties, { default: { zh: '', en: '' } }),
  authority: Type.Object(Name.properties, { default: { zh: '', en: '' } }),
  /** 12328: the transport hotline of every mainland city. */
  hotline: Type.String({ maxLength: 24, default: '12328' }),
  /** #rrggbb; no green, which means "registered" and nothing else. */
  colour: Type.String({ default: '#0b57d0' }),
});

const Positions = Type.Object({
  /** A GTFS-Realtime feed of vehicle positions to ask again and again. Absent: positions come by themselves or not at all. */
  url: Type.Optional(Type.String({ maxLength: 1_000, pattern: '^https?://' })),
  everyS: Type.Integer({ minimum: 5, maximum: 3_600, default: 30 }),
  timeoutS: Type.Integer({ minimum: 1, maximum: 120, default: 10 }),
  /** A feed made longer ago is not believed. */
  staleS: Type.Integer({ minimum: 30, maximum: 86_400, default: 300 }),
  maxBytes: Type.Integer({ minimum: 1_024, maximum: 64 * 1024 * 1024, default: 16 * 1024 * 1024 }),
  /** Positions nearer in time than this to the vehicle's last one are left out. */
  thinS: Type.Integer({ minimum: 1, maximum: 300, default: 20 }),
  /** Days after which positions are dropped; the stretches and times measured by them stay with the rides. */
  keepDays: Type.Integer({ minimum: 1, maximum: 28, default: 3 }),
});

/** A whole number for each kind of unit. */
function perKind(usual: Readonly<Record<UnitKind, number>>, maximum: number) {
  const one = (kind: UnitKind) => Type.Integer({ minimum: 1, maximum, default: usual[kind] });
  const kinds = {
    bus: one('bus'),
    carriage: one('carriage'),
    station: one('station'),
    taxi: one('taxi'),
    coach: one('coach'),
    ferry: one('ferry'),
  };
  return Type.Object(kinds, { default: {} });
}

/** Beyond these a ride is flagged as doubtful: kept, counted, set aside by traces. Reasons: docs/decisions/0018. */
const Plausibility = Type.Object({
  /** A vehicle whose timetable has no run within this time stands in its depot. */
  outOfServiceMin: Type.Integer({ minimum: 10, maximum: 720, default: 60 }),
  /** Times the listed places: lists give seats and 4, 6 or 8 people a square metre for one and the same vehicle. */
  loadFactor: Type.Number({ minimum: 1, maximum: 10, default: 2 }),
  /** People who can register on a unit within a minute. */
  minuteHeads: perKind({ bus: 120, carriage: 300, station: 1_500, taxi: 12, coach: 60, ferry: 300 }, 100_000),
  /** Minutes after which nobody who boarded is counted as aboard any more; the mean ride taken is half of it. */
  stayMin: perKind({ bus: 20, carriage: 20, station: 20, taxi: 10, coach: 60, ferry: 20 }, 240),
  /** Metres from the way along its stops at which a vehicle is still on it. */
  farM: Type.Integer({ minimum: 100, maximum: 100_000, default: 1_000 }),
  /** Positions further in time from the boarding minute than this say nothing. */
  farAgeS: Type.Integer({ minimum: 30, maximum: 900, default: 180 }),
});

export const Config = Type.Object({
  mode: Type.Union([Type.Literal('demo'), Type.Literal('production')]),
  /** Where phones and staff reach this process; stands in the signed day bundles. */
  publicUrl: Type.String({ maxLength: 200 }),
  registrarUrl: Type.String({ maxLength: 200 }),
  listen: ListenConfig,
  internal: ListenConfig,
  /** True behind a proxy of our own, whose X-Forwarded-For is then believed. */
  trustProxy: Type.Boolean({ default: false }),
  databaseMax: Type.Integer({ minimum: 2, maximum: 50, default: 8 }),
  /** Processes of this machine that share the port; each has `databaseMax` connections and a few of its own. */
  processes: Type.Integer({ minimum: 1, maximum: 64, default: 1 }),
  slotsFolder: Type.String(),
  /** Built staff page, served at /staff/. */
  pages: Type.String(),
  /** Built console of the operator, served at /operator/. Absent: no console, its interface stays. */
  operatorPages: Type.Optional(Type.String()),
  /** Where prints wait to be fetched, for a day; emptied at start. */
  printsFolder: Type.Optional(Type.String()),
  branding: Type.Object(Branding.properties, { default: {} }),
  authority: Type.Object({
    iss: Type.Integer({ minimum: 0, maximum: 65_535 }),
    zone: Type.String(),
    /** The vault's signing key (Ed25519): admission keys, requests. */
    signEd25519: Base64Url(32),
    /** The offline root key (Ed25519) that signs the roster. */
    rootEd25519: Base64Url(32),
    /** The public log: origin line, name and key of its signature. The key is signEd25519 when absent. */
    log: Type.Object({
      origin: Type.String({ maxLength: 120 }),
      name: Type.String({ maxLength: 120 }),
      ed25519: Type.Optional(Base64Url(32)),
    }),
    /** Witnesses whose cosignatures are asked for. */
    witnesses: Type.Array(Type.Object({ name: Type.String({ maxLength: 120 }), ed25519: Base64Url(32) }), {
      maxItems: 8,
      default: [],
    }),
    minWitnesses: Type.Integer({ minimum: 0, maximum: 8, default: 0 }),
  }),
  /** Files of the city, read at start. Without them the database's city stays, but no runs are expanded for new days. */
  city: Type.Optional(
    Type.Object({
      gtfs: Type.String(),
      fleet: Type.String(),
      codes: Type.Optional(Type.String()),
      vehicleRuns: Type.Optional(Type.String()),
      platePrefix: Type.Optional(Type.String()),
      /** YYYY-MM-DD: the week of the feed from this day is repeated for ever. For feeds whose calendar is over. */
      asOf: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
    }),
  ),
  retentionDays: Type.Integer({ minimum: 14, maximum: 60, default: 28 }),
  /** Rewrite days that are over in code order at night: a tenth less disk, quicker traces. Not done under Citus. */
  sealDays: Type.Boolean({ default: true }),
  /** A calendar that leaps ahead destroys nothing until it is believed. */
  leap: Type.Object(LeapConfig.properties, { default: {} }),
  /** How long after a case left a vehicle others there may matter (measles: 120). Widens the windows of an order. */
  persistenceMs: Type.Integer({ minimum: 0, maximum: 240 * minuteMs, default: 120 * minuteMs }),
  writing: Type.Object(Writing.properties, { default: {} }),
  load: Type.Object(Load.properties, { default: {} }),
  positions: Type.Object(Positions.properties, { default: {} }),
  plausibility: Type.Object(Plausibility.properties, { default: {} }),
  /** Looks at codes and typed vehicle numbers, a minute and address. A mobile gateway hides thousands of people. */
  codeViewsPerMinute: Type.Integer({ minimum: 1, default: 600 }),
  resolvesPerMinute: Type.Integer({ minimum: 1, default: 60 }),
  /** All addresses together: 594 million numbers are not walked through by many machines at once either. */
  allResolvesPerMinute: Type.Integer({ minimum: 1, default: 6_000 }),
  signInsPerMinute: Type.Integer({ minimum: 1, default: 30 }),
  /** How long staff stay signed in: a double shift and the way home. Days in a demonstration whose clock races. */
  staffSessionMs: Type.Integer({ minimum: minuteMs, maximum: 30 * 24 * 60 * minuteMs, default: 16 * 60 * minuteMs }),
});
export type Config = Static<typeof Config>;

export const Secrets = Type.Object({
  /** Opens the key slots. */
  unsealKey: Base64Url(32),
  databaseUrl: Type.String({ minLength: 1 }),
  /** What the vehicles' own system sends with its positions. Absent: only admins may send some. */
  positionsToken: Type.Optional(Type.String({ minLength: 24, maxLength: 200 })),
});
export type Secrets = Static<typeof Secrets>;

export function plausibilityLimits({ plausibility }: Pick<Config, 'plausibility'>): PlausibilityLimits {
  const { outOfServiceMin, farAgeS, ...limits } = plausibility;
  return { ...limits, outOfServiceMs: outOfServiceMin * minuteMs, farAgeMs: farAgeS * 1000 };
}

/** Where prints wait to be fetched; beside the slots when nothing is said. */
export function printsFolderOf(config: Config): string {
  return config.printsFolder ?? join(dirname(config.slotsFolder), 'prints');
}

/** What a schema cannot say. Throws ConfigError with one line. */
export function checkConfig(config: Config): void {
  for (const url of [config.publicUrl, config.registrarUrl]) {
    if (!URL.canParse(url) || new URL(url).origin !== url) throw new ConfigError(`"${url}" is not an origin`);
    if (config.mode === 'production' && new URL(url).protocol !== 'https:') {
      throw new ConfigError(`production refuses the insecure ${url}`);
    }
  }
  if (config.mode === 'production' && 'host' in config.internal && config.internal.tls?.ca === undefined) {
    throw new ConfigError('production needs a socket or TLS on both sides for the internal listener');
  }
  const { colour } = config.branding;
  const fault = colourFault(colour);
  if (fault !== undefined) throw new ConfigError(`branding.colour: ${colour} ${fault}`);
  const feed = config.positions.url;
  if (config.mode === 'production' && feed !== undefined && new URL(feed).protocol !== 'https:') {
    throw new ConfigError(`production refuses positions from the insecure ${feed}`);
  }
  if (config.authority.minWitnesses > config.authority.witnesses.length) {
    throw new ConfigError('authority.minWitnesses asks for more witnesses than are named');
  }
}

/**
 * The configuration of the n-th process of this machine. All share the public port; the first has the internal listener that
 * others are told of, and each further one a socket of its own, where it tells how it is.
 */
export function configOfProcess(config: Config, number: number): Config {
  const { internal } = config;
  if (number === 1 || !('socket' in internal)) return config;
  return { ...config, internal: { socket: `${internal.socket}.${number}` } };
}
