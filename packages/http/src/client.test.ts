// The internal client against real listeners: Unix socket, mTLS, refusals, silence, streams.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createNet } from 'node:net';
import { PassThrough } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Refusal } from '@tongche/contract';
import { ConfigError, settableClock, silentLog } from '@tongche/runtime';
import { Type } from 'typebox';
import { BadReply, createServer, internalClient, listen, RemoteError } from './index.ts';
import type { App, InternalClient } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'tc-'));
const socket = join(root, 'run', 'vault.sock');
const clients: InternalClient[] = [];
const apps: App[] = [];

function makeApp(name = 'vault'): App {
  const app = createServer({
    name,
    clock: settableClock(0),
    log: silentLog,
    health: async () => ({ ok: true, checks: {} }),
  });
  apps.push(app);
  app.get('/internal/thing', async () => ({ n: 1 }));
  app.post('/internal/echo', async (request) => ({ got: request.body }));
  app.get('/internal/refused', async () => Promise.reject(new Refusal('order-expired', { line: 3 })));
  app.get('/internal/fault', async () => Promise.reject(new Error('secret')));
  app.get('/internal/nothing', async (_request, reply) => reply.code(204).send());
  app.get('/internal/never', async () => new Promise(() => {}));
  app.get('/internal/endless', async (_request, reply) => {
    const stream = new PassThrough();
    stream.write('first');
    return reply.send(stream);
  });
  app.post('/internal/file/:name', async (request, reply) => {
    const { name } = request.params as { readonly name: string };
    void reply.header('content-disposition', `attachment; filename="${name}"`).type('text/csv; charset=gb18030');
    return reply.send(Buffer.alloc(300_000, 7));
  });
  app.get('/internal/large', async (_request, reply) => reply.send(Buffer.alloc(300_000, 7)));
  return app;
}

function client(target: Parameters<typeof internalClient>[0]): InternalClient {
  const made = internalClient(target);
  clients.push(made);
  return made;
}

before(async () => {
  await listen(makeApp(), { socket });
});
after(async () => {
  for (const one of clients) await one.close();
  for (const app of apps) await app.close();
  rmSync(root, { recursive: true });
});

test('get and post over a socket that only we can use', async () => {
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  const vault = client({ socket });
  assert.deepEqual(await vault.get('/internal/thing'), { n: 1 });
  assert.deepEqual(await vault.post('/internal/echo', { a: ['京'] }), { got: { a: ['京'] } });
  assert.equal(await vault.get('/internal/nothing'), undefined);
});

test('a reply is checked against its schema', async () => {
  const vault = client({ socket });
  const Right = Type.Object({ n: Type.Integer() });
  const reply = await vault.get('/internal/thing', Right);
  assert.equal(reply.n + 1, 2);
  await assert.rejects(vault.get('/internal/thing?x=1', Type.Object({ n: Type.String() })), BadReply);
});

test('refusals arrive with status, code and extra fields; faults as internal', async () => {
  const vault = client({ socket });
  await assert.rejects(vault.get('/internal/refused'), (error: unknown) => {
    assert.ok(error instanceof RemoteError);
    assert.deepEqual([error.status, error.code, error.extra], [410, 'order-expired', { line: 3 }]);
    return true;
  });
  await assert.rejects(vault.get('/internal/fault'), { status: 500, code: 'internal' });
  await assert.rejects(vault.get('/nowhere'), { status: 404, code: 'not-found' });
});

test('nobody there, or nobody answering in time, is unreachable', async () => {
  await assert.rejects(client({ socket: join(root, 'absent.sock') }).get('/x'), { status: 0, code: 'unreachable' });
  await assert.rejects(client({ socket }).get('/internal/never', Type.Any(), { timeoutMs: 50 }), {
    code: 'unreachable',
  });
});

test('a streamed answer arrives whole, a refused stream is an error', async () => {
  const vault = client({ socket });
  let bytes = 0;
  for await (const piece of await vault.stream('/internal/large')) bytes += piece.length;
  assert.equal(bytes, 300_000);
  await assert.rejects(vault.stream('/internal/refused'), { code: 'order-expired' });
});

test('closing cuts a stream that would never end', { timeout: 5_000 }, async () => {
  const vault = client({ socket });
  const read = (async () => {
    for await (const piece of await vault.stream('/internal/endless')) assert.ok(piece.length > 0);
  })();
  const cut = assert.rejects(read);
  await vault.get('/internal/thing');
  await vault.close();
  await cut;
});

test('a stranger that speaks something else is a typed error too', async () => {
  const server = createHttp((_request, response) => response.writeHead(502).end('<html>proxy</html>'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  await assert.rejects(client({ url: `http://127.0.0.1:${address.port}` }).get('/x'), {
    status: 502,
    code: 'internal',
  });
  server.closeAllConnections();
  server.close();
});

test('a stale socket is replaced; a living one, a file in its place and an over-long path are refused', async () => {
  const stale = join(root, 'stale.sock');
  // A listener that dies without closing leaves its file behind.
  const script = `require('net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 'SIGKILL'))`;
  assert.throws(() => execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' }));
  assert.ok(statSync(stale).isSocket());
  await listen(makeApp(), { socket: stale });
  assert.deepEqual(await client({ socket: stale }).get('/internal/thing'), { n: 1 });
  await assert.rejects(listen(makeApp(), { socket: stale }), /vault: already running/);
  const file = join(root, 'file');
  writeFileSync(file, 'kept');
  await assert.rejects(listen(makeApp(), { socket: file }), ConfigError);
  await assert.rejects(listen(makeApp(), { socket: join(root, 'x'.repeat(120)) }), /longer than 107/);
});

test('a taken port is one clear line', async () => {
  const other = createNet();
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  const address = other.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { port } = address;
  await assert.rejects(listen(makeApp('platform'), { host: '127.0.0.1', port }), (error: unknown) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.message, `platform: port ${port} on 127.0.0.1 is already taken by another program`);
    return true;
  });
  other.close();
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

test('mTLS lets in who has a certificate of the authority, and nobody else', { skip: !hasOpenssl }, async () => {
  const folder = join(root, 'tls');
  mkdirSync(folder);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test ca', '-days', '2');
  writeFileSync(join(folder, 'ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  for (const name of ['server', 'client']) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'ext', '-days', '2'];
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signing);
  }
  const file = (name: string): string => join(folder, name);
  const ca = file('ca.pem');
  const tls = { key: file('server.key'), cert: file('server.pem'), ca };
  const listening = await listen(makeApp(), { host: '127.0.0.1', port: 0, tls });
  assert.ok('url' in listening);
  assert.match(listening.url, /^https:/);
  const known = client({ url: listening.url, tls: { key: file('client.key'), cert: file('client.pem'), ca } });
  assert.deepEqual(await known.get('/internal/thing'), { n: 1 });
  openssl('req', '-x509', ...key, '-keyout', 'own.key', '-out', 'own.pem', '-subj', '/CN=client', '-days', '2');
  const stranger = client({ url: listening.url, tls: { key: file('own.key'), cert: file('own.pem'), ca } });
  await assert.rejects(stranger.get('/internal/thing'), { code: 'unreachable' });
});

test('a file comes with its name and type as it arrives, and not with a name that could be a path', async () => {
  const own = client({ socket });
  const file = await own.file('/internal/file/contacts-1.csv', {});
  assert.deepEqual([file.name, file.type], ['contacts-1.csv', 'text/csv; charset=gb18030']);
  let bytes = 0;
  for await (const piece of file.body) bytes += piece.length;
  assert.equal(bytes, 300_000);
  for (const name of ['..%2Fx.csv', '.csv', 'a%22b.csv', 'a%20b.csv'])
    await assert.rejects(own.file(`/internal/file/${name}`, {}), BadReply, name);
  await assert.rejects(own.file('/internal/echo', {}), BadReply);
  await assert.rejects(own.file('/internal/thing-that-is-not', {}), RemoteError);
});
