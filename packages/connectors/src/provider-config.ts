// The providers of a process, in the order in which they are asked, and their secrets, which stand in another file.
import { ConfigError } from '@tongche/runtime';
import type { Channel } from '@tongche/messages';
import { Type, type Static } from 'typebox';

import { isMailAddress } from './smtp-gateway.ts';
import { ProviderTemplates } from './templates.ts';
import { templateFault } from './template-check.ts';

const second = 1_000;

/** Stands in logs, in attempts and before a provider's own message ids. */
const Name = Type.String({ pattern: '^[a-z][a-z0-9-]{0,15}$' });
const Port = Type.Integer({ minimum: 1, maximum: 65_535 });
const Host = Type.String({ minLength: 1, maxLength: 200 });
/** Host of an HTTP interface, with a port where it is not the protocol's own. */
const Endpoint = (usual: string) => Type.String({ pattern: '^[a-z0-9.-]+(:\\d{1,5})?$', default: usual });
/** Plain HTTP is for a sink on this machine. */
const Protocol = Type.Union([Type.Literal('https'), Type.Literal('http')], { default: 'https' });
/** Requests on the way at a time. */
const windowSize = (usual: number) => Type.Integer({ minimum: 1, maximum: 1_000, default: usual });
/** After this the outcome counts as unknown. */
const AnswerWaitMs = Type.Integer({ minimum: 100, maximum: 60 * second, default: 15 * second });
/** How often receipts are asked for. */
const ReceiptsEveryMs = Type.Integer({ minimum: 20, maximum: 3_600 * second, default: 15 * second });
/** Apply the provider's published rates (rates.ts). A contract with higher ones turns them off. */
const Rates = Type.Boolean({ default: true });

const Smpp = Type.Object({
  kind: Type.Literal('smpp'),
  name: Type.Optional(Name),
  host: Host,
  port: Port,
  tls: Type.Boolean({ default: false }),
  systemId: Type.String(),
  /** Shown on the phone: digits, or up to 11 letters and digits. */
  sender: Type.String({ minLength: 1, maxLength: 20 }),
  /** Unanswered submissions at a time; message centres usually allow 10. */
  windowSize: windowSize(10),
  throughputPerS: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
});

const Tencent = Type.Object({
  kind: Type.Literal('tencent'),
  name: Type.Optional(Name),
  endpoint: Endpoint('sms.tencentcloudapi.com'),
  protocol: Protocol,
  region: Type.String({ default: 'ap-guangzhou' }),
  sdkAppId: Type.String({ minLength: 1, maxLength: 40 }),
  /** The approved signature, without brackets. */
  signName: Type.String({ minLength: 1, maxLength: 40 }),
  templates: ProviderTemplates,
  windowSize: windowSize(20),
  answerWaitMs: AnswerWaitMs,
  receiptsEveryMs: ReceiptsEveryMs,
  rates: Rates,
});

const Aliyun = Type.Object({
  kind: Type.Literal('aliyun'),
  name: Type.Optional(Name),
  endpoint: Endpoint('dysmsapi.aliyuncs.com'),
  protocol: Protocol,
  signName: Type.String({ minLength: 1, maxLength: 40 }),
  templates: ProviderTemplates,
  windowSize: windowSize(20),
  answerWaitMs: AnswerWaitMs,
  receiptsEveryMs: ReceiptsEveryMs,
  rates: Rates,
});

const Smtp = Type.Object({
  kind: Type.Literal('smtp'),
  name: Type.Optional(Name),
  host: Host,
  port: Port,
  tls: Type.Union([Type.Literal('starttls'), Type.Literal('implicit'), Type.Literal('none')], { default: 'starttls' }),
  /** PEM file of certificates to trust in place of the system's. */
  caFile: Type.Optional(Type.String()),
  /** Without one nobody signs in. */
  user: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  from: Type.String({ maxLength: 200 }),
  fromName: Type.String({ maxLength: 80 }),
  /** Of wordings without a subject of their own. */
  subject: Type.String({ minLength: 1, maxLength: 100 }),
  windowSize: windowSize(4),
  answerWaitMs: AnswerWaitMs,
  rates: Rates,
});

/** Subscription messages of the city's mini-program. */
const Wechat = Type.Object({
  kind: Type.Literal('wechat'),
  name: Type.Optional(Name),
  /** Of WeChat's interface, or of its stand-in. */
  baseUrl: Type.String({ maxLength: 200, default: 'https://api.weixin.qq.com' }),
  appId: Type.String({ minLength: 1, maxLength: 40 }),
  /** By our template's key: the approved template, and for each of its fields a text with our values' names in braces. */
  templates: Type.Record(
    Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' }),
    Type.Object({
      id: Type.String({ minLength: 1, maxLength: 64 }),
      fields: Type.Record(Type.String(), Type.String()),
    }),
  ),
  /** Page of the mini-program that opens: the same for everybody. */
  page: Type.String({ minLength: 1, maxLength: 200 }),
  windowSize: windowSize(8),
  answerWaitMs: AnswerWaitMs,
});

export const ProviderConfig = Type.Union([Smpp, Tencent, Aliyun, Smtp, Wechat]);
export type ProviderConfig = Static<typeof ProviderConfig>;

/** In the order in which they are asked. */
export const ProvidersConfig = Type.Array(ProviderConfig, { minItems: 1, maxItems: 8 });

const PasswordSecret = Type.Object({ password: Type.String({ minLength: 1 }) });
const TencentSecret = Type.Object({
  secretId: Type.String({ minLength: 1 }),
  secretKey: Type.String({ minLength: 1 }),
});
const WechatSecret = Type.Object({ appSecret: Type.String({ minLength: 1 }) });
const AliyunSecret = Type.Object({
  accessKeyId: Type.String({ minLength: 1 }),
  accessKeySecret: Type.String({ minLength: 1 }),
});

/** By the provider's name. */
export const ProviderSecrets = Type.Record(
  Type.String(),
  Type.Union([PasswordSecret, TencentSecret, AliyunSecret, WechatSecret]),
);
export type ProviderSecrets = Static<typeof ProviderSecrets>;

export function nameOf(provider: ProviderConfig): string {
  return provider.name ?? provider.kind;
}

const CHANNELS: Readonly<Record<ProviderConfig['kind'], Channel>> = {
  smpp: 'sms',
  tencent: 'sms',
  aliyun: 'sms',
  smtp: 'mail',
  wechat: 'wechat',
};

export function channelOf({ kind }: ProviderConfig): Channel {
  return CHANNELS[kind];
}

export function passwordOf(secrets: ProviderSecrets, name: string): string | undefined {
  const secret = secrets[name];
  return secret !== undefined && 'password' in secret ? secret.password : undefined;
}

function secretFault(provider: ProviderConfig, secrets: ProviderSecrets): string | undefined {
  const name = nameOf(provider);
  const secret = secrets[name];
  switch (provider.kind) {
    case 'smpp':
      return secret !== undefined && 'password' in secret ? undefined : 'password';
    case 'smtp':
      return provider.user === undefined || (secret !== undefined && 'password' in secret) ? undefined : 'password';
    case 'tencent':
      return secret !== undefined && 'secretId' in secret ? undefined : 'secretId and secretKey';
    case 'aliyun':
      return secret !== undefined && 'accessKeyId' in secret ? undefined : 'accessKeyId and accessKeySecret';
    case 'wechat':
      return secret !== undefined && 'appSecret' in secret ? undefined : 'appSecret';
  }
  return undefined;
}

function insecure(provider: ProviderConfig): string | undefined {
  if (provider.kind === 'smtp') return provider.tls === 'none' ? 'mail without TLS' : undefined;
  const url = provider.kind === 'wechat' ? provider.baseUrl : 'protocol' in provider ? `${provider.protocol}:` : '';
  return url.startsWith('http:') ? 'plain HTTP' : undefined;
}

/** What a schema cannot say. Throws ConfigError with one line that names the provider. */
export function checkProviders(
  providers: readonly ProviderConfig[],
  secrets: ProviderSecrets,
  mode: 'demo' | 'production',
): void {
  const names = providers.map(nameOf);
  const doubled = names.find((name, at) => names.indexOf(name) !== at);
  if (doubled !== undefined) throw new ConfigError(`two providers are named "${doubled}"`);
  const stray = Object.keys(secrets).find((name) => !names.includes(name));
  if (stray !== undefined) throw new ConfigError(`there are secrets for "${stray}", but no such provider`);
  for (const provider of providers) {
    const name = nameOf(provider);
    const missing = secretFault(provider, secrets);
    if (missing !== undefined) throw new ConfigError(`the secrets lack ${missing} of provider "${name}"`);
    const weak = mode === 'production' ? insecure(provider) : undefined;
    if (weak !== undefined) throw new ConfigError(`production refuses ${weak} (provider "${name}")`);
    const fault = templateFault(provider);
    if (fault !== undefined) throw new ConfigError(`provider "${name}": ${fault}`);
    if (provider.kind === 'smtp' && !isMailAddress(provider.from)) {
      throw new ConfigError(`"from" of provider "${name}" is not a mail address`);
    }
  }
}
