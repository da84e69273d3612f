// A stand-in of WeChat's HTTP interface for development and tests: the stable token, codes that give a phone or an
// openid once and for five minutes, subscription messages that land in the sink's book. It answers errors as WeChat does.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@tongche/runtime';

import { createFaults } from './sink-book.ts';
import type { SinkBook } from './sink-book.ts';

const MAX_BODY_BYTES = 64 * 1024;
const TOKEN_LIFE_S = 7_200;
const CODE_LIFE_MS = 5 * 60_000;
/** `thing` holds 20 characters, `character_string` 32; see "订阅消息参数值内容限制说明". */
const FIELD_LIMITS: readonly (readonly [RegExp, RegExp])[] = [
  [/^thing\d+$/, /^.{1,20}$/su],
  [/^character_string\d+$/, /^[\x20-\x7e]{1,32}$/],
  [/^phone_number\d+$/, /^[\d+\- ]{1,17}$/],
  [/^(date|time)\d+$/, /^.{1,24}$/su],
  [/^phrase\d+$/, /^[\p{sc=Han}]{1,5}$/u],
  [/^number\d+$/, /^[\d.]{1,32}$/],
];

/** `reset` drops the connection after reading; `silent` never answers; a number is answered as `errcode`. */
export type WechatFault = 'reset' | 'silent' | number;

export interface WechatSinkOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly appId: string;
  readonly secret: string;
  /** Approved templates: the fields of each. */
  readonly templates: Readonly<Record<string, readonly string[]>>;
  readonly book: SinkBook;
  readonly clock: Clock;
}

export interface WechatSink {
  readonly url: string;
  readonly port: number;
  /** A code as the phone would get it from a tap on "get phone number". */
  phoneCode(phone: { readonly country: string; readonly number: string }, appId?: string): string;
  /** A code as the phone would get it from signing in. */
  loginCode(openid: string): string;
  /** This recipient has allowed so many messages; none without. */
  allow(openid: string, messages: number): void;
  /** The token at hand ends now, as when another process forced a new one. */
  endToken(): void;
  fault(kind: WechatFault, count: number): void;
  close(): Promise<void>;
}

type Json = Readonly<Record<string, unknown>>;

function failed(errcode: number): Json {
  return { errcode, errmsg: `error ${errcode}` };
}

async function bodyOf(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new Error('body too long');
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Json);
}

function isFieldFit(name: string, value: string): boolean {
  return FIELD_LIMITS.some(([field, shape]) => field.test(name) && shape.test(value));
}

export async function wechatSink(options: WechatSinkOptions): Promise<WechatSink> {
  const { clock, book, appId, secret } = options;
  const codes = new Map<string, { readonly answer: Json; readonly untilMs: number }>();
  const allowed = new Map<string, number>();
  const faults = createFaults<WechatFault>();
  let token: { readonly text: string; readonly untilMs: number } | undefined;

  function newCode(answer: Json): string {
    const code = randomBytes(16).toString('hex');
    codes.set(code, { answer, untilMs: clock.now() + CODE_LIFE_MS });
    return code;
  }

  function useCode(code: unknown): Json {
    const found = typeof code === 'string' ? codes.get(code) : undefined;
    if (typeof code === 'string') codes.delete(code);
    return found === undefined || clock.now() > found.untilMs ? failed(40_029) : found.answer;
  }

  function stableToken(body: Json): Json {
    if (body['grant_type'] !== 'client_credential') return failed(40_002);
    if (body['appid'] !== appId) return failed(40_013);
    if (body['secret'] !== secret) return failed(40_125);
    const nowMs = clock.now();
    if (token === undefined || nowMs >= token.untilMs || body['force_refresh'] === true) {
      token = { text: randomBytes(24).toString('base64url'), untilMs: nowMs + TOKEN_LIFE_S * 1_000 };
    }
    return { access_token: token.text, expires_in: Math.floor((token.untilMs - nowMs) / 1_000) };
  }

  function send(body: Json): Json {
    const { touser, template_id: templateId, data } = body;
    const fields = typeof templateId === 'string' ? options.templates[templateId] : undefined;
    if (fields === undefined) return failed(40_037);
    if (typeof touser !== 'string') return failed(40_003);
    if (typeof data !== 'object' || data === null) return failed(47_003);
    const given = new Map(
      Object.entries(data as Readonly<Record<string, { readonly value?: unknown }>>).map(([name, { value }]) => [
        name,
        typeof value === 'string' ? value : '',
      ]),
    );
    if (fields.some((name) => !isFieldFit(name, given.get(name) ?? ''))) return failed(47_003);
    const left = allowed.get(touser) ?? 0;
    if (left === 0) return failed(43_101);
    allowed.set(touser, left - 1);
    const text = fields.map((name) => given.get(name)).join(' · ');
    const { no } = book.add({
      channel: 'wechat',
      provider: 'wechat',
      systemId: appId,
      from: appId,
      to: touser,
      text,
      parts: 1,
      receivedMs: clock.now(),
    });
    book.settle(no, 'delivered');
    return { errcode: 0, errmsg: 'ok' };
  }

  /** Routes behind a token. */
  const withToken: Readonly<Record<string, (body: Json) => Json>> = {
    '/wxa/business/getuserphonenumber': (body) => useCode(body['code']),
    '/cgi-bin/message/subscribe/send': send,
  };

  async function answer(request: IncomingMessage): Promise<Json> {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const body = await bodyOf(request);
    if (url.pathname === '/cgi-bin/stable_token') return stableToken(body);
    if (url.pathname === '/sns/jscode2session') {
      const isOurs = url.searchParams.get('appid') === appId && url.searchParams.get('secret') === secret;
      return isOurs ? useCode(url.searchParams.get('js_code')) : failed(40_013);
    }
    const route = withToken[url.pathname];
    if (route === undefined) return failed(43_002);
    const given = url.searchParams.get('access_token');
    if (token === undefined || given !== token.text || clock.now() >= token.untilMs) return failed(42_001);
    return route(body);
  }

  const server = createServer((request, response) => {
    const fault = request.url?.startsWith('/cgi-bin/stable_token') === true ? undefined : faults.take();
    if (fault === 'reset' || fault === 'silent') {
      request.once('end', () => fault === 'reset' && request.socket.destroy()).resume();
      return;
    }
    const reply = typeof fault === 'number' ? Promise.resolve(failed(fault)) : answer(request);
    reply.then(
      (body) => {
        request.resume();
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      },
      () => response.writeHead(400).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${options.host}:${port}`,
    phoneCode: ({ country, number }, forApp = appId) =>
      newCode({
        errcode: 0,
        errmsg: 'ok',
        phone_info: {
          phoneNumber: country === '86' ? number : `${country}${number}`,
          purePhoneNumber: number,
          countryCode: country,
          watermark: { timestamp: Math.floor(clock.now() / 1_000), appid: forApp },
        },
      }),
    loginCode: (openid) => newCode({ openid, session_key: randomBytes(16).toString('base64') }),
    allow: (openid, messages) => void allowed.set(openid, messages),
    endToken() {
      token = undefined;
    },
    fault: (kind, count) => faults.set(kind, count),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}
