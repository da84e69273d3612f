// Built pages: served with the right headers, only what is in the folder, absent ones stop the start.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ConfigError, settableClock, silentLog } from '@tongche/runtime';
import { createServer, cspHash, listen, serveFolder, staticPage } from './index.ts';
import type { App } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'tongche-pages-'));
const dist = join(root, 'dist');
const script = `console.log('同车');`;
const style = 'body{margin:0}';
const html = `<!doctype html><style>${style}</style><script src="/a.js"></script><script>${script}</script>`;
const large = `// ${'x'.repeat(5000)}\n`;

function newApp(): App {
  return createServer({
    name: 'pages',
    clock: settableClock(0),
    log: silentLog,
    health: async () => ({ ok: true, checks: {} }),
  });
}

const app = newApp();
let url = '';

before(async () => {
  mkdirSync(join(dist, 'assets'), { recursive: true });
  writeFileSync(join(root, 'secret.txt'), 'secret');
  writeFileSync(join(dist, 'index.html'), html);
  writeFileSync(join(dist, '.hidden'), 'hidden');
  writeFileSync(join(dist, 'assets', 'main-Ab3_xY9z.js'), large);
  writeFileSync(join(dist, 'assets', 'plain.css'), style);
  writeFileSync(join(dist, 'assets', 'apple-touch-icon.png'), 'png');
  serveFolder(app, { prefix: '/staff/', folder: dist, fallback: 'index.html' });
  serveFolder(app, { prefix: '/bare/', folder: dist });
  const page = staticPage({ file: join(dist, 'index.html'), headers: { 'x-page': 'yes' } });
  assert.match(page.sha256, /^[0-9a-f]{64}$/);
  app.get('/', page.handler);
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  assert.ok('url' in listening);
  ({ url } = listening);
});
after(async () => {
  await app.close();
  rmSync(root, { recursive: true });
});

test('a page allows its own inline script and style by hash, and no other', async () => {
  const response = await fetch(`${url}/`);
  assert.equal(await response.text(), html);
  const csp = response.headers.get('content-security-policy') ?? '';
  assert.ok(csp.includes(`script-src 'self' ${cspHash(script)};`), csp);
  assert.ok(csp.includes(`style-src 'self' ${cspHash(style)};`), csp);
  assert.doesNotMatch(csp, /unsafe/);
  assert.equal(response.headers.get('x-page'), 'yes');
  assert.equal(response.headers.get('cache-control'), 'no-cache');
});

test('a known etag gets an empty 304', async () => {
  const etag = (await fetch(`${url}/`)).headers.get('etag') ?? '';
  const again = await fetch(`${url}/`, { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 304);
  assert.equal(await again.text(), '');
});

test('names with a content hash are kept for ever, others are not', async () => {
  const hashed = await fetch(`${url}/staff/assets/main-Ab3_xY9z.js`);
  assert.match(hashed.headers.get('cache-control') ?? '', /immutable/);
  assert.match(hashed.headers.get('content-type') ?? '', /^text\/javascript/);
  for (const name of ['plain.css', 'apple-touch-icon.png']) {
    const plain = await fetch(`${url}/staff/assets/${name}`);
    assert.equal(plain.headers.get('cache-control'), 'no-cache', name);
  }
});

test('what is worth it arrives compressed', async () => {
  for (const encoding of ['br', 'gzip']) {
    const response = await fetch(`${url}/staff/assets/main-Ab3_xY9z.js`, { headers: { 'accept-encoding': encoding } });
    assert.equal(response.headers.get('content-encoding'), encoding);
    assert.equal(await response.text(), large);
  }
  const plain = await app.inject({ url: '/staff/assets/main-Ab3_xY9z.js' });
  assert.equal(plain.body, large);
});

test('nothing outside the folder, nothing hidden, no listing', async () => {
  for (const path of [
    '/bare/../secret.txt',
    '/bare/%2e%2e/secret.txt',
    '/bare/..%2fsecret.txt',
    '/bare/assets/../../secret.txt',
    '/bare//etc/passwd',
    '/bare/.hidden',
    '/bare/assets',
    '/bare/assets/',
    '/bare/none.js',
  ]) {
    const response = await app.inject({ url: path });
    assert.equal(response.statusCode, 404, path);
    assert.doesNotMatch(response.body, /secret"|hidden"|root:/);
  }
});

test("a page's own routes fall back to the page, assets do not", async () => {
  assert.equal(await (await fetch(`${url}/staff/`)).text(), html);
  assert.equal(await (await fetch(`${url}/staff/lines/3`)).text(), html);
  assert.equal((await fetch(`${url}/staff/assets/gone.js`)).status, 404);
  assert.equal((await fetch(`${url}/bare/lines/3`)).status, 404);
});

test('absent pages stop the start in one line', () => {
  assert.throws(() => staticPage({ file: join(root, 'absent.html') }), ConfigError);
  const fresh = newApp();
  assert.throws(() => serveFolder(fresh, { prefix: '/x/', folder: join(root, 'absent') }), /build the front ends/);
  assert.throws(() => serveFolder(fresh, { prefix: '/x/', folder: dist, fallback: 'app.html' }), ConfigError);
});
