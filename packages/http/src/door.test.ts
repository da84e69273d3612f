// A house that is full: the silent make room for others, the served stay, and who finds no room is let go at once.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { door } from './door.ts';
import type { Door } from './door.ts';
import { turnstile } from './turnstile.ts';

interface Scene {
  readonly door: Door;
  readonly inside: ServerResponse[];
  nowMs: number;
  /** Resolves when the server has it. */
  enter(): Promise<Socket>;
  ask(phone: Socket, text: string): Promise<void>;
}

const maxConnections = 40;
/** The door makes room for the kernel's next ones before the house is quite full. */
const roomFrom = maxConnections - 16;
const options = { timeout: 20_000 };
const whole = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

async function openScene(t: TestContext): Promise<Scene> {
  const scene = { nowMs: 0 };
  const inside: ServerResponse[] = [];
  const server = createServer((request, response) => {
    entrance.begun(request, response);
    inside.push(response);
  });
  const entrance = door(server, false, {
    maxConnections,
    graceMs: 1_000,
    bodyMs: ({ url }) => (url === '/quick' ? 5_000 : undefined),
    turns: turnstile(),
    steadyMs: () => scene.nowMs,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return Object.assign(scene, {
    door: entrance,
    inside,
    async enter() {
      const arrived = once(server, 'connection');
      const phone = connect(port, '127.0.0.1');
      t.after(() => phone.destroy());
      phone.on('error', () => {});
      await arrived;
      return phone;
    },
    async ask(phone: Socket, text: string) {
      const asked = once(server, 'request');
      phone.write(text);
      await asked;
    },
  });
}

/** Until its body is whole. */
async function read(response: ServerResponse | undefined): Promise<void> {
  if (response === undefined) throw new Error('nobody is inside');
  await once(response.req.resume(), 'end');
}

async function enterMany(scene: Scene, count: number): Promise<readonly Socket[]> {
  const phones: Socket[] = [];
  for (let n = 0; n < count; n += 1) phones.push(await scene.enter());
  return phones;
}
const closedOf = (phones: readonly Socket[]) =>
  phones.flatMap(({ readyState }, n) => (readyState === 'closed' ? [n] : []));

test('the longest silent one makes room, those who are served stay', options, async (t) => {
  const scene = await openScene(t);
  const phones = await enterMany(scene, roomFrom);
  const [first, second, third] = phones as [Socket, Socket, Socket];
  await scene.ask(first, whole);
  // Drips: its head never ends.
  second.write('GET / HTTP/1.1\r\nho');
  scene.nowMs += 1_001;
  const [secondGone, thirdGone] = [once(second, 'close'), once(third, 'close')];
  await scene.enter();
  await secondGone;
  await scene.enter();
  await thirdGone;
  assert.deepEqual(closedOf(phones), [1, 2]);
  assert.equal(scene.door.silenced, 2);
  scene.inside[0]?.end('served');
  assert.match(String((await once(first, 'data'))[0]), /served/);
});

test('a kept connection counts as silent from its last answer on', options, async (t) => {
  const scene = await openScene(t);
  const phones = await enterMany(scene, roomFrom);
  const [first, second] = phones as [Socket, Socket];
  await scene.ask(first, whole);
  scene.nowMs += 900;
  scene.inside[0]?.end('served');
  await once(first, 'data');
  scene.nowMs += 900;
  const gone = once(second, 'close');
  await scene.enter();
  await gone;
  assert.deepEqual(closedOf(phones), [1]);
});

test('nobody new is sent away for those who only just came, but let go when the house is full', options, async (t) => {
  const scene = await openScene(t);
  const phones = await enterMany(scene, maxConnections);
  assert.equal(scene.door.open, maxConnections);
  const late = connect(phones[0]?.remotePort ?? 0, '127.0.0.1');
  late.on('error', () => {});
  await once(late, 'close');
  assert.deepEqual([scene.door.dropped, scene.door.silenced], [1, 0]);
  assert.deepEqual(closedOf(phones), []);
});

test('a body that takes too long is cut, a whole one is waited for', options, async (t) => {
  const scene = await openScene(t);
  const [slow, patient, file] = (await enterMany(scene, 3)) as [Socket, Socket, Socket];
  await scene.ask(slow, 'POST /quick HTTP/1.1\r\nhost: x\r\ncontent-length: 300\r\n\r\nx');
  await scene.ask(patient, 'POST /quick HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx');
  await read(scene.inside[1]);
  await scene.ask(file, 'POST /file HTTP/1.1\r\nhost: x\r\ncontent-length: 300\r\n\r\nx');
  scene.nowMs += 5_001;
  const gone = once(slow, 'close');
  scene.door.sweep();
  await gone;
  assert.deepEqual([patient.readyState, file.readyState], ['open', 'open']);
});

test('the rest of a file that was refused is not waited for', options, async (t) => {
  const scene = await openScene(t);
  const [office, other] = (await enterMany(scene, 2)) as [Socket, Socket];
  for (const phone of [office, other]) {
    await scene.ask(phone, 'POST /file HTTP/1.1\r\nhost: x\r\ncontent-length: 300\r\n\r\nx');
  }
  scene.inside[0]?.end('refused');
  assert.match(String((await once(office, 'data'))[0]), /refused/);
  scene.nowMs += 2_001;
  const gone = once(office, 'close');
  scene.door.sweep();
  await gone;
  assert.equal(other.readyState, 'open');
});
