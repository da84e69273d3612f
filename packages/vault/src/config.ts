// The vault's settings and secrets: typed objects, read and checked once, each field with a default or a refusal.
import { Base64Url, Name } from '@tongche/contract';
import { ConfigError, LeapConfig } from '@tongche/runtime';
import { TargetConfig, TargetsConfig } from '@tongche/http';
import { lint } from '@tongche/messages';
import { Type, type Static } from 'typebox';
import { exposureTemplates } from './messages/text.ts';

const Role = Type.Union([Type.Literal('tracer'), Type.Literal('approver'), Type.Literal('officer')]);

const Limits = Type.Object({
  /** Rides of the case's subjects one order may match. Six a day for a fortnight and three subjects is 250. */
  maxRides: Type.Integer({ minimum: 1, maximum: 5_000, default: 300 }),
  /** Sealed records one order may fetch. A busy fortnight on full buses is about 20,000. */
  maxRecords: Type.Integer({ minimum: 1, maximum: 200_000, default: 40_000 }),
  /** Rides the case told of and nobody registered, and doubtful ones that were taken in: a week's ways to work and back, and some. */
  maxExtraWindows: Type.Integer({ minimum: 0, maximum: 100, default: 20 }),
  /** How long late rides are looked for after the order. */
  watchHours: Type.Integer({ minimum: 0, maximum: 120, default: 72 }),
  watchEveryMs: Type.Integer({ minimum: 1_000, default: 3_600_000 }),
  /** How often the operator is asked whether it relabelled rides of a watched order. The question names no ride. */
  correctionsEveryMs: Type.Integer({ minimum: 1_000, default: 60_000 }),
  /** Contacts one person may see in clear within an hour. Calls take minutes. */
  revealsAnHour: Type.Integer({ minimum: 1, maximum: 1_000, default: 60 }),
  /** Lists of contacts one person may take out as files within an hour, each signed by two. */
  exportsAnHour: Type.Integer({ minimum: 1, maximum: 1_000, default: 6 }),
  /** Days after which a case's key is destroyed even when nobody closed it. */
  caseDays: Type.Integer({ minimum: 1, maximum: 14, default: 14 }),
});

/** A text of the city's own; its version stands with every message made of it. Gaps as in the product's text. */
const OwnText = Type.Object({
  version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  text: Type.String({ minLength: 1, maxLength: 1_000 }),
});

const Tracing = Type.Object({
  /** The rule of cases that name none: the one of this disease and country in force on the day of entry. */
  pathogen: Type.String({ pattern: '^[a-z0-9-]{1,40}$', default: 'covid-19' }),
  jurisdiction: Type.String({ pattern: '^[A-Z0-9-]{2,12}$', default: 'CN' }),
  /** Close contacts whose own contacts one order may seek, where the rule follows them; and rides of them all. */
  maxSecondary: Type.Integer({ minimum: 0, maximum: 300, default: 100 }),
  maxSecondaryRides: Type.Integer({ minimum: 1, maximum: 5_000, default: 3_000 }),
  /** Traces under way; orders signed beyond that wait for their turn. Each holds what it has gathered, and a connection or two. */
  atOnce: Type.Integer({ minimum: 1, maximum: 64, default: 4 }),
});

const Notice = Type.Object({
  /** Number to check a message with, and to call back. */
  phone: Type.String({ maxLength: 24, default: '12345' }),
  /** In place of the product's texts; held to the same rules, or the vault does not start. */
  texts: Type.Optional(Type.Object({ zh: Type.Optional(OwnText), en: Type.Optional(OwnText) })),
  /**
   * Ways to a contact in order, the next only after a definite failure. WeChat reaches those who registered in the
   * city's mini-program, and only where that shows the notice: a subscription message carries no link.
   */
  channels: Type.Array(Type.Union([Type.Literal('sms'), Type.Literal('wechat')]), {
    minItems: 1,
    maxItems: 2,
    uniqueItems: true,
    default: ['sms'],
  }),
  /** Days a notice page stays readable. */
  days: Type.Integer({ minimum: 1, maximum: 60, default: 14 }),
  advice: Type.Array(Name, {
    maxItems: 12,
    default: [
      {
        zh: '请自即日起减少与他人接触，每天早晚测量体温。',
        en: 'Please limit contact with others from today and take your temperature morning and evening.',
      },
      {
        zh: '如有发热、咳嗽，请佩戴口罩就医，并说明收到此通知。',
        en: 'With fever or cough, wear a mask, see a doctor and mention this notice.',
      },
      {
        zh: '工作人员可能会与您联系；他们不会索要验证码、密码或费用。',
        en: 'Staff may call you; they never ask for codes, passwords or money.',
      },
    ],
  }),
});

export const Config = Type.Object({
  mode: Type.Union([Type.Literal('demo'), Type.Literal('production')]),
  authority: Type.Object({
    iss: Type.Integer({ minimum: 0, maximum: 65_535 }),
    name: Name,
    zone: Type.String(),
  }),
  /** The only listener: a Unix socket casework speaks to. */
  listen: Type.Object({ socket: Type.String() }),
  /** The platform, or each of its hosts: one that answers is asked. */
  platformInternal: TargetsConfig,
  registrarInternal: TargetConfig,
  /** Where passengers reach the registrar: notice links begin with it. */
  registrarUrl: Type.String({ maxLength: 200 }),
  slotsFolder: Type.String(),
  databaseMax: Type.Integer({ minimum: 1, maximum: 50, default: 8 }),
  /** The notifier's database role, which is let into the outbox; nobody when absent. */
  notifierRole: Type.Optional(Type.String()),
  /** Public half of the root key, Ed25519, pinned. */
  rootPublicKey: Base64Url(32),
  /** The casework console: assertions must be made on its pages. */
  console: Type.Object({ origin: Type.String(), rpId: Type.String() }),
  /** A signed roster to install at start, as the root ceremony wrote it. */
  rosterFile: Type.Optional(Type.String()),
  /** Demonstration only: development keys to put on the roster. */
  demoKeys: Type.Optional(
    Type.Array(Type.Object({ keyId: Type.String(), role: Role, person: Type.String(), publicKey: Type.String() }), {
      maxItems: 20,
    }),
  ),
  retentionDays: Type.Integer({ minimum: 14, maximum: 60, default: 28 }),
  /** Minutes after local midnight at which the daily roll runs. */
  rollMinute: Type.Integer({ minimum: 0, maximum: 1_439, default: 180 }),
  /** A calendar that leaps ahead destroys nothing until it is believed. */
  leap: Type.Object(LeapConfig.properties, { default: {} }),
  /** Name of the transparency log, without spaces. */
  logOrigin: Type.Optional(Type.String({ pattern: '^[^\\s+]{1,100}$' })),
  /** Threads that open envelopes; one core less than there are when absent. */
  workers: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
  /** How often what another process did not take is offered again, and receipts are fetched. */
  retryMs: Type.Integer({ minimum: 100, default: 10_000 }),
  limits: Type.Object(Limits.properties, { default: {} }),
  tracing: Type.Object(Tracing.properties, { default: {} }),
  notice: Type.Object(Notice.properties, { default: {} }),
});
export type Config = Static<typeof Config>;

export const Secrets = Type.Object({
  /** Opens the key slots. */
  unsealKey: Base64Url(32),
  /** With the role's password: what the engine's launcher writes, or the operator's own. */
  databaseUrl: Type.String({ minLength: 1 }),
  /** Demonstration only: the root key itself (Ed25519 seed), so that new passkeys join the roster without a ceremony. */
  demoRootKey: Type.Optional(Base64Url(32)),
});
export type Secrets = Static<typeof Secrets>;

function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:';
}

/** What a schema cannot say. Throws ConfigError with one line. */
export function checkConfig(config: Config, secrets: Secrets): void {
  for (const template of Object.values(exposureTemplates(config.notice.texts))) {
    const refused = lint(template).filter(({ severity }) => severity === 'refuse');
    const reasons = refused.map(({ en, words }) => (words === undefined ? en : `${en} (“${words}”)`));
    if (reasons.length > 0) throw new ConfigError(`notice.texts, ${template.language}: ${reasons.join(' ')}`);
  }
  if (config.mode === 'demo') return;
  if (secrets.demoRootKey !== undefined) throw new ConfigError('production refuses a demo root key');
  if ((config.demoKeys ?? []).length > 0) throw new ConfigError('production refuses demo keys');
  if (!isHttps(config.console.origin)) throw new ConfigError('production needs https for the console origin');
  if (!isHttps(config.registrarUrl)) throw new ConfigError('production needs https for registrarUrl');
}

/** The log's name: also the name of its signer. */
export function logOriginOf(config: Config): string {
  return config.logOrigin ?? `tongche-log-${config.authority.iss}`;
}
