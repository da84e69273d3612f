// The page behind every printed code: its headers, its settings, and that it depends on nothing of the code.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@tongche/runtime';
import { scanPage, startKit } from '../test-kit.ts';
import { bundleDigest, pageCsp, readPage, settingsJson } from './page-files.ts';

const kit = await startKit({ config: (defaults) => ({ ...defaults, proxies: [] }) });

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

test('every code, also no code, gets the same bytes and headers', async () => {
  const first = await kit.get('/r/AAECAwQFBgc');
  assert.equal(first.status, 200);
  const varying = new Set(['x-request-id', 'date']);
  const fixed = (headers: Headers) => [...headers].filter(([name]) => !varying.has(name));
  for (const path of [
    '/r/',
    '/r',
    '/r/ZZZZZZZZZZZ',
    '/r/AAECAwQFBgc?x=1',
    `/r/${'x'.repeat(900)}`,
    '/r/a/b/c',
    '/',
    '/my',
  ]) {
    const other = await kit.get(path);
    assert.equal(other.status, 200, path);
    assert.equal(other.text, first.text, path);
    assert.deepEqual(fixed(other.headers), fixed(first.headers), path);
  }
});

test('the page says no-referrer, runs only what it was built with, and talks to two servers', async () => {
  const { headers, text } = await kit.get('/r/AAECAwQFBgc');
  assert.equal(headers.get('referrer-policy'), 'no-referrer');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('set-cookie'), null);
  const csp = headers.get('content-security-policy') ?? '';
  const script = /<script>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '';
  const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
  assert.ok(csp.startsWith("default-src 'none'; "));
  assert.ok(csp.includes(`script-src 'self' ${hash(script)};`));
  assert.ok(csp.includes(`style-src 'self' ${hash(style)};`));
  assert.ok(csp.includes("connect-src 'self' http://127.0.0.1:8610;"));
  assert.ok(csp.includes("require-trusted-types-for 'script'; trusted-types sw"));
  assert.ok(csp.includes("frame-ancestors 'none'"));
  assert.ok(!csp.includes('unsafe'));
  // A kept connection would link one scan with the next. (fetch hides the header from us.)
  const { public: address } = kit.registrar;
  const connection = await new Promise((done, fail) => {
    request(`${'url' in address ? address.url : ''}/r/x`, (response) => {
      response.resume();
      done(response.headers.connection);
    })
      .on('error', fail)
      .end();
  });
  assert.equal(connection, 'close');
});

test('settings stand in the page and cannot break out of their element', async () => {
  const { text } = await kit.get('/r/AAECAwQFBgc');
  const json = /id="settings">([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '';
  const settings = JSON.parse(json) as Record<string, unknown>;
  assert.deepEqual(settings, (await kit.get('/settings')).json);
  assert.equal(settings['platformUrl'], 'http://127.0.0.1:8610');
  const nasty = { name: '</script><script>alert(1)</script>\u2028$&' };
  assert.ok(!settingsJson(nasty).includes('<'));
  assert.deepEqual(JSON.parse(settingsJson(nasty)), nasty);
});

test('the policy follows the final text of a page', () => {
  const one = pageCsp(
    '<style media="print">a{}</style><script type="module">f()</script><script src="/assets/x.js"></script>',
    'https://p.example',
  );
  assert.ok(one.includes(hash('f()')));
  assert.ok(one.includes(hash('a{}')));
  assert.ok(!one.includes(hash('')));
  assert.ok(!pageCsp(scanPage, 'https://p.example').includes(hash('__SETTINGS__')));
});

test('compressed and unchanged answers', async () => {
  const { public: address } = kit.registrar;
  const url = 'url' in address ? address.url : '';
  for (const encoding of ['br', 'gzip']) {
    const response = await fetch(`${url}/r/x`, { headers: { 'accept-encoding': encoding } });
    assert.equal(response.headers.get('content-encoding'), encoding);
    assert.match(await response.text(), /乘车登记/);
  }
  const etag = (await kit.get('/r/x')).headers.get('etag') ?? '';
  const unchanged = await kit.get('/r/another', { 'if-none-match': etag });
  assert.equal(unchanged.status, 304);
  assert.equal(unchanged.text, '');
});

test('companion pages, service worker and assets', async () => {
  assert.equal((await kit.get('/assist')).status, 200);
  assert.equal((await kit.get('/n/AAAAAAAAAAAAAAAAAAAAAA')).status, 200);
  const worker = await kit.get('/sw.js');
  assert.match(worker.headers.get('content-type') ?? '', /^text\/javascript/);
  assert.equal(worker.headers.get('cache-control'), 'public, max-age=86400');
  const asset = await kit.get('/assets/noble-0a1b2c3d.js');
  assert.equal(asset.status, 200);
  assert.match(asset.headers.get('cache-control') ?? '', /immutable/);
  for (const path of [
    '/assets/',
    '/assets/../index.html',
    '/assets/%2e%2e/index.html',
    '/index.html',
    '/R/x',
    '/nothing',
  ]) {
    assert.equal((await kit.get(path)).status, 404, path);
  }
});

test('the log holds the route template, never the path', async () => {
  kit.logFile.length = 0;
  await kit.get('/r/SECRETCODE1?secret=2');
  const lines = kit.logFile.join('');
  assert.match(lines, /"route":"\/r\/\*"/);
  assert.ok(!lines.includes('SECRETCODE1') && !lines.includes('secret'));
});

test('the digest is of the built files, and is written to the log', () => {
  const pages = join(kit.folder, 'pages');
  const before = bundleDigest(pages);
  assert.equal(before.sha256, kit.registrar.bundleSha256);
  assert.equal(before.files, 5);
  writeFileSync(join(pages, 'index.html'), `${scanPage} `);
  assert.notEqual(bundleDigest(pages).sha256, before.sha256);
  writeFileSync(join(pages, 'index.html'), scanPage);
  assert.equal(bundleDigest(pages).sha256, before.sha256);
});

test('absent pages stop the process in one line', () => {
  const url = 'https://p.example';
  assert.throws(
    () => readPage(join(kit.folder, 'pages'), 'other.html', {}, url),
    (error) => error instanceof ConfigError && /other\.html: the page is not there/.test(error.message),
  );
  assert.throws(() => bundleDigest('/does/not/exist'), ConfigError);
});

test('the page’s plugin imports no code of one-time codes, tickets, wallets or stores', () => {
  const own = dirname(fileURLToPath(import.meta.url));
  const seen = new Set<string>();
  function follow(file: string): void {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g))
      follow(resolve(dirname(file), path));
  }
  follow(join(own, 'routes.ts'));
  const names = [...seen].map((file) => file.slice(dirname(own).length + 1)).sort();
  assert.deepEqual(names, ['limits.ts', 'pages/page-files.ts', 'pages/routes.ts']);
});

test('a part of another build renews the page that asks for it, and nobody keeps that answer', async () => {
  for (const part of ['later-00000000.js', 'words-en-0a1b2c3d.js', 'noble-ffffffff.js']) {
    const reply = await kit.get(`/assets/${part}`);
    assert.equal(reply.status, 200, part);
    assert.match(reply.headers.get('content-type') ?? '', /^text\/javascript/);
    assert.equal(reply.headers.get('cache-control'), 'no-store');
    assert.match(reply.text, /location\.reload\(\)/);
  }
  for (const path of ['later.js', 'later-0000000.js', '../later-00000000.js', 'x/later-00000000.js', 'picture.png']) {
    assert.equal((await kit.get(`/assets/${path}`)).status, 404, path);
  }
});
