// The notifier's settings and secrets: typed objects, read and checked once.
import { checkProviders, ProvidersConfig, ProviderSecrets } from '@tongche/connectors';
import { ConfigError } from '@tongche/runtime';
import { ListenConfig } from '@tongche/http';
import { Type, type Static } from 'typebox';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Hours of the local day; `from` later than `to` spans midnight, equal hours mean never. */
const Quiet = Type.Object({
  fromHour: Type.Integer({ minimum: 0, maximum: 23, default: 22 }),
  toHour: Type.Integer({ minimum: 0, maximum: 23, default: 8 }),
});
export type Quiet = Static<typeof Quiet>;

export const Config = Type.Object({
  mode: Type.Union([Type.Literal('demo'), Type.Literal('production')]),
  /** Health and metrics. */
  listen: ListenConfig,
  /** Connections to each of the two databases. */
  connections: Type.Integer({ minimum: 2, maximum: 50, default: 6 }),
  /** IANA zone of the people who are written to. */
  zone: Type.String(),
  quiet: Type.Object(Quiet.properties, { default: {} }),
  /** In the order in which they are asked; those of one channel stand in for one another. */
  providers: ProvidersConfig,
  /** Without a connection for this long a provider is passed over. */
  downAfterMs: Type.Integer({ minimum: 0, maximum: hour, default: minute }),
  /** The database's word usually comes first; the poll covers a lost one, the end of quiet hours and later messages. */
  pollMs: Type.Integer({ minimum: 100, maximum: hour, default: 5_000 }),
  /** Without receipts of all parts for this long, an accepted message is uncertain. */
  receiptWaitMs: Type.Integer({ minimum: minute, maximum: 7 * day, default: day }),
  /** Address and text are destroyed this long after a message is settled. */
  keepTextMs: Type.Integer({ minimum: 0, maximum: 7 * day, default: 3 * day }),
});
export type Config = Static<typeof Config>;

export const Secrets = Type.Object({
  /** The notifier's own database: receipts. */
  databaseUrl: Type.String({ minLength: 1 }),
  /** The vault's database, as a role that sees the schema `outbox` only. */
  outboxUrl: Type.String({ minLength: 1 }),
  /** By the provider's name. */
  providers: ProviderSecrets,
});
export type Secrets = Static<typeof Secrets>;

/** What a schema cannot say. Throws ConfigError with one line. */
export function checkConfig(config: Config, secrets: Secrets): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: config.zone }).format();
  } catch {
    throw new ConfigError(`"${config.zone}" is not a time zone`);
  }
  checkProviders(config.providers, secrets.providers, config.mode);
}
