// What a process says of its health comes back in words, and so does that it says nothing.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { healthOf, healthyWithin } from './health.ts';

const answers: Readonly<Record<string, readonly [number, string]>> = {
  '/well': [200, '{"ok":true,"checks":{}}'],
  '/ill': [503, '{"ok":false,"checks":{"gateway":false,"sole":true,"inFlight":0,"keys":false}}'],
  '/other': [404, '<html>'],
};
const server = createServer((request, response) => {
  const [status, body] = answers[request.url ?? ''] ?? [500, ''];
  if (request.url === '/broken') request.socket.destroy();
  else response.writeHead(status).end(body);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
after(() => server.close());
const at = (path: string) => ({ host: '127.0.0.1', port, path });

test('an answer names the checks that are false', async () => {
  assert.deepEqual(await healthOf(at('/well')), { status: 200, says: 'all is well' });
  assert.deepEqual(await healthOf(at('/ill')), { status: 503, says: 'HTTP 503: gateway is false, keys is false' });
  assert.deepEqual(await healthOf(at('/other')), { status: 404, says: 'HTTP 404' });
});

test('nobody answering is said with its reason', async () => {
  assert.deepEqual(await healthOf({ socket: '/nowhere/at/all.sock', path: '/' }), {
    status: 0,
    says: 'nobody answers (ENOENT)',
  });
  assert.deepEqual(await healthOf(at('/broken')), { status: 0, says: 'nobody answers (ECONNRESET)' });
});

test('waiting ends with the last answer', async () => {
  const never = new AbortController().signal;
  assert.equal((await healthyWithin(at('/well'), 1_000, never)).status, 200);
  assert.equal((await healthyWithin(at('/ill'), 1, never)).says, 'HTTP 503: gateway is false, keys is false');
  assert.equal((await healthyWithin(at('/ill'), 60_000, AbortSignal.abort())).status, 503);
});
