// The registrar's settings and secrets: typed objects, read and checked once, each field with a default or a refusal.
import { channelOf, checkProviders, ProvidersConfig, ProviderSecrets } from '@tongche/connectors';
import { ConfigError } from '@tongche/runtime';
import { Base64Url, Name } from '@tongche/contract';
import { ListenConfig, TargetsConfig } from '@tongche/http';
import { Type, type Static } from 'typebox';

/** At most `max` within `windowMs`, counted in a sliding window. */
const Limit = Type.Object({
  windowMs: Type.Integer({ minimum: 1_000, maximum: 86_400_000 }),
  max: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
});
export type Limit = Static<typeof Limit>;

function limits(defaults: readonly Limit[]) {
  return Type.Array(Limit, { minItems: 1, maxItems: 4, default: defaults });
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const Otp = Type.Object({
  /** A code is good for this long, at most 10 minutes. */
  lifeMs: Type.Integer({ minimum: minute, maximum: 10 * minute, default: 10 * minute }),
  /** Wrong codes a challenge bears. */
  tries: Type.Integer({ minimum: 1, maximum: 5, default: 5 }),
  /** Country codes served by SMS; ['*'] serves every country (mind the price of messages abroad). */
  countries: Type.Array(Type.String({ pattern: '^(\\*|[1-9]\\d{0,2})$' }), { default: ['86', '852', '853', '886'] }),
  perNumber: limits([
    { windowMs: minute, max: 1 },
    { windowMs: hour, max: 5 },
    { windowMs: day, max: 10 },
  ]),
  /** Ten thousand numbers share a prefix of seven digits. */
  perPrefix: limits([
    { windowMs: hour, max: 500 },
    { windowMs: day, max: 2_000 },
  ]),
  /** Numbers outside +86 together: bounds what premium-rate numbers abroad can cost. */
  abroad: limits([{ windowMs: day, max: 2_000 }]),
  /** One /24 (IPv4) or /56 (IPv6). A mobile operator's gateway puts thousands of people behind one. */
  perNetwork: limits([
    { windowMs: hour, max: 600 },
    { windowMs: day, max: 3_000 },
  ]),
  /** The whole city. Beyond it the breaker opens and the alarm event is written. */
  global: limits([
    { windowMs: minute, max: 3_000 },
    { windowMs: day, max: 300_000 },
  ]),
  breakerMs: Type.Integer({ minimum: 1_000, maximum: hour, default: minute }),
  /** Requests of one network in an hour that need no proof of work; never by number, which would tell about it. */
  freeRequests: Type.Integer({ minimum: 0, maximum: 1_000, default: 1 }),
  /** Leading zero bits asked for: 14 bits are a fraction of a second on a cheap phone. */
  workBits: Type.Integer({ minimum: 1, maximum: 24, default: 14 }),
});

const Relay = Type.Object({
  /** A blob leaves at a time uniform in this window, rounded up to a tick. Seconds in the demonstration only. */
  minDelayMs: Type.Integer({ minimum: 0, default: hour }),
  maxDelayMs: Type.Integer({ minimum: 1, default: 12 * hour }),
  tickMs: Type.Integer({ minimum: 100, maximum: hour, default: hour }),
});

const PerNetwork = Type.Object({
  verify: limits([{ windowMs: minute, max: 300 }]),
  wallet: limits([{ windowMs: minute, max: 1_200 }]),
  relay: limits([{ windowMs: minute, max: 1_200 }]),
  notice: limits([{ windowMs: minute, max: 300 }]),
});

export const Config = Type.Object({
  mode: Type.Union([Type.Literal('demo'), Type.Literal('production')]),
  /** Where phones reach this process; its host stands in the printed codes. */
  publicUrl: Type.String({ maxLength: 200 }),
  platformUrl: Type.String({ maxLength: 200 }),
  listen: ListenConfig,
  internal: ListenConfig,
  /** The platform, or each of its hosts: day keys go to all of them, everything else to one that answers. */
  platformInternal: TargetsConfig,
  /**
   * Addresses of our own proxies, whose X-Forwarded-For is believed and whose connections are kept. Without a proxy no
   * connection is kept after an answer, and TLS hands out no tickets: both would link scans.
   */
  proxies: Type.Array(Type.String(), { maxItems: 16, default: [] }),
  /** Connections to the database. */
  databaseMax: Type.Integer({ minimum: 1, maximum: 50, default: 8 }),
  slotsFolder: Type.String(),
  /** Built passenger pages: index.html, assist.html, notice.html, sw.js and assets. */
  pages: Type.String(),
  authority: Type.Object({
    iss: Type.Integer({ minimum: 0, maximum: 65_535 }),
    name: Name,
    zone: Type.String(),
    /** Whom people may call, as printed on the pages. */
    phone: Type.String({ maxLength: 32 }),
  }),
  /** The vault's public signing keys, pinned. */
  vault: Type.Object({ ed25519: Base64Url(32), p256: Base64Url(65) }),
  /** Text people agree to; changing the files without raising the version is refused at start. */
  consent: Type.Object({
    version: Type.Integer({ minimum: 1, maximum: 65_535, default: 1 }),
    /** Folder with zh.txt and en.txt; the package's own when absent. */
    folder: Type.Optional(Type.String()),
  }),
  retentionDays: Type.Integer({ minimum: 14, maximum: 60, default: 28 }),
  smsProvider: Name,
  askName: Type.Boolean({ default: false }),
  /** Those the pages are written in; the first one for readers of others. */
  languages: Type.Array(Type.Union([Type.Literal('zh-CN'), Type.Literal('en')]), {
    minItems: 1,
    default: ['zh-CN', 'en'],
  }),
  /** Of text messages, in the order in which they are asked; the next one only after a sure refusal of the one before. */
  providers: ProvidersConfig,
  /** The city's mini-program; without it nobody enrols through WeChat. */
  wechat: Type.Optional(
    Type.Object({
      /** Of WeChat's interface, or of its stand-in. */
      baseUrl: Type.String({ default: 'https://api.weixin.qq.com' }),
      appId: Type.String({ minLength: 1, maxLength: 40 }),
      answerWaitMs: Type.Integer({ minimum: 500, maximum: 30_000, default: 5_000 }),
    }),
  ),
  otp: Type.Object(Otp.properties, { default: {} }),
  relay: Type.Object(Relay.properties, { default: {} }),
  perNetwork: Type.Object(PerNetwork.properties, { default: {} }),
  /** Of one assist token holder. Boarding takes two seconds a passenger. */
  perAssistant: limits([
    { windowMs: minute, max: 30 },
    { windowMs: hour, max: 600 },
  ]),
});
export type Config = Static<typeof Config>;

export const Secrets = Type.Object({
  /** Opens the key slots. */
  unsealKey: Base64Url(32),
  /** With the role's password: what the engine's launcher writes, or the operator's own. */
  databaseUrl: Type.String({ minLength: 1 }),
  /** By the provider's name. */
  providers: ProviderSecrets,
  wechatSecret: Type.Optional(Type.String({ minLength: 1 })),
});
export type Secrets = Static<typeof Secrets>;

function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:';
}

/** What a schema cannot say. Throws ConfigError with one line. */
export function checkConfig(config: Config): void {
  for (const url of [config.publicUrl, config.platformUrl]) {
    if (!URL.canParse(url) || new URL(url).origin !== url) throw new ConfigError(`"${url}" is not an origin`);
    if (config.mode === 'production' && !isHttps(url)) throw new ConfigError(`production refuses the insecure ${url}`);
  }
  if (config.mode === 'production' && config.wechat !== undefined && !isHttps(config.wechat.baseUrl)) {
    throw new ConfigError(`production refuses the insecure ${config.wechat.baseUrl}`);
  }
  const { minDelayMs, maxDelayMs } = config.relay;
  if (maxDelayMs < minDelayMs) throw new ConfigError('relay.maxDelayMs is below relay.minDelayMs');
  if (config.mode === 'production' && maxDelayMs - minDelayMs < hour) {
    throw new ConfigError('production mixes erasures and stop notes over an hour at least (relay.maxDelayMs)');
  }
  if (config.mode === 'production' && 'host' in config.internal && config.internal.tls === undefined) {
    throw new ConfigError('production needs a socket or TLS on both sides for the internal listener');
  }
}

/** As above, for what needs both files. */
export function checkSecrets(config: Config, secrets: Secrets): void {
  checkProviders(config.providers, secrets.providers, config.mode);
  if (config.providers.some((provider) => channelOf(provider) !== 'sms')) {
    throw new ConfigError('one-time codes go by text message only (providers)');
  }
}
