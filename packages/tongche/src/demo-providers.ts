// Providers of messages for an installation on one machine: each speaks to its stand-in in the message sink, with the
// product's templates as a provider would have approved them.
import { gapsOf } from '@tongche/messages';
import { ConfigError } from '@tongche/runtime';
import type { Settings } from './configs.ts';
import type { SinkConfig, SinkSecrets } from './sink-config.ts';

export const DEMO_PROVIDERS = ['smpp', 'tencent', 'aliyun', 'smtp', 'wechat'] as const;
export type DemoProvider = (typeof DEMO_PROVIDERS)[number];

function isSms(kind: DemoProvider): boolean {
  return kind !== 'smtp' && kind !== 'wechat';
}

/** Names in a list with commas. Throws ConfigError. */
export function demoProviders(text: string): readonly DemoProvider[] {
  const names = text.split(',').map((name) => name.trim());
  const known = DEMO_PROVIDERS.filter((name) => names.includes(name));
  if (known.length !== names.length || new Set(names).size !== names.length || !known.some(isSms)) {
    throw new ConfigError(`--providers takes ${DEMO_PROVIDERS.join(', ')}, each once, with one for text messages`);
  }
  return names.flatMap((name) => known.filter((one) => one === name));
}

const sender = '106900012345';
/** Providers put the signature before the text themselves. */
const signName = '海京疾控';
const sdkAppId = '1400006666';
const account = 'tongche-demo';
/** The mini-program's approved subscription template: what may stand on a locked screen. */
const wechatTemplate = {
  id: 'demo-subscription-1',
  fields: { thing1: '{month}月{day}日{part}的出行提示', character_string2: '{check}', phone_number3: '{hotline}' },
};
const appId = 'wxdemo0000000001';
const mailFrom = 'notice@tongche.localhost';
/** People who watch the demonstration do not wait for a quarter of a minute. */
const receiptsEveryMs = 1_000;

interface Approved {
  readonly key: string;
  readonly text: string;
  readonly values: readonly string[];
  readonly tencentId: string;
  readonly aliyunId: string;
}

/**
 * What providers would have approved: our texts without the authority's name, which is their signature, and without the
 * link, which no variable may hold. The ride page finds the notice by itself.
 */
const APPROVED_TEXTS: Readonly<Record<string, string>> = {
  'fellow-rider':
    '您于{month}月{day}日{part}乘坐的公共交通工具上，后经核实有一名需要关注的乘客。请减少与他人接触、监测体温。' +
    '本通知不是诊断，详情及异议请打开乘车登记页面查看，核对码{check}。不收费、不索要验证码，可拨打12345核实。',
  'fellow-rider-en':
    'A passenger who needs attention was on public transport you took in the {part} of {date}. This is not a diagnosis. ' +
    'Open your ride check-in page for details and objections; check code {check}. Call 12345 to verify.',
  code: '乘车登记验证码 {code}，{minutes} 分钟内有效。工作人员不会索要验证码，请勿告诉他人。',
  'code-en': 'Your ride check-in code is {code}, valid for {minutes} minutes. Nobody from our staff will ask for it.',
};

function approved(): readonly Approved[] {
  return Object.entries(APPROVED_TEXTS).map(([key, text], at) => {
    const ids = { tencentId: String(10_001 + at), aliyunId: `SMS_${10_001 + at}` };
    return { key, text, values: gapsOf(text), ...ids };
  });
}

function templatesBy(idOf: (one: Approved) => string) {
  return Object.fromEntries(approved().map((one) => [one.key, { id: idOf(one), text: one.text }]));
}

/** Text by id, with each gap written as the provider writes its variables. */
function textsBy(idOf: (one: Approved) => string, variable: (name: string, at: number) => string) {
  const entries = approved().map((one) => {
    const text = one.values.reduce((all, name, at) => all.replaceAll(`{${name}}`, variable(name, at)), one.text);
    return [idOf(one), text] as const;
  });
  return Object.fromEntries(entries);
}

type Owner = 'registrar' | 'notifier';

function installed(
  kind: DemoProvider,
  settings: Settings,
  owner: Owner,
): { readonly config: object; readonly secret: object } {
  const { ports } = settings.addresses;
  const { gateway, smpp } = settings.keys;
  switch (kind) {
    case 'smpp':
      return {
        config: { kind, host: '127.0.0.1', port: ports.smpp, systemId: owner, sender },
        secret: { password: smpp[owner] },
      };
    case 'tencent':
      return {
        config: {
          kind,
          endpoint: `sms.localhost:${ports.gateways}`,
          protocol: 'http',
          sdkAppId,
          signName,
          templates: templatesBy(({ tencentId }) => tencentId),
          receiptsEveryMs,
        },
        secret: { secretId: account, secretKey: gateway },
      };
    case 'aliyun':
      return {
        config: {
          kind,
          endpoint: `127.0.0.1:${ports.gateways}`,
          protocol: 'http',
          signName,
          templates: templatesBy(({ aliyunId }) => aliyunId),
          receiptsEveryMs,
        },
        secret: { accessKeyId: account, accessKeySecret: gateway },
      };
    case 'smtp':
      return {
        config: {
          kind,
          host: '127.0.0.1',
          port: ports.mail,
          tls: 'none',
          user: account,
          from: mailFrom,
          fromName: signName,
          subject: '出行提示 / Travel notice',
        },
        secret: { password: gateway },
      };
    case 'wechat':
      return {
        config: {
          kind,
          baseUrl: `http://127.0.0.1:${ports.wechat}`,
          appId,
          templates: { 'fellow-rider': wechatTemplate },
          page: 'pages/notice/index',
        },
        secret: { appSecret: gateway },
      };
  }
  throw new TypeError('no such provider');
}

function chosen(settings: Settings): readonly DemoProvider[] {
  return settings.mode === 'demo' ? settings.providers : ['smpp'];
}

/** Configuration and secrets of a process' providers. One-time codes go by text message only. */
export function installedProviders(settings: Settings, owner: Owner) {
  const kinds = chosen(settings).filter((kind) => owner === 'notifier' || isSms(kind));
  const all = kinds.map((kind) => ({ kind, ...installed(kind, settings, owner) }));
  return {
    providers: all.map(({ config }) => config),
    secrets: Object.fromEntries(all.map(({ kind, secret }) => [kind, secret])) as Readonly<
      Record<string, { readonly password: string }>
    >,
  };
}

/** The mini-program through which people may enrol, where its stand-in runs. */
export function installedMiniProgram(settings: Settings) {
  if (!chosen(settings).includes('wechat')) return { config: {}, secrets: {} };
  const baseUrl = `http://127.0.0.1:${settings.addresses.ports.wechat}`;
  return {
    config: { wechat: { baseUrl, appId, answerWaitMs: 5_000 } },
    secrets: { wechatSecret: settings.keys.gateway },
  };
}

/** What the sink needs beside SMPP, for the providers that are used. */
export function sinkProviders(settings: Settings): {
  readonly config: Pick<SinkConfig, 'http' | 'mail' | 'wechat'>;
  readonly secrets: Pick<SinkSecrets, 'gateway'>;
} {
  const kinds = chosen(settings);
  const { ports } = settings.addresses;
  const tencent = {
    tencent: {
      sdkAppId,
      signName,
      templates: textsBy(
        ({ tencentId }) => tencentId,
        (_name, at) => `{${at + 1}}`,
      ),
    },
  };
  const aliyun = {
    aliyun: {
      signName,
      templates: textsBy(
        ({ aliyunId }) => aliyunId,
        (name) => `\${${name}}`,
      ),
    },
  };
  const hasHttp = kinds.includes('tencent') || kinds.includes('aliyun');
  const http = {
    port: ports.gateways,
    ...(kinds.includes('tencent') ? tencent : {}),
    ...(kinds.includes('aliyun') ? aliyun : {}),
  };
  const hasMail = kinds.includes('smtp');
  const hasWechat = kinds.includes('wechat');
  const wechat = {
    wechat: { port: ports.wechat, appId, templates: { [wechatTemplate.id]: Object.keys(wechatTemplate.fields) } },
  };
  return {
    config: {
      ...(hasHttp ? { http } : {}),
      ...(hasMail ? { mail: { port: ports.mail } } : {}),
      ...(hasWechat ? wechat : {}),
    },
    secrets: hasHttp || hasMail || hasWechat ? { gateway: { account, key: settings.keys.gateway } } : {},
  };
}
