// WeChat's HTTP interface for mini-programs, as far as it is needed: the phone number of a tap, the openid of a sign-in,
// a subscription message. Source: developers.weixin.qq.com, "服务端 API" (getStableAccessToken, getPhoneNumber,
// code2Session, sendMessage), as of 2026. The stable token is used because registrar and notifier share one application:
// asking for it again gives the same token, where the older interface would make the other process's worthless.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { systemClock } from '@tongche/runtime';
import type { Clock } from '@tongche/runtime';

import { watchedAgent } from './watched-agent.ts';

/** Answers are a few hundred bytes. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** A token is renewed this long before its end: a request on the way must not meet the end. */
const TOKEN_MARGIN_MS = 5 * 60_000;
/** Codes of a token that has ended or was replaced: 40001, 40014, 42001. */
const TOKEN_ENDED: ReadonlySet<number> = new Set([40_001, 40_014, 42_001]);

export interface WechatOptions {
  /** `https://api.weixin.qq.com`, or the stand-in's address. */
  readonly baseUrl: string;
  readonly appId: string;
  readonly secret: string;
  readonly answerWaitMs: number;
  readonly wireClock?: Clock;
}

/** `errcode` 0 is success. `down`: certainly nothing happened there. `lost`: it may have. */
export type WechatAnswer =
  | { readonly kind: 'answered'; readonly errcode: number; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'down' }
  | { readonly kind: 'lost' };

export interface SubscriptionMessage {
  readonly touser: string;
  readonly templateId: string;
  /** Page of the mini-program that opens, without a person's data in it. */
  readonly page: string;
  readonly data: Readonly<Record<string, string>>;
}

export interface WechatApi {
  /** E.164 digits behind the code of a tap on "get phone number": valid five minutes, once. Undefined: not a good code. */
  phoneOf(code: string): Promise<string | undefined>;
  /** The openid behind the code of a sign-in: valid five minutes, once. Undefined: not a good code. */
  openidOf(code: string): Promise<string | undefined>;
  sendSubscription(message: SubscriptionMessage): Promise<WechatAnswer>;
}

/** The interface did not answer, or not as documented. */
export class WechatUnavailable extends Error {
  constructor(reason: string) {
    super(`WeChat is not available: ${reason}`);
    this.name = 'WechatUnavailable';
  }
}

export function wechatApi(options: WechatOptions): WechatApi {
  const clock = options.wireClock ?? systemClock(() => {});
  let token: { readonly text: string; readonly untilMs: number } | undefined;
  let asking: Promise<string | undefined> | undefined;

  async function askToken(force: boolean): Promise<string | undefined> {
    const answer = await call(options, 'POST', '/cgi-bin/stable_token', {
      grant_type: 'client_credential',
      appid: options.appId,
      secret: options.secret,
      force_refresh: force,
    });
    if (answer.kind !== 'answered') return undefined;
    const { access_token: text, expires_in: lifeS } = answer.body;
    if (typeof text !== 'string' || text === '' || typeof lifeS !== 'number') return undefined;
    token = { text, untilMs: clock.now() + lifeS * 1_000 - TOKEN_MARGIN_MS };
    return text;
  }

  async function tokenText(ended?: string): Promise<string | undefined> {
    if (token !== undefined && token.text !== ended && clock.now() < token.untilMs) return token.text;
    asking ??= askToken(ended !== undefined).finally(() => {
      asking = undefined;
    });
    return asking;
  }

  /** With a fresh token once more when the one at hand has ended: the first request has certainly done nothing. */
  async function withToken(path: string, body: object): Promise<WechatAnswer> {
    let ended: string | undefined;
    for (;;) {
      const text = await tokenText(ended);
      if (text === undefined) return { kind: 'down' };
      const answer = await call(options, 'POST', `${path}?access_token=${encodeURIComponent(text)}`, body);
      if (answer.kind !== 'answered' || !TOKEN_ENDED.has(answer.errcode) || ended !== undefined) return answer;
      ended = text;
    }
  }

  return {
    async phoneOf(code) {
      const answer = succeeded(await withToken('/wxa/business/getuserphonenumber', { code }));
      return answer === undefined ? undefined : phoneIn(answer, options.appId);
    },
    async openidOf(code) {
      const query = new URLSearchParams({
        appid: options.appId,
        secret: options.secret,
        js_code: code,
        grant_type: 'authorization_code',
      });
      const answer = succeeded(await call(options, 'GET', `/sns/jscode2session?${query.toString()}`));
      const openid = answer?.['openid'];
      return typeof openid === 'string' && OPENID.test(openid) ? openid : undefined;
    },
    sendSubscription: ({ touser, templateId, page, data }) =>
      withToken('/cgi-bin/message/subscribe/send', {
        touser,
        template_id: templateId,
        page,
        miniprogram_state: 'formal',
        lang: 'zh_CN',
        data: Object.fromEntries(Object.entries(data).map(([name, value]) => [name, { value }])),
      }),
  };
}

/** As long as an envelope has room for it. */
export const OPENID = /^[\w-]{8,28}$/;

/** The body of a success, undefined for a code that is used up or made up. Throws WechatUnavailable for all else. */
function succeeded(answer: WechatAnswer): Readonly<Record<string, unknown>> | undefined {
  if (answer.kind !== 'answered') throw new WechatUnavailable(answer.kind);
  if (answer.errcode === 0) return answer.body;
  // 40029 not valid, 40163 used; 40013 and 40125 are our own credentials, -1 and 45011 a busy WeChat.
  if (answer.errcode === 40_029 || answer.errcode === 40_163) return undefined;
  throw new WechatUnavailable(`errcode ${answer.errcode}`);
}

function phoneIn(body: Readonly<Record<string, unknown>>, appId: string): string | undefined {
  const info = body['phone_info'];
  if (typeof info !== 'object' || info === null) return undefined;
  const { purePhoneNumber, countryCode, watermark } = info as Readonly<Record<string, unknown>>;
  // A code of another mini-program proves nothing to us.
  const { appid } = (watermark ?? {}) as { readonly appid?: unknown };
  if (appid !== appId || typeof purePhoneNumber !== 'string') return undefined;
  const digits = `${String(countryCode)}${purePhoneNumber}`;
  return /^[1-9]\d{5,14}$/.test(digits) ? digits : undefined;
}

async function call(
  { baseUrl, answerWaitMs }: WechatOptions,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<WechatAnswer> {
  const url = new URL(path, baseUrl);
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  const { agent, wasConnected } = watchedAgent(protocol);
  const signal = AbortSignal.timeout(answerWaitMs);
  try {
    const text = await new Promise<string>((resolve, reject) => {
      const send = protocol === 'http' ? httpRequest : httpsRequest;
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const request = send(url, { method, agent, signal, headers }, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_ANSWER_BYTES) request.destroy(new Error('answer too long'));
          else chunks.push(chunk);
        });
        response.once('error', reject);
        response.once('end', () => resolve(Buffer.concat(chunks).toString()));
      });
      request.once('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
    const read: unknown = JSON.parse(text);
    if (typeof read !== 'object' || read === null) return { kind: 'lost' };
    const { errcode = 0 } = read as { readonly errcode?: unknown };
    if (typeof errcode !== 'number') return { kind: 'lost' };
    return { kind: 'answered', errcode, body: read as Record<string, unknown> };
  } catch {
    return wasConnected() ? { kind: 'lost' } : { kind: 'down' };
  }
}
