// Every door of the authority's console with everything that may come through it: whoever asks in the wrong way, in the
// wrong role or from the wrong place gets an answer of the catalogue, never a 500 or a text from the inside.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { errors } from '@tongche/contract';
import type { Assertion, CaseView, ErrorCode, NewCase, OrderView } from '@tongche/contract';
import { dayText, fromBase64Url, toBase64Url, unwrap } from '@tongche/protocol';
import { catalogueCode } from '../kit/catalogue.ts';
import { at } from '../kit/at.ts';
import { badBodies, wrongTypes } from '../kit/bad-json.ts';
import { coarseClock, START_MS, startCity } from '../kit/city.ts';
import type { City } from '../kit/city.ts';
import { rawRequest } from '../kit/raw.ts';
import type { RawAnswer, RawRequest } from '../kit/raw.ts';

const minuteMs = 60_000;
const concurrency = 12;
/** Wrong passwords for one account before it rests. */
const TRIES = 10;
const REST_MS = 15 * minuteMs;
/** Most recipients of one batch of messages. */
const MAX_BATCH = 10_000;

/** Things that must never stand in an answer. */
const inside =
  /node_modules|\.ts\b|\bat \w+ \(|node:|FST_|fastify|ajv|typebox|schema|postgres|\bselect\b|\binsert\b|relation|constraint|ECONN|ENOENT|EACCES|TypeError|SyntaxError|RangeError|JSON at position|Unexpected token|undici|socket|\/tmp|\/home|undefined|\[object/i;
/** What an answer may carry beside `error`. */
const extras = new Set(['field', 'nowMs', 'retryAfterS']);
const json = { 'content-type': 'application/json' };

type Role = 'tracer' | 'approver' | 'officer';
const roles: readonly Role[] = ['tracer', 'approver', 'officer'];

interface Case extends RawRequest {
  readonly what: string;
  /** Codes that may come; any of the catalogue where absent. */
  readonly codes?: readonly ErrorCode[];
  /** An answer without an error is right too: this input happens to be in order. */
  readonly mayPass?: boolean;
  /** Not HTTP any more: closing the connection is an answer. */
  readonly mayClose?: boolean;
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly good?: Readonly<Record<string, unknown>>;
  /** Who may ask. */
  readonly roles: readonly Role[];
}

function judge(one: Case, answer: RawAnswer): void {
  const { what } = one;
  if (answer.status === 0 || (answer.status === 400 && answer.body === '')) {
    assert.ok(one.mayClose, `${what}: closed without an answer`);
    return;
  }
  assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.body.slice(0, 200)}`);
  assert.equal(answer.headers.get('x-powered-by') ?? answer.headers.get('server'), undefined, what);
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', `${what}: security headers`);
  if (answer.status < 400) {
    assert.ok(one.mayPass, `${what}: answered ${answer.status} ${answer.body.slice(0, 100)}`);
    return;
  }
  if (one.method === 'HEAD') return;
  const code = catalogueCode(what, answer, extras);
  if (one.codes !== undefined) assert.ok(one.codes.includes(code), `${what}: ${code}`);
  assert.doesNotMatch(answer.body, inside, what);
}

describe('bad input to the console', () => {
  let city: City;
  /** The console on the loopback address; the name it insists on goes into the header. */
  let address = '';
  let host = '';
  const cookies = new Map<Role, string>();
  let made: CaseView;
  let order: OrderView;

  const ask = (request: RawRequest): Promise<RawAnswer> =>
    rawRequest(address, { ...request, headers: { host, ...request.headers } });
  const as = (role: Role, headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
    ...json,
    cookie: cookies.get(role) ?? '',
    ...headers,
  });
  const post = (role: Role, path: string, body: unknown): Promise<RawAnswer> =>
    ask({ method: 'POST', path, body: JSON.stringify(body), headers: as(role) });
  const signIn = (account: string, password: string, headers: Readonly<Record<string, string>> = {}) =>
    ask({
      method: 'POST',
      path: '/api/session',
      body: JSON.stringify({ account, password }),
      headers: { ...json, ...headers },
    });
  async function good<T>(role: Role, path: string, body: unknown): Promise<T> {
    const answer = await post(role, path, body);
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return JSON.parse(answer.body) as T;
  }

  async function askAll(cases: readonly Case[]): Promise<void> {
    let next = 0;
    const failed: string[] = [];
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (next < cases.length) {
          const one = at(cases, next);
          next += 1;
          try {
            judge(one, await ask(one));
          } catch (error) {
            failed.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
          }
        }
      }),
    );
    assert.deepEqual(failed, []);
  }

  const newCase = (caseNo: string): NewCase => {
    const day = city.world.dayOf(city.clock.now());
    return {
      caseNo,
      status: 'confirmed',
      purpose: 'exercise',
      subjects: [{ kind: 'phone', value: '13900000001' }],
      from: dayText(day - 1),
      to: dayText(day),
    };
  };

  before(async () => {
    city = await startCity({ clock: coarseClock(START_MS, 12 * 60 * minuteMs) });
    const url = new URL(city.urls.casework);
    ({ host } = url);
    address = `http://127.0.0.1:${url.port}`;
    for (const { person, role, password } of city.accounts.casework) {
      const answer = await signIn(person, password);
      assert.equal(answer.status, 200, answer.body);
      cookies.set(role, (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '');
    }
    made = await good<CaseView>('tracer', '/api/cases', newCase('HJ-input'));
    order = await good<OrderView>('tracer', `/api/cases/${made.caseId}/orders`, {});
  });
  after(async () => {
    await city?.remove();
  });

  /** Every route with a body that is right in form and does nothing. */
  function allRoutes(): readonly Route[] {
    const caseStaff: readonly Role[] = ['tracer', 'approver'];
    const id = toBase64Url(new Uint8Array(16));
    const hash = toBase64Url(new Uint8Array(32));
    const assertion = { keyId: hash, authenticatorData: 'AAAA', clientDataJson: 'e30', signature: 'AAAA' };
    const batch = { batchId: id, contactIds: [id], templateId: 'fellow-rider', urgent: false };
    const nowhere = '/api/cases/AAAAAAAAAAAAAAAAAAAAAA';
    const reason = 'no such contact';
    const day = city.world.dayOf(city.clock.now());
    return [
      { method: 'GET', path: '/api/session', roles },
      { method: 'GET', path: '/api/cases', roles: caseStaff },
      { method: 'GET', path: nowhere, roles: caseStaff },
      { method: 'GET', path: `${nowhere}/trace`, roles: caseStaff },
      { method: 'GET', path: `${nowhere}/contacts`, roles: caseStaff },
      { method: 'GET', path: '/api/keys', roles },
      { method: 'GET', path: '/api/log', roles },
      { method: 'GET', path: '/api/roster', roles },
      // The days are the wrong way round, so that nothing is entered.
      {
        method: 'POST',
        path: '/api/cases',
        good: { ...newCase('HJ-bad'), from: dayText(day), to: dayText(day - 1), note: 'n' },
        roles: ['tracer'],
      },
      { method: 'POST', path: `${nowhere}/orders`, good: {}, roles: ['tracer'] },
      { method: 'POST', path: `/api/orders/${hash}/signatures`, good: { assertion }, roles: caseStaff },
      { method: 'POST', path: `${nowhere}/contacts/${id}/reveal`, good: { reason, assertion }, roles: caseStaff },
      {
        method: 'POST',
        path: `${nowhere}/contacts/${id}/outcome`,
        good: { outcome: 'reached', detail: 'x' },
        roles: caseStaff,
      },
      { method: 'POST', path: `${nowhere}/messages/preview`, good: batch, roles: caseStaff },
      { method: 'POST', path: `${nowhere}/messages`, good: { batch, assertion }, roles: ['approver'] },
      { method: 'POST', path: `${nowhere}/messages/${id}/resend`, good: { reason }, roles: caseStaff },
      { method: 'GET', path: `${nowhere}/exports`, roles: caseStaff },
      {
        method: 'POST',
        path: `${nowhere}/exports`,
        good: { format: 'sormas', tiers: ['close'], reason },
        roles: caseStaff,
      },
      { method: 'POST', path: `${nowhere}/exports/${hash}/signatures`, good: { assertion }, roles: caseStaff },
      { method: 'POST', path: `${nowhere}/exports/${hash}/files/register`, good: {}, roles: caseStaff },
      { method: 'POST', path: `${nowhere}/close`, good: {}, roles: caseStaff },
      { method: 'POST', path: '/api/passkeys', good: { response: {} }, roles },
      { method: 'POST', path: '/api/passkeys/options', good: {}, roles },
      { method: 'POST', path: '/api/demo/sign', good: { hash }, roles },
    ];
  }
  /** These do what they say for everybody signed in. */
  const harmless = /\/api\/(passkeys\/options|demo\/sign)$/;
  const what = ({ method, path }: Route): string => `${method} ${path}`;

  test('bodies: every field wrong in every way, and every way a whole body can be wrong', async () => {
    for (const route of allRoutes()) {
      if (route.good === undefined) continue;
      const cases = badBodies(route.good).map(({ what: wrong, body }): Case => {
        return {
          what: `${what(route)}: ${wrong}`,
          method: 'POST',
          path: route.path,
          body,
          mayPass: harmless.test(route.path) && /is an object$|byte order mark|single quotes/.test(wrong),
          headers: as(at(route.roles, route.roles.length - 1)),
        };
      });
      await askAll(cases);
    }
    const account = { account: 'nobody', password: 'nothing' };
    await askAll(
      badBodies(account).map(({ what: wrong, body }) => ({
        what: `sign-in: ${wrong}`,
        method: 'POST',
        path: '/api/session',
        body,
        headers: json,
      })),
    );
  });

  test('content types, encodings and lengths that do not belong', async () => {
    for (const route of allRoutes()) {
      if (route.good === undefined) continue;
      const body = JSON.stringify(route.good);
      const headers = as(at(route.roles, 0));
      const mayPass = harmless.test(route.path);
      const sending = (more: Readonly<Record<string, string>>, rest: Partial<Case> = {}): Case => ({
        what: `${what(route)} ${JSON.stringify(more).slice(0, 80)}`,
        method: 'POST',
        path: route.path,
        body,
        headers: { ...headers, ...more },
        ...rest,
      });
      const codes = ['wrong-type', 'bad-request'] as const;
      await askAll([
        ...wrongTypes.map((type) => sending({ 'content-type': type }, { mayClose: true, codes })),
        sending({ 'content-encoding': 'gzip' }, { mayPass }),
        sending({ expect: '100-continue' }, { mayClose: true, mayPass }),
        sending({}, { contentLength: '99999999', body: '{', cut: true, mayClose: true }),
        sending({}, { contentLength: '1', mayClose: true }),
        sending({}, { contentLength: '-1', mayClose: true }),
        sending({}, { body: 'x'.repeat(3_000_000), mayClose: true, codes: ['too-large'] }),
      ]);
    }
  });

  test('methods nobody offers, paths that lead out, ids of every size', async () => {
    const methods = ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'HEAD'];
    const known = allRoutes().flatMap((route) =>
      methods
        .filter((method) => !(route.path === '/api/session' && method === 'DELETE'))
        .map((method): Case => ({
          what: `${method} ${route.path}`,
          method,
          path: route.path,
          mayPass: method === 'HEAD',
          headers: as('approver'),
        })),
    );
    const ids = [
      '%00',
      'a%00b',
      '%ff%fe',
      '%E0%A4%A',
      '%',
      '..',
      '%2e%2e',
      '..%2f..%2froster',
      '..%2fevents%3f',
      '%2f%2f',
      '__proto__',
      'constructor',
      '-1',
      '0',
      '1e308',
      '9'.repeat(64),
      '9'.repeat(199),
      'A'.repeat(300),
      'A'.repeat(9_000),
      '%E4%BA%AC',
      '\u4eac',
      '\u00e9',
      "'%20or%201=1--",
      '%0d%0ax-role:%20officer',
      'a;b',
      '{}',
      'a|b',
      'a"b',
      '<b>',
      'a\\b',
    ];
    const id = 'AAAAAAAAAAAAAAAAAAAAAA';
    const shapes: readonly (readonly [string, (id: string) => string, unknown?])[] = [
      ['GET', (bad) => `/api/cases/${bad}`],
      ['GET', (bad) => `/api/cases/${bad}/trace`],
      ['GET', (bad) => `/api/cases/${bad}/contacts`],
      ['GET', (bad) => `/api/cases/${made.caseId}/contacts?after=${bad}`],
      ['GET', (bad) => `/api/cases/${made.caseId}/contacts?limit=${bad}`],
      ['GET', (bad) => `/api/cases/${made.caseId}/contacts?tier=${bad}`],
      ['GET', (bad) => `/api/cases/${made.caseId}/contacts?q=${bad}`],
      ['GET', (bad) => `/api/cases/${made.caseId}/contacts?${bad}=1`],
      ['GET', (bad) => `/api/log?from=${bad}`],
      ['GET', (bad) => `/api/log?limit=${bad}&limit=1`],
      ['GET', (bad) => `/api/log?${bad}`],
      ['POST', (bad) => `/api/cases/${bad}/close`, {}],
      ['POST', (bad) => `/api/cases/${bad}/messages/${id}/resend`, { reason: 'none of yours' }],
      ['POST', (bad) => `/api/cases/${made.caseId}/messages/${bad}/resend`, { reason: 'none of yours' }],
      ['POST', (bad) => `/api/cases/${made.caseId}/contacts/${bad}/outcome`, { outcome: 'reached', detail: '' }],
    ];
    const odd = shapes.flatMap(([method, path, body]) =>
      ids.map((bad): Case => ({
        what: `${method} ${path(bad).slice(0, 100)}`,
        method,
        // Written as UTF-8 onto the wire, as some clients do.
        path: Buffer.from(path(bad), 'utf8').toString('latin1'),
        headers: as('approver'),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        mayPass: path(bad).includes('?') || path(bad) === '/api/cases/..',
        mayClose: true,
      })),
    );
    const out = [
      '/../../etc/passwd',
      '/..%2f..%2fetc%2fpasswd',
      '/%2e%2e/%2e%2e/package.json',
      '/assets/../../staff/index.html',
      '/assets/%2e%2e%2f%2e%2e%2fstaff%2findex.html',
      '/.env',
      '/%00',
      '/index.html%00.js',
      '//evil.example/',
      '/\\..\\',
      '/metrics',
      '/api',
      '/api/',
      '/api/../api/roster',
      '/api/roster/pending',
      '/api//cases',
      '/API/CASES',
      '/api/cases/',
      '/internal/keys',
      `http://${host}/api/cases`,
      'http://evil.example/api/roster',
      '*',
    ];
    const paths = out.flatMap((path) =>
      ['GET', 'POST'].map((method): Case => ({
        what: `${method} ${path}`,
        method,
        path,
        headers: as('approver'),
        mayPass: method === 'GET',
        mayClose: true,
      })),
    );
    await askAll([...known, ...odd, ...paths]);
    for (const path of out) {
      const { body } = await ask({ path, headers: as('officer') });
      assert.doesNotMatch(body, /root:|"workspaces"/, path);
    }
    // Below /api no page is ever the answer.
    for (const path of ['/api/', '/api/nothing', '/api/roster/pending', `/api/cases/${'A'.repeat(300)}`]) {
      assert.equal(catalogueCode(path, await ask({ path, headers: as('officer') }), extras), 'not-found');
    }
    for (const path of ['/metrics', '/api/roster/pending', '/internal/keys']) {
      const answer = await ask({ method: 'POST', path, body: '{}', headers: as('officer') });
      assert.equal(catalogueCode(path, answer, extras), 'method-not-allowed');
    }
  });

  test('without a session nothing is told, whatever the cookie says; in the wrong role neither', async () => {
    const wrong = [
      '',
      'casework=',
      'casework=x',
      `casework=${randomBytes(32).toString('base64url')}`,
      'casework=%00',
      `casework=${'x'.repeat(4_000)}`,
      ';;;=;',
      '__proto__=1',
      '__Host-casework=x',
    ];
    const routes: readonly Route[] = [...allRoutes(), { method: 'GET', path: '/api/events', roles }];
    const bodyOf = ({ good: body }: Route) => (body === undefined ? {} : { body: JSON.stringify(body) });
    await askAll(
      routes.flatMap((route) =>
        wrong.map((cookie): Case => ({
          what: `${what(route)} with ${cookie.slice(0, 30)}`,
          method: route.method,
          path: route.path,
          ...bodyOf(route),
          headers: { ...json, ...(cookie === '' ? {} : { cookie }), 'x-actor': 'tracer', 'x-role': 'tracer' },
          codes: ['not-signed-in'],
        })),
      ),
    );
    const wrongRole = allRoutes().flatMap((route) =>
      roles
        .filter((role) => !route.roles.includes(role))
        .map((role): Case => ({
          what: `${what(route)} as ${role}`,
          method: route.method,
          path: route.path,
          ...bodyOf(route),
          // What the vault is told comes from the session alone.
          headers: as(role, { 'x-actor': 'tracer', 'x-role': 'tracer' }),
          codes: ['forbidden'],
        })),
    );
    assert.ok(wrongRole.length >= 14);
    await askAll(wrongRole);
    // Signed out is signed out, also for who kept the cookie.
    const again = await signIn('officer', at(city.accounts.casework, 2).password);
    const cookie = (again.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    assert.match(again.headers.get('set-cookie') ?? '', /HttpOnly/i);
    assert.match(again.headers.get('set-cookie') ?? '', /SameSite=Strict/i);
    assert.equal((await ask({ path: '/api/session', headers: { cookie } })).status, 200);
    assert.equal((await ask({ method: 'DELETE', path: '/api/session', headers: { cookie } })).status, 204);
    assert.equal(
      catalogueCode('signed out', await ask({ path: '/api/session', headers: { cookie } }), extras),
      'not-signed-in',
    );
  });

  test('other names and other people’s pages are turned away', async () => {
    for (const name of [
      'evil.example',
      '127.0.0.1',
      'localhost',
      'casework.localhost.evil.example',
      'xcasework.localhost',
      '',
    ]) {
      for (const path of ['/', '/api/session', '/api/cases', '/healthz']) {
        const answer = await ask({ path, headers: { ...as('tracer'), host: name } });
        judge({ what: `${path} at ${name}`, codes: ['wrong-origin'] }, answer);
      }
    }
    const { password } = at(city.accounts.casework, 0);
    for (const origin of [
      'https://evil.example',
      'null',
      `${city.urls.casework}.evil.example`,
      city.urls.casework.replace('http:', 'https:'),
      city.urls.platform,
      '\u00ff',
    ]) {
      const answer = await signIn('tracer', password, { origin });
      assert.equal(catalogueCode(origin, answer, extras), 'wrong-origin');
      assert.equal(answer.headers.get('set-cookie'), undefined);
      for (const route of allRoutes().filter(({ method }) => method === 'POST')) {
        const body = JSON.stringify(route.good);
        const headers = as(at(route.roles, 0), { origin });
        assert.equal(
          catalogueCode(route.path, await ask({ method: 'POST', path: route.path, body, headers }), extras),
          'wrong-origin',
        );
      }
    }
    assert.equal((await signIn('tracer', password, { origin: city.urls.casework })).status, 200);
  });

  test('guessing passwords: ten tries, then a rest, for an account that is there and for one that is not', async () => {
    const { person, password } = at(city.accounts.casework, 1);
    for (const account of [person, 'nobody-at-all']) {
      for (let tries = 0; tries < TRIES; tries += 1) {
        assert.equal(catalogueCode(account, await signIn(account, `wrong ${tries}`), extras), 'wrong-credentials');
      }
      const resting = await signIn(account, password);
      assert.equal(catalogueCode(account, resting, extras), 'rate-limited');
      assert.ok(Number(resting.headers.get('retry-after')) <= REST_MS / 1_000);
      assert.equal(resting.headers.get('set-cookie'), undefined);
    }
    await city.clock.advance(REST_MS + 1);
    assert.equal((await signIn(person, password)).status, 200);
    assert.equal(catalogueCode('longest', await signIn(person, 'x'.repeat(128)), extras), 'wrong-credentials');
    for (const [account, secret] of [
      [person, 'x'.repeat(129)],
      ['x'.repeat(65), password],
      ['', password],
      [person, ''],
      [`${person}\0`, password],
    ] as const) {
      assert.equal(catalogueCode('limits', await signIn(account, secret), extras), 'bad-request');
    }
    assert.equal(catalogueCode('case', await signIn(person.toUpperCase(), password), extras), 'wrong-credentials');
  });

  test('the largest batch of messages is not too large; one more is malformed', async () => {
    const contactIds = Array.from({ length: MAX_BATCH }, () => randomBytes(16).toString('base64url'));
    const batch = { batchId: toBase64Url(new Uint8Array(16)), contactIds, templateId: 'fellow-rider', urgent: false };
    const path = `/api/cases/${made.caseId}/messages`;
    const assertion = await city.signers.approver.sign(new Uint8Array(32));
    for (const [to, body] of [
      [`${path}/preview`, batch],
      [path, { batch, assertion }],
    ] as const) {
      const answer = await post('approver', to, body);
      judge({ what: to, mayPass: true }, answer);
      assert.notEqual(answer.status, errors['too-large'].status, to);
    }
    const more = { ...batch, contactIds: [...contactIds, 'x'] };
    assert.equal(catalogueCode('one more', await post('approver', `${path}/preview`, more), extras), 'bad-request');
  });

  test('an order takes no signature of the wrong role, person, hash or key', async () => {
    const hash = unwrap(fromBase64Url(order.orderHash));
    const path = `/api/orders/${order.orderHash}/signatures`;
    const { tracer, approver, officer } = city.signers;
    const refused = async (why: string, role: Role, assertion: Assertion, codes: readonly ErrorCode[]) => {
      judge({ what: why, codes }, await post(role, path, { assertion }));
      const now = await ask({ path: `/api/cases/${made.caseId}`, headers: as('tracer') });
      return (JSON.parse(now.body) as CaseView).order;
    };
    const invalid = ['signature-invalid'] as const;
    const flip = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
    const mine = await tracer.sign(hash);
    await refused('another hash', 'tracer', await tracer.sign(new Uint8Array(32)), invalid);
    await refused('altered', 'tracer', { ...mine, authenticatorData: flip(mine.authenticatorData) }, invalid);
    await refused('a key of somebody else', 'tracer', { ...mine, keyId: (await approver.sign(hash)).keyId }, invalid);
    await refused('an unknown key', 'tracer', { ...mine, keyId: flip(mine.keyId) }, invalid);
    await refused('an empty one', 'tracer', { ...mine, signature: '' }, invalid);
    const wrong = ['forbidden', 'signature-invalid', 'same-signer'] as const;
    await refused('an officer', 'officer', await officer.sign(hash), ['forbidden']);
    const brought = await refused('an officer’s, brought by a tracer', 'tracer', await officer.sign(hash), wrong);
    assert.deepEqual(brought?.signatures, []);

    const first = await good<OrderView>('tracer', path, { assertion: mine });
    assert.equal(first.state, 'awaiting-signatures');
    await refused('the same again', 'tracer', await tracer.sign(hash), wrong);
    await refused('an officer’s as the second', 'approver', await officer.sign(hash), wrong);
    const left = await refused('the tracer’s, brought by an approver', 'approver', await tracer.sign(hash), wrong);
    assert.equal(left?.state, 'awaiting-signatures');
    assert.deepEqual(
      left.signatures.map(({ role }) => role),
      ['tracer'],
    );
  });

  test('after all of it no fault is in the logs', () => {
    for (const process of ['casework', 'vault']) {
      const faults = (city.lines.get(process) ?? []).filter((line) => /"level":"(error|fatal)"|fault/.test(line));
      assert.deepEqual(faults.slice(0, 5), [], process);
    }
  });
});
