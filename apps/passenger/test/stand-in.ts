// A stand-in registrar and platform for the page's own tests: the real protocol, no database, and a switch for every answer.
import { createHash, createHmac, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { errorBody } from '@tongche/contract';
import type { ErrorCode, RideReceipt } from '@tongche/contract';
import {
  bundleInfo,
  check,
  contactTag,
  dayOf,
  dayStartMs,
  decodeRecord,
  encodeWallet,
  eraseCommitment,
  fromBase64Url,
  issueWallet,
  admission,
  assistTag,
  makeShortCode,
  nobleSuite as suite,
  openNote,
  openRecord,
  openRelay,
  parsePhone,
  parseSubject,
  signBundle,
  toBase64Url,
  unwrap,
  utf8,
} from '@tongche/protocol';
import type { Contact, DayBundle, RideRecord, StopNote, SubjectKind } from '@tongche/protocol';

const dist = join(import.meta.dirname, '../dist');
const ZONE = 'Asia/Shanghai';
const ISS = 1;
const OTP = '246810';

type RideMode = ErrorCode | 'ok' | 'offline' | 'lost-answer';

export interface StoredRow {
  readonly record: RideRecord;
  readonly contact: Contact;
  readonly tagVerified: boolean;
  readonly noteKey: Uint8Array<ArrayBuffer>;
  readonly body: string;
}

export interface StandIn {
  readonly url: string;
  readonly code: string;
  readonly otherCode: string;
  readonly shortCode: string;
  readonly rows: Map<string, StoredRow>;
  /** Every ride body that arrived, in order, stored or not. */
  readonly posted: string[];
  readonly undone: string[];
  readonly notes: StopNote[];
  /** Messages of the relay with nothing in them. */
  emptyMessages: number;
  readonly erased: string[];
  readonly requests: string[];
  /** What the platform answers to the next rides, first to last; then 'ok'. */
  answers: RideMode[];
  /** How long phones are asked to wait with `busy`. */
  retryAfterS: number | undefined;
  /** What the platform noticed about every ride. */
  flags: readonly RideReceipt['flags'][number][];
  /** Added to the clock of both servers. */
  aheadMs: number;
  refillStatus: number | undefined;
  cookieWorks: boolean;
  assistToken: string;
  receipts: string[];
  publish(kind: 'expo1' | 'notice1', tags: readonly Uint8Array<ArrayBuffer>[]): Promise<void>;
  notice(content: unknown): Promise<string>;
  close(): Promise<void>;
}

const day0 = (nowMs: number): number => dayOf(nowMs, ZONE);
const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
const read = (bytes: string): Uint8Array<ArrayBuffer> => unwrap(fromBase64Url(bytes));
const dayKey = (name: string, day: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHmac('sha256', 'test').update(`${name}${day}`).digest());

/** `host`: the name the page is opened by; any but localhost is a plain-HTTP page without WebCrypto. */
export async function standIn(host = 'localhost'): Promise<StandIn> {
  const ed25519 = await suite.generateEd25519KeyPair();
  const p256 = await suite.generateKeyPair();
  const env = await suite.generateKeyPair();
  const relay = await suite.generateKeyPair();
  const codes = [suite.randomBytes(8), suite.randomBytes(8)].map(toBase64Url);
  const shortCode = makeShortCode(randomInt(1_000_000));
  const lists = new Map<string, Uint8Array>();
  const notices = new Map<string, string>();
  const challenges = new Map<string, string>();
  let ticketPhone = '';

  const registrar = createServer((request, response) => void route(request, response, registrarRoutes));
  const platform = createServer((request, response) => void route(request, response, platformRoutes));
  const listen = (server: typeof registrar): Promise<string> =>
    new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(`http://${host}:${typeof address === 'object' && address !== null ? address.port : 0}`);
      }),
    );
  const platformUrl = await listen(platform);
  const url = await listen(registrar);
  const nowMs = (): number => Date.now() + it.aheadMs;

  const settings = {
    authority: { iss: ISS, name: { zh: '深圳市卫健委', en: 'Shenzhen Health Commission' }, zone: ZONE, phone: '12320' },
    signP256: toBase64Url(p256.pk),
    platformUrl,
    consentVersion: 1,
    retentionDays: 28,
    demo: true,
    smsProvider: { zh: '演示短信', en: 'the demo SMS sink' },
    askName: true,
    languages: ['zh-CN', 'en'],
  };
  const it: StandIn = {
    url,
    code: codes[0] ?? '',
    otherCode: codes[1] ?? '',
    shortCode,
    rows: new Map(),
    posted: [],
    undone: [],
    notes: [],
    emptyMessages: 0,
    erased: [],
    requests: [],
    answers: [],
    retryAfterS: undefined,
    flags: [],
    aheadMs: 0,
    refillStatus: undefined,
    cookieWorks: false,
    assistToken: 'assist',
    receipts: [],
    async publish(kind, tags) {
      const values = await Promise.all(
        tags.map(async (tag) =>
          Buffer.from(await suite.sha256(new Uint8Array(Buffer.concat([utf8(kind), tag])))).subarray(0, 8),
        ),
      );
      lists.set(
        kind,
        Buffer.concat([...values, Buffer.alloc(8, 1), Buffer.alloc(8, 255)].sort((a, b) => Buffer.compare(a, b))),
      );
    },
    async notice(content) {
      const [id, key, nonce] = [toBase64Url(suite.randomBytes(16)), suite.randomBytes(16), suite.randomBytes(12)];
      const ct = await suite.aesGcmSeal(key, nonce, utf8(`notice1|${id}`), utf8(JSON.stringify(content)));
      notices.set(id, toBase64Url(new Uint8Array(Buffer.concat([nonce, ct]))));
      return `${url}/n/${id}#${toBase64Url(key)}`;
    },
    close: () =>
      new Promise((resolve) => {
        for (const server of [registrar, platform]) server.closeAllConnections();
        registrar.close(() => platform.close(() => resolve()));
      }),
  };

  async function bundleOf(day: number): Promise<DayBundle> {
    return signBundle(
      suite,
      {
        authority: { iss: ISS, name: settings.authority.name, zone: ZONE },
        day,
        keyId: `k${day}`,
        suite: 1,
        pkEnv: toBase64Url(env.pk),
        notBeforeMs: dayStartMs(day, ZONE),
        notAfterMs: dayStartMs(day + 1, ZONE),
        platformUrl,
        relayPk: toBase64Url(relay.pk),
      },
      { ed25519Sk: ed25519.sk, p256Sk: p256.sk },
    );
  }
  async function wallet(phone: string): Promise<object> {
    const days = Array.from({ length: 9 }, (_, i) => day0(nowMs()) - 1 + i);
    const keys = days.map((day) => ({ day, kTag: dayKey('tag', day), kAdm: dayKey('adm', day) }));
    const issued = encodeWallet(await issueWallet(suite, keys, { iss: ISS, phone: BigInt(phone), walletNo: 3 }));
    ticketPhone = phone;
    return {
      ticket: 'ticket',
      ...issued,
      bundles: await Promise.all(days.map(bundleOf)),
      consentVersion: 1,
      nowMs: nowMs(),
    };
  }

  type Answer = {
    status: number;
    json?: unknown;
    bytes?: Uint8Array | string;
    type?: string;
    headers?: Record<string, string>;
  };
  const refuse = (code: ErrorCode, extra: Record<string, unknown> = {}, status = 400): Answer => ({
    status,
    json: errorBody(code, extra),
  });
  const page = (name: string): Answer => {
    const html = readFileSync(join(dist, name), 'utf8').replace('__SETTINGS__', () =>
      JSON.stringify(settings).replaceAll('<', '\\u003c'),
    );
    const scripts = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map((m) => hash(m[1] ?? ''));
    const styles = [...html.matchAll(/<style>([^]*?)<\/style>/g)].map((m) => hash(m[1] ?? ''));
    const csp = [
      "default-src 'none'",
      `script-src ${scripts.join(' ')} 'self'`,
      `style-src ${styles.join(' ')}`,
      `connect-src 'self' ${platformUrl}`,
      "img-src 'self' data:",
      "worker-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types sw',
    ].join('; ');
    return {
      status: 200,
      bytes: html,
      type: 'text/html; charset=utf-8',
      headers: { 'content-security-policy': csp, 'referrer-policy': 'no-referrer', date: new Date().toUTCString() },
    };
  };
  const asset = (path: string): Answer => ({
    status: 200,
    bytes: readFileSync(join(dist, path)),
    type: 'text/javascript',
    headers: { 'cache-control': 'max-age=86400' },
  });

  async function registrarRoutes(
    method: string,
    path: string,
    text: () => Promise<string>,
    headers: IncomingMessage['headers'],
  ): Promise<Answer> {
    if (method === 'GET' && (path === '/' || path === '/my' || path.startsWith('/r/'))) return page('index.html');
    if (path === '/assist' && method === 'GET') return page('assist.html');
    if (path.startsWith('/n/')) return page('notice.html');
    if (path === '/a' && method === 'GET') return page('alias.html');
    if (path === '/sw.js' || path.startsWith('/assets/')) return asset(path);
    if (path === '/otp') {
      const asked = JSON.parse(await text()) as { phone: string };
      const phone = parsePhone(asked.phone);
      if (!phone.ok) return refuse('bad-phone');
      const challenge = toBase64Url(suite.randomBytes(12));
      challenges.set(challenge, `${phone.value}`);
      return { status: 200, json: { challenge, expiresMs: Date.now() + 600_000 } };
    }
    if (path === '/otp/verify') {
      const asked = JSON.parse(await text()) as { challenge: string; otp: string };
      const phone = challenges.get(asked.challenge);
      if (phone === undefined) return refuse('otp-expired', {}, 410);
      return asked.otp === OTP ? { status: 200, json: await wallet(phone) } : refuse('wrong-otp');
    }
    if (path === '/wallet') {
      const asked = JSON.parse(await text()) as { ticket?: string };
      if (it.refillStatus !== undefined) return refuse('ticket-invalid', {}, it.refillStatus);
      if (asked.ticket === 'ticket') return { status: 200, json: await wallet(ticketPhone) };
      if (it.cookieWorks) return { status: 200, json: { ...(await wallet(ticketPhone)), phone: ticketPhone } };
      return refuse('ticket-invalid', {}, 401);
    }
    if (path === '/withdraw') return { status: 204 };
    if (path === '/relay') {
      const opened = await openRelay(suite, relay.sk, read(await text()));
      if (!opened.ok) return refuse('bad-request');
      const message = opened.value;
      if (message.kind === 'empty') {
        it.emptyMessages += 1;
        return { status: 204 };
      }
      const row = [...it.rows.values()].find((r) => toBase64Url(r.record.tag) === toBase64Url(message.tag));
      if (message.kind === 'note' && row !== undefined) {
        it.notes.push(
          unwrap(
            await openNote(suite, row.noteKey, { day: message.day, tag: message.tag, idx: message.idx }, message.ct32),
          ),
        );
      } else if (message.kind === 'erase' && row !== undefined) {
        if (toBase64Url(await eraseCommitment(suite, message.key16)) === toBase64Url(row.record.eraseC))
          it.erased.push(toBase64Url(message.tag));
      }
      return { status: 204 };
    }
    if (path === '/assist') {
      if (headers.authorization !== `Bearer ${it.assistToken}`) return refuse('assist-token-invalid', {}, 401);
      const { kind, value, day } = JSON.parse(await text()) as { kind: SubjectKind; value: string; day: number };
      const subject = parseSubject(kind, value);
      if (!subject.ok) return refuse('bad-document');
      const slot = randomInt(64);
      const tag = await assistTag(suite, dayKey('tag', day), { iss: ISS, kind, subject: subject.value, slot });
      const adm = await admission(suite, dayKey('adm', day), { day, iss: ISS, tag });
      return {
        status: 200,
        json: { tag: toBase64Url(tag), adm: toBase64Url(adm), slot, bundle: await bundleOf(day), nowMs: nowMs() },
      };
    }
    if (path.startsWith('/notices/')) {
      const [, , id = '', receipt] = path.split('/');
      if (receipt !== undefined) {
        it.receipts.push((JSON.parse(await text()) as { outcome: string }).outcome);
        return { status: 204 };
      }
      const blob = notices.get(id);
      return blob === undefined ? refuse('not-found', {}, 404) : { status: 200, json: { blob } };
    }
    if (path === '/lists')
      return {
        status: 200,
        json: { lists: [...lists.keys()].map((kind) => ({ kind, date: '2026-11-20', count: 3 })) },
      };
    if (path.startsWith('/lists/'))
      return {
        status: 200,
        bytes: lists.get(path.split('/')[2] ?? '') ?? new Uint8Array(),
        type: 'application/octet-stream',
      };
    if (path === '/consent')
      return {
        status: 200,
        json: {
          version: 1,
          sha256: 'x',
          zh: '个人信息处理规则\n\n一、我们收集您的手机号、所乘车辆和时间。',
          en: 'Personal Information Notice\n\n1. We collect your number, the vehicle and the time.',
        },
      };
    return refuse('not-found', {}, 404);
  }

  const stops = ['布吉', '草埔', '水贝', '田贝', '翠竹', '深圳湾'];
  function vehicle(code: string): object {
    const second = code === it.otherCode;
    return {
      unit: {
        kind: 'bus',
        plate: second ? '粤B66120D' : '粤B12345D',
        label: { zh: '粤B·12345D', en: '粤B·12345D' },
        shortCode,
      },
      line: {
        id: 'm133',
        name: { zh: second ? 'M299路' : 'M133路', en: second ? 'Line M299' : 'Line M133' },
        headsign: { zh: '深圳湾', en: 'Shenzhen Bay' },
      },
    };
  }
  async function platformRoutes(method: string, path: string, text: () => Promise<string>): Promise<Answer> {
    if (path === '/v1/rides' && method === 'POST') return ride(await text());
    if (path === '/v1/rides/undo') {
      const sent = await text();
      it.undone.push(sent);
      const tag = toBase64Url(read(sent).slice(2, 18));
      for (const [key, row] of it.rows) if (toBase64Url(row.record.tag) === tag) it.rows.delete(key);
      return { status: 204 };
    }
    if (path === '/v1/codes/resolve') {
      const asked = JSON.parse(await text()) as { shortCode?: string; content?: string };
      return asked.shortCode === shortCode || asked.content === FOREIGN_CONTENT
        ? { status: 200, json: { code: it.code, ...vehicle(it.code) } }
        : refuse('unknown-code', {}, 404);
    }
    const code = path.split('/')[3] ?? '';
    return codes.includes(code) ? { status: 200, json: { code, ...vehicle(code) } } : refuse('unknown-code', {}, 404);
  }
  async function ride(sent: string): Promise<Answer> {
    it.posted.push(sent);
    const mode = it.answers.shift() ?? 'ok';
    if (mode === 'offline') return { status: 0 };
    const record = unwrap(decodeRecord(read(sent)));
    const bundle = await bundleOf(record.day);
    const boardedMs = bundle.notBeforeMs + record.w.minute * 60_000;
    const off = Math.abs(nowMs() - boardedMs) > 4 * 60_000 && !record.w.queued;
    if (mode === 'clock-wrong' || off || boardedMs > nowMs() + 180_000)
      return refuse('clock-wrong', { nowMs: nowMs() }, 409);
    const statuses: Partial<Record<RideMode, number>> = {
      busy: 503,
      'rate-limited': 429,
      'tag-used': 409,
      'not-admitted': 403,
      'unknown-code': 404,
      'code-revoked': 410,
    };
    const wait = it.retryAfterS === undefined ? {} : { retryAfterS: it.retryAfterS };
    if (mode !== 'ok' && mode !== 'lost-answer') return refuse(mode, wait, statuses[mode] ?? 422);
    const code = toBase64Url(record.code);
    if (!codes.includes(code)) return refuse('unknown-code', {}, 404);
    const opened = unwrap(await openRecord(suite, { sk: env.sk, info: bundleInfo(bundle), record }));
    const tag = await contactTag(suite, dayKey('tag', record.day), { iss: ISS, contact: opened.contact });
    const key = [code, record.day, record.w.minute, toBase64Url(record.tag)].join();
    const tagVerified = toBase64Url(tag) === toBase64Url(record.tag);
    if (!it.rows.has(key))
      it.rows.set(key, { record, contact: opened.contact, tagVerified, noteKey: opened.noteKey, body: sent });
    if (mode === 'lost-answer') return { status: 0 };
    const heads = [...it.rows.values()].reduce((sum, row) => sum + 1 + row.record.w.party, 0);
    const minute = record.w.minute;
    const run = {
      key: 'r1',
      boardSeq: code === it.otherCode ? 3 : 0,
      stops: stops.map((zh, seq) => ({ seq, name: { zh, en: zh }, arr: minute - 1 + seq * 6, dep: minute + seq * 6 })),
    };
    const shown = await check(suite, { tag: record.tag, code: record.code, day: record.day, minute });
    return {
      status: 200,
      json: {
        nowMs: nowMs(),
        boardedMs,
        ...vehicle(code),
        run,
        no: heads,
        check: shown,
        flags: record.w.queued ? ['late', ...it.flags] : it.flags,
      },
    };
  }

  async function route(
    request: IncomingMessage,
    response: ServerResponse,
    routes: typeof registrarRoutes,
  ): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' };
    if (request.method === 'OPTIONS') return void response.writeHead(204, cors).end();
    it.requests.push(`${request.method} ${path.startsWith('/r/') ? '/r/:code' : path}`);
    const answer = await routes(request.method ?? '', path, () => body(request), request.headers).catch(
      (error: unknown): Answer => {
        console.error(error);
        return refuse('internal', {}, 500);
      },
    );
    if (answer.status === 0) return void request.socket.destroy();
    const type = answer.type ?? 'application/json';
    response.writeHead(answer.status, { 'content-type': type, ...cors, ...answer.headers });
    response.end(answer.json === undefined ? answer.bytes : JSON.stringify(answer.json));
  }
  return it;
}
/** What another QR of the city says, bound to the first code. */
export const FOREIGN_CONTENT = 'https://bus.example/q?车=1&x=%2F#7';
export const GOOD_OTP = OTP;
