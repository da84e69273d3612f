// Every public door of platform and registrar with everything that may come through it: each wrong thing gets an answer of
// the catalogue, never a 500, a stack or a text from the inside, and no ride is lost on the way.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { AssistToken, ErrorCode, RideReceipt, Shift } from '@tongche/contract';
import { connect } from '@tongche/postgres';
import { decodeRecord, encodeCode, encodeRecord, toBase64Url, unwrap, uuidText } from '@tongche/protocol';
import type { Bytes, MadeRide, RideRecord } from '@tongche/protocol';
import { silentLog } from '@tongche/runtime';
import { openPhone } from '@tongche/simulator';
import type { Phone } from '@tongche/simulator';
import { catalogueCode } from '../kit/catalogue.ts';
import { at } from '../kit/at.ts';
import { badBodies, wrongTypes } from '../kit/bad-json.ts';
import { coarseClock, START_MS, startCity } from '../kit/city.ts';
import type { City } from '../kit/city.ts';
import { makePeople, seededInts } from '../kit/people.ts';
import { rawRequest } from '../kit/raw.ts';
import type { RawAnswer, RawRequest } from '../kit/raw.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const concurrency = 24;

/** Things that must never stand in an answer. */
const inside =
  /node_modules|\.ts\b|\bat \w+ \(|node:|FST_|fastify|ajv|typebox|schema|postgres|\bselect\b|\binsert\b|relation|constraint|ECONN|ENOENT|EACCES|TypeError|SyntaxError|RangeError|JSON at position|Unexpected token|prototype|\/work\/main|\/tmp|\/home|undefined|\[object/i;
/** What an entry may carry beside `error`. */
const extras = new Set(['field', 'nowMs', 'retryAfterS', 'salt', 'bits', 'expiresMs', 'consentVersion']);

interface Case extends RawRequest {
  readonly what: string;
  /** Codes that may come; any of the catalogue where absent. */
  readonly codes?: readonly ErrorCode[];
  /** An answer without an error is right too: this input happens to be in order. */
  readonly mayPass?: boolean;
  /** Not HTTP: closing the connection is an answer. */
  readonly mayClose?: boolean;
}

describe('bad input of every kind', () => {
  let city: City;
  let phone: Phone;
  let staffCookie = '';
  let shift: Shift;
  let assistToken = '';
  const rides: MadeRide[] = [];
  const draw = seededInts('bad-input');

  /** Limits count by address; a stranger per request keeps them out of the way. */
  function stranger(): string {
    return `10.${draw(256)}.${draw(256)}.${1 + draw(254)}`;
  }

  function judge(one: Case, answer: RawAnswer): void {
    const { what } = one;
    // What is not HTTP never reaches a server of ours: Node itself closes, or says 400 without a word.
    if (answer.status === 0 || (one.bytes !== undefined && answer.status === 400 && answer.body === '')) {
      assert.ok(one.mayClose, `${what}: closed without an answer`);
      return;
    }
    assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.body.slice(0, 200)}`);
    assert.equal(answer.headers.get('x-powered-by') ?? answer.headers.get('server'), undefined, what);
    if (answer.status >= 400) {
      const code = one.method === 'HEAD' ? undefined : catalogueCode(what, answer, extras);
      if (code !== undefined && one.codes !== undefined) assert.ok(one.codes.includes(code), `${what}: ${code}`);
      assert.doesNotMatch(answer.body, inside, what);
    } else {
      assert.ok(one.mayPass, `${what}: answered ${answer.status} ${answer.body.slice(0, 100)}`);
    }
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', `${what}: security headers`);
  }

  async function askAll(origin: string, cases: readonly Case[]): Promise<void> {
    let next = 0;
    const failed: string[] = [];
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (next < cases.length) {
          const one = at(cases, next);
          next += 1;
          const headers = { 'x-forwarded-for': stranger(), ...one.headers };
          try {
            judge(one, await rawRequest(origin, { ...one, headers }));
          } catch (error) {
            failed.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
          }
        }
      }),
    );
    assert.deepEqual(failed, []);
  }

  async function goodRide(options: { readonly boardedMs?: number; readonly queued?: boolean } = {}): Promise<MadeRide> {
    const unit = at(city.units, draw(20));
    const ride = await phone.seal({ code: city.codeOf(unit.unitId), boardedMs: city.clock.now(), ...options });
    return ride;
  }
  async function register(ride: MadeRide): Promise<RideReceipt> {
    const answer = await phone.post(ride);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    rides.push(ride);
    return answer.body as RideReceipt;
  }
  async function refusal(body: string | Uint8Array, path = '/v1/rides'): Promise<string> {
    const headers = { 'content-type': 'text/plain', 'x-forwarded-for': stranger() };
    const answer = await rawRequest(city.urls.platform, { method: 'POST', path, body, headers });
    return answer.status === 200 ? 'ok' : answer.status === 204 ? 'gone' : catalogueCode('ride', answer, extras);
  }
  const post = (bytes: Bytes): Promise<string> => refusal(toBase64Url(bytes));

  before(async () => {
    city = await startCity({
      clock: coarseClock(START_MS, 12 * 60 * minuteMs),
      proxies: true,
      adjust: { registrar: (config) => ({ ...config, relay: { minDelayMs: 0, maxDelayMs: 1, tickMs: 3_600_000 } }) },
    });
    const { digits, address } = at(makePeople(1, 'bad-input'), 0);
    phone = openPhone(city.world, { digits, address });
    await phone.enrol();
    await register(await goodRide());
    const { platform } = city.world;
    const signedIn = await platform.call('POST', '/staff/session', {
      json: { account: 'driver', password: 'demo-driver' },
    });
    staffCookie = signedIn.cookie ?? '';
    const code = city.codes.find(({ purpose }) => purpose === 'passenger')?.shortCode;
    const headers = { cookie: staffCookie };
    shift = (await platform.call('POST', '/staff/shifts', { json: { code }, headers })).body as Shift;
    const asked = await platform.call('POST', `/staff/shifts/${shift.shiftId}/assist-token`, { headers });
    assistToken = (asked.body as AssistToken).token;
  });
  after(async () => {
    await city?.remove();
  });

  /** Each JSON route with a body that would be right but for one thing that makes it harmless. */
  function jsonRoutes() {
    const device = toBase64Url(new Uint8Array(32));
    const deviceKey = toBase64Url(new Uint8Array(16));
    const { registrar, platform } = city.urls;
    const notice = toBase64Url(new Uint8Array(16));
    return [
      {
        origin: registrar,
        path: '/otp',
        good: { phone: '12345', consentVersion: 1, language: 'zh', work: { salt: 'a', nonce: 'b' } },
        passes: /^phone: a right-to-left override$/,
      },
      {
        origin: registrar,
        path: '/otp/verify',
        good: { challenge: 'x'.repeat(40), otp: '000000', device },
        passes: /^$/,
      },
      { origin: registrar, path: '/wallet', good: { ticket: 'x'.repeat(80), deviceKey, device }, passes: /^$/ },
      // Whatever was sent, nothing is told.
      {
        origin: registrar,
        path: '/withdraw',
        good: { ticket: 'x'.repeat(80), deviceKey },
        passes: /^ticket: |a byte order mark$/,
      },
      {
        origin: registrar,
        path: '/assist',
        good: { kind: 'phone', value: '12345', day: city.world.dayOf(city.clock.now()) },
        passes: /^value: a right-to-left override$/,
        headers: { authorization: `Bearer ${assistToken}` },
      },
      { origin: registrar, path: `/notices/${notice}/receipt`, good: { outcome: 'seen' }, passes: /^$/ },
      { origin: platform, path: '/v1/codes/resolve', good: { shortCode: '22222' }, passes: /^$/ },
      { origin: platform, path: '/staff/session', good: { account: 'nobody', password: 'nothing' }, passes: /^$/ },
      {
        origin: platform,
        path: '/staff/shifts',
        good: { code: 'no such code' },
        passes: /^$/,
        headers: { cookie: staffCookie },
      },
      {
        origin: platform,
        path: `/staff/shifts/${shift.shiftId}/trip`,
        good: { dir: 7 },
        passes: /^dir: (minus )?zero$/,
        headers: { cookie: staffCookie },
      },
      {
        origin: platform,
        path: '/staff/shifts/999999999/trip',
        good: { dir: 0 },
        passes: /^$/,
        headers: { cookie: staffCookie },
      },
    ];
  }

  test('bodies: every field wrong in every way, and every way a whole body can be wrong', async () => {
    for (const { origin, path, good, passes, headers = {} } of jsonRoutes()) {
      const type = { 'content-type': 'application/json' };
      const cases = badBodies(good).map(({ what, body }): Case => {
        return {
          what: `${path}: ${what}`,
          method: 'POST',
          path,
          body,
          mayPass: passes.test(what),
          headers: { ...type, ...headers },
        };
      });
      assert.ok(cases.length > 60);
      await askAll(origin, cases);
    }
  });

  test('content types, encodings and lengths that do not belong', async () => {
    for (const { origin, path, good, headers = {} } of jsonRoutes()) {
      const body = JSON.stringify(good);
      const sending = (more: Readonly<Record<string, string>>, rest: Partial<Case> = {}): Case => ({
        what: `${path} ${JSON.stringify(more).slice(0, 80)}`,
        method: 'POST',
        path,
        body,
        headers: { ...headers, ...more },
        mayPass: path === '/withdraw',
        ...rest,
      });
      const json = { 'content-type': 'application/json' };
      await askAll(origin, [
        ...wrongTypes.map((type) =>
          sending({ 'content-type': type }, { mayClose: true, codes: ['wrong-type', 'bad-request'] }),
        ),
        sending({}, { codes: ['wrong-type', 'bad-request'] }),
        sending({ ...json, 'content-encoding': 'gzip' }),
        sending({ ...json, 'content-encoding': 'br', 'accept-encoding': 'x' }),
        sending({ ...json, expect: '100-continue' }, { mayClose: true }),
        sending(json, { contentLength: '99999999', body: '{', cut: true, mayClose: true }),
        sending(json, { contentLength: '3', mayClose: true }),
        sending(json, { contentLength: '-1', mayClose: true }),
        sending(json, { contentLength: 'many', mayClose: true }),
        sending(json, { body: 'x'.repeat(3_000_000), mayClose: true, codes: ['too-large'] }),
      ]);
    }
  });

  test('methods nobody offers, and paths that lead nowhere', async () => {
    const publicPaths: Readonly<Record<string, readonly string[]>> = {
      [city.urls.platform]: [
        '/v1/rides',
        '/v1/rides/undo',
        '/v1/codes/resolve',
        '/v1/codes/AAAAAAAAAAA',
        '/staff/session',
        '/staff/shifts',
        '/staff/shifts/1',
        '/staff/shifts/1/live',
        '/staff/shifts/1/live.json',
        '/staff/',
        '/healthz',
      ],
      [city.urls.registrar]: [
        '/',
        '/my',
        '/r/AAAAAAAAAAA',
        '/assist',
        '/otp',
        '/otp/verify',
        '/wallet',
        '/withdraw',
        '/relay',
        '/bundles',
        '/settings',
        '/consent',
        '/lists',
        '/log/checkpoint',
        '/log/entries',
        '/notices/AAAA',
        '/sw.js',
        '/healthz',
      ],
    };
    const methods = [
      'GET',
      'HEAD',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'OPTIONS',
      'TRACE',
      'PROPFIND',
      'SEARCH',
      'PURGE',
    ];
    const odd = [
      '/%',
      '/%00',
      '/%ff%fe',
      '/%E0%A4%A',
      '/..%2f..%2fetc%2fpasswd',
      '/../../etc/passwd',
      '//',
      '///x',
      '/\\..\\',
      '/.env',
      '/.git/config',
      '/staff/../v1/rides',
      '/staff/%2e%2e/%2e%2e/package.json',
      '/assets/../../index.html',
      '/assets/%2e%2e%2fsw.js',
      `/${'a'.repeat(7_000)}`,
      '/r/',
      `/r/${'A'.repeat(400)}`,
      '/r/%00%00',
      '/n/%ff',
      '/v1/codes/',
      `/v1/codes/${'A'.repeat(300)}`,
      '/v1/codes/%00',
      '/v1/codes/__proto__',
      '/v1/codes/%E4%BA%AC',
      '/v1/rides?via=admin',
      '/v1/rides?via=assist&via=assist',
      '/v1/rides?__proto__=1',
      '/log/entries?from=1e9',
      '/log/entries?from=-1',
      '/log/entries?limit=99999999999999999999',
      '/log/entries?from=0&from=1',
      '/lists/expo1/2026-13-99',
      '/lists/__proto__/2026-01-01',
      '/notices/constructor',
      '/internal/keys',
      '/internal/match',
      '/internal/identity',
      '/metrics',
      '/staff/shifts/0/live',
      '/staff/shifts/99999999999999/live',
      '/staff/shifts/1e3/live',
      '/staff/shifts/-1/live.json',
      '*',
      'http://evil.example/otp',
      '/otp;jsessionid=1',
      '/OTP',
      '/v1/rides/',
    ];
    for (const [origin, paths] of Object.entries(publicPaths)) {
      const known = paths.flatMap((path) =>
        methods.map((method): Case => ({
          what: `${method} ${path}`,
          method,
          path,
          mayPass: /GET|HEAD|DELETE/.test(method),
        })),
      );
      const unknown = odd.flatMap((path) =>
        ['GET', 'POST'].map((method): Case => ({
          what: `${method} ${path.slice(0, 60)}`,
          method,
          path,
          mayPass: method === 'GET' && /^\/(r\/|n\/|assets|staff)|^\/\/|^\*|from=0/.test(path),
          mayClose: /^\*|^http/.test(path),
        })),
      );
      await askAll(origin, [...known, ...unknown]);
      for (const path of ['/internal/keys', '/internal/match', '/internal/identity', '/metrics']) {
        assert.equal(catalogueCode(path, await rawRequest(origin, { path }), extras), 'not-found');
      }
    }
  });

  test('bytes that are hardly HTTP at all', async () => {
    const line = (text: string): Uint8Array => Buffer.from(text, 'latin1');
    const shapes: readonly (readonly [string, Uint8Array])[] = [
      ['noise', randomBytes(2_000)],
      ['TLS', Buffer.from('16030100a5010000a10303', 'hex')],
      ['HTTP/2', line('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
      ['no host', line('POST /otp HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}')],
      ['two hosts', line('GET /healthz HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n')],
      ['HTTP/0.9', line('GET /\r\n')],
      ['HTTP/3.7', line('GET / HTTP/3.7\r\nhost: a\r\n\r\n')],
      ['two lengths', line('POST /otp HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ncontent-length: 40\r\n\r\n{}')],
      [
        'length and chunks',
        line('POST /otp HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
      ],
      [
        'broken chunks',
        line(
          'POST /otp HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n',
        ),
      ],
      ['a header without end', line(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(200_000)}`)],
      [
        'thousands of headers',
        line(`GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${'x: y\r\n'.repeat(5_000)}\r\n`),
      ],
      ['a NUL in a header', line('GET /healthz HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\n')],
      ['a blank in a header name', line('GET /healthz HTTP/1.1\r\nhost: a\r\nx y: 1\r\n\r\n')],
      ['a bare line feed', line('GET /healthz HTTP/1.1\nhost: a\nconnection: close\n\n')],
      ['an unknown method', line('BREW /pot HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')],
      [
        'an upgrade',
        line('GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n'),
      ],
      ['a proxy’s CONNECT', line('CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n\r\n')],
    ];
    for (const origin of [city.urls.platform, city.urls.registrar]) {
      await askAll(
        origin,
        shapes.map(([what, bytes]) => ({ what, bytes, cut: true, mayPass: true, mayClose: true })),
      );
    }
  });

  test('other people’s pages may not write: origin, site and session', async () => {
    const json = { 'content-type': 'application/json' };
    const body = JSON.stringify({ account: 'driver', password: 'demo-driver' });
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: `${city.urls.platform}.evil.example` },
      { origin: '\u00ff' },
    ]) {
      const answer = await rawRequest(city.urls.platform, {
        method: 'POST',
        path: '/staff/session',
        body,
        headers: { ...json, ...headers },
      });
      assert.equal(catalogueCode(JSON.stringify(headers), answer, extras), 'wrong-origin');
      assert.equal(answer.headers.get('set-cookie'), undefined);
    }
    for (const cookie of [
      'staff=',
      'staff=x',
      `staff=${'A'.repeat(43)}`,
      'staff=%00',
      `staff=${'x'.repeat(4_000)}`,
      ';;;=;',
      '__proto__=1',
    ]) {
      const answer = await rawRequest(city.urls.platform, { path: '/staff/session', headers: { cookie } });
      assert.equal(catalogueCode(cookie, answer, extras), 'not-signed-in');
    }
    for (const path of ['/otp/verify', '/wallet', '/withdraw', '/assist']) {
      const answer = await rawRequest(city.urls.registrar, {
        method: 'POST',
        path,
        body: '{}',
        headers: { ...json, origin: 'https://evil.example' },
      });
      assert.ok(['wrong-origin', 'bad-request'].includes(catalogueCode(path, answer, extras)), path);
    }
    for (const token of [
      '',
      'x',
      'Bearer',
      'Bearer a.b',
      `Bearer ${assistToken}x`,
      `Bearer ${assistToken.slice(1)}`,
      `Basic ${assistToken}`,
      `Bearer ${'x'.repeat(3_000)}`,
    ]) {
      const ask = JSON.stringify({ kind: 'phone', value: '13800138000', day: city.world.dayOf(city.clock.now()) });
      const answer = await rawRequest(city.urls.registrar, {
        method: 'POST',
        path: '/assist',
        body: ask,
        headers: { ...json, authorization: token },
      });
      assert.equal(catalogueCode(`token ${token.slice(0, 20)}`, answer, extras), 'assist-token-invalid');
    }
  });

  test('texts that are no ride, no undo and no relay message', async () => {
    const good = toBase64Url((await goodRide()).record);
    const texts: readonly (string | Uint8Array)[] = [
      '',
      ' ',
      'x',
      good.slice(1),
      `${good}A`,
      `${good}\n`,
      ` ${good}`,
      good.replace(/.$/, '='),
      good.replace(/.{9}$/, '+'.repeat(9)),
      'A'.repeat(300),
      '_'.repeat(300),
      'A'.repeat(1_024),
      'A'.repeat(1_025),
      'A'.repeat(2_000_000),
      '\0'.repeat(300),
      '京'.repeat(100),
      '京'.repeat(300),
      JSON.stringify({ record: good }),
      Buffer.alloc(300, 0xff),
      Buffer.from(good, 'utf16le'),
      '%'.repeat(300),
    ];
    const types = ['text/plain', 'text/plain;charset=utf-16', 'text/plain; charset=UTF-8'];
    for (const [origin, path] of [
      [city.urls.platform, '/v1/rides'],
      [city.urls.platform, '/v1/rides/undo'],
      [city.urls.registrar, '/relay'],
    ] as const) {
      const bad = texts.flatMap((body) =>
        types.map((type): Case => ({
          what: `${path} ${String(body.slice(0, 20))} ${body.length}`,
          method: 'POST',
          path,
          body,
          mayClose: body.length > 1e6,
          headers: { 'content-type': type },
        })),
      );
      const typed = [...wrongTypes.filter((type) => type !== 'text/plain'), 'application/json'].map((type): Case => ({
        what: `${path} as ${type.slice(0, 30)}`,
        method: 'POST',
        path,
        body: good,
        mayClose: true,
        headers: { 'content-type': type },
      }));
      await askAll(origin, [...bad, ...typed]);
    }
    // An undo or a relay message in the right shape answers 204 whatever is in it: nothing is told.
    assert.equal(await refusal(toBase64Url(new Uint8Array(34)), '/v1/rides/undo'), 'gone');
    for (const blob of [new Uint8Array(153), new Uint8Array(randomBytes(153))]) {
      const answer = await rawRequest(city.urls.registrar, {
        method: 'POST',
        path: '/relay',
        body: toBase64Url(blob),
        headers: { 'content-type': 'text/plain' },
      });
      assert.equal(answer.status, 204);
    }
  });

  test('every field of a record that is not its own', async () => {
    const ride = await goodRide();
    const record = unwrap(decodeRecord(ride.record));
    const at = (index: number, value: number): Bytes =>
      ride.record.map((byte, here) => (here === index ? value : byte));
    const changed = (change: Partial<RideRecord>): Bytes => encodeRecord({ ...record, ...change });
    const random = (length: number): Bytes => new Uint8Array(randomBytes(length));
    assert.equal(await post(at(0, 2)), 'unsupported-record');
    assert.equal(await post(at(1, 2)), 'unsupported-record');
    assert.equal(await post(at(65, (ride.record[65] ?? 0) ^ 1)), 'bad-record', 'a point that is none');
    assert.equal(await post(changed({ iss: 2 })), 'wrong-authority');
    assert.equal(await post(changed({ tag: random(16) })), 'not-admitted');
    assert.equal(await post(changed({ adm: random(16) })), 'not-admitted');
    assert.equal(await post(changed({ day: record.day + 1 })), 'not-admitted');
    assert.equal(await post(changed({ day: record.day - 20 })), 'clock-wrong');
    assert.equal(await post(changed({ day: 65_535 })), 'clock-wrong');
    assert.equal(await post(changed({ day: 0, w: { ...record.w, queued: true } })), 'too-old');
    assert.equal(await post(changed({ code: random(8) })), 'unknown-code');
    for (const minute of [0, record.w.minute - 5, record.w.minute + 4]) {
      assert.equal(await post(changed({ w: { ...record.w, minute } })), 'clock-wrong', `minute ${minute}`);
    }
    assert.equal(await post(changed({ w: { ...record.w, minute: 1_499 } })), 'bad-record', 'a minute of the next day');
    await register(ride);
  });

  test('one bit wrong anywhere in a record: refused, or the same ride as before', { timeout: 60_000 }, async () => {
    const ride = await goodRide();
    await register(ride);
    const bits = Array.from({ length: ride.record.length * 8 }, (_, bit) => bit);
    const answers = new Map<string, number>();
    let next = 0;
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (next < bits.length) {
          const bit = at(bits, next);
          next += 1;
          const bytes = ride.record.slice();
          bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
          const answer = await post(bytes);
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
        }
      }),
    );
    const allowed = new Set([
      'ok',
      'bad-record',
      'unsupported-record',
      'wrong-authority',
      'not-admitted',
      'clock-wrong',
      'too-old',
      'unknown-code',
      'tag-used',
    ]);
    for (const answer of answers.keys()) assert.ok(allowed.has(answer), answer);
    assert.ok((answers.get('not-admitted') ?? 0) >= 256, 'each bit of tag and admission');
    assert.ok((answers.get('bad-record') ?? 0) >= 400, 'nearly each bit of the encapsulated key');
  });

  test('replays answer the same and count once; a tag is used up; the clock is told', async () => {
    const ride = await goodRide();
    const first = await register(ride);
    const again = await Promise.all(Array.from({ length: 20 }, () => phone.post(ride)));
    for (const { status, body } of again) {
      assert.equal(status, 200);
      const { nowMs: _now, ...receipt } = body as RideReceipt;
      const { nowMs: _first, ...known } = first;
      assert.deepEqual(receipt, known);
    }
    const record = unwrap(decodeRecord(ride.record));
    const elsewhere = (index: number): Bytes =>
      encodeRecord({ ...record, code: city.codeOf(at(city.units, 30 + index).unitId) });
    assert.deepEqual(
      [await post(elsewhere(0)), await post(elsewhere(1)), await post(elsewhere(2))],
      ['ok', 'ok', 'tag-used'],
    );

    const behind = await goodRide({ boardedMs: city.clock.now() - 5 * minuteMs });
    const answer = await phone.post(behind);
    assert.deepEqual([answer.status, (answer.body as { nowMs: number }).nowMs], [409, city.clock.now()]);
    assert.equal(await post((await goodRide({ boardedMs: city.clock.now() + 4 * minuteMs })).record), 'clock-wrong');
    assert.equal(
      await post((await goodRide({ boardedMs: city.clock.now() + 5 * minuteMs, queued: true })).record),
      'clock-wrong',
    );
    await register(await goodRide({ boardedMs: city.clock.now() - 2 * minuteMs }));
    await register(await goodRide({ boardedMs: city.clock.now() + 2 * minuteMs }));
  });

  test('a ride sent days later counts, one sent after a week does not, and a code taken away stays away', async () => {
    const kept = await goodRide({ queued: true });
    const old = await goodRide({ queued: true });
    const revoked = at(city.units, 40);
    const early = await phone.seal({ code: city.codeOf(revoked.unitId), boardedMs: city.clock.now(), queued: true });
    await city.clock.advance(minuteMs);
    await city.platform.revokeCode(encodeCode(city.codeOf(revoked.unitId)));
    const tooLate = await phone.seal({ code: city.codeOf(revoked.unitId), boardedMs: city.clock.now() + minuteMs });
    assert.equal(await post(tooLate.record), 'code-revoked');
    await register(early);
    await city.clock.advance(6 * dayMs);
    assert.deepEqual((await register(kept)).flags, ['late']);
    await city.clock.advance(2 * dayMs);
    assert.equal(await post(old.record), 'too-old');
  });

  test('good rides in the midst of a flood of bad ones all arrive', { timeout: 60_000 }, async () => {
    const sealed: MadeRide[] = [];
    for (let index = 0; index < 25; index += 1) sealed.push(await goodRide());
    const noise: Case[] = Array.from({ length: 400 }, (_, index) => ({
      what: `noise ${index}`,
      method: 'POST',
      path: index % 4 === 0 ? '/v1/rides/undo' : '/v1/rides',
      body: index % 2 === 0 ? toBase64Url(new Uint8Array(randomBytes(225))) : 'x'.repeat(draw(1_200)),
      headers: { 'content-type': 'text/plain' },
    }));
    await Promise.all([askAll(city.urls.platform, noise), ...sealed.map((ride) => register(ride))]);
  });

  test('afterwards every good ride is stored as it was sealed, and nothing was a fault', async () => {
    const last = await goodRide();
    await register(last);
    const db = connect({ url: city.engine.adminUrl('tongche_platform'), max: 1, name: 'rows', log: silentLog });
    const stored = await db.query<{ tag: string; erase: string; sealed: Buffer }>(
      'select tag::text, erase_c::text as erase, enc || ct as sealed from ride',
    );
    await db.end();
    for (const ride of rides) {
      const { tag, eraseC, ct } = unwrap(decodeRecord(ride.record));
      const row = stored.find(
        (one) => one.tag === uuidText(tag) && one.erase === uuidText(eraseC) && one.sealed.subarray(33).equals(ct),
      );
      assert.ok(row, 'a good ride was lost or changed');
    }
    for (const [process, lines] of city.lines) {
      const faults = lines.filter((line) => line.includes('"runtime.fault"') || line.includes('"runtime.badField"'));
      assert.deepEqual(faults, [], `faults of ${process}`);
    }
    assert.equal(({} as { polluted?: boolean; a?: number }).polluted, undefined);
    assert.equal(({} as { a?: number }).a, undefined);
    assert.equal((await rawRequest(city.urls.platform, { path: '/healthz' })).status, 200);
    assert.equal((await rawRequest(city.urls.registrar, { path: '/healthz' })).status, 200);
  });
});
