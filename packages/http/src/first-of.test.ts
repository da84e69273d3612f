import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Refusal } from '@tongche/contract';
import { settableClock, silentLog } from '@tongche/runtime';
import { createServer, firstOf, internalClient, listen, RemoteError } from './index.ts';
import type { App } from './index.ts';

const asked: string[] = [];
async function serve(name: string): Promise<{ readonly app: App; readonly url: string }> {
  const app = createServer({
    name,
    clock: settableClock(0),
    log: silentLog,
    health: async () => ({ ok: true, checks: {} }),
  });
  app.get('/who', async () => ({ name: asked.push(name) > 0 ? name : '' }));
  app.post('/refused', async () => {
    asked.push(name);
    throw new Refusal('conflict');
  });
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  assert.ok('url' in listening);
  return { app, url: listening.url };
}

const [a, b] = [await serve('a'), await serve('b')];
const client = firstOf([a, b].map(({ url }) => internalClient({ url })));
after(async () => {
  await client.close();
  await b.app.close();
});

test('the next one is asked when one does not answer, and stays the first until it does not either', async () => {
  assert.deepEqual(await client.get('/who'), { name: 'a' });
  await a.app.close();
  assert.deepEqual(await client.get('/who'), { name: 'b' });
  assert.deepEqual(await client.get('/who'), { name: 'b' });
});

test('a refusal is an answer: nobody else is asked', async () => {
  asked.length = 0;
  await assert.rejects(
    client.post('/refused', {}),
    (error) => error instanceof RemoteError && error.code === 'conflict',
  );
  assert.deepEqual(asked, ['b']);
});

test('when nobody answers, that is said', async () => {
  const nobody = firstOf([internalClient({ socket: '/nonexistent/1' }), internalClient({ socket: '/nonexistent/2' })]);
  await assert.rejects(nobody.get('/who'), (error) => error instanceof RemoteError && error.code === 'unreachable');
  await nobody.close();
});
