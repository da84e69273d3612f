// Hundreds of connections that say nothing, say it one byte at a time, announce files they never send or send what is no
// HTTP: each is answered or cut within its limit, rides go through meanwhile, and they take next to no memory.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startGenerator } from '../../bench/kit/generator.ts';
import type { Generator } from '../../bench/kit/generator.ts';
import { memoryBytes } from '../../bench/kit/processes.ts';
import { openStage } from '../../bench/kit/stage.ts';
import type { Stage } from '../../bench/kit/stage.ts';

const each = 100;
const ridesMeanwhile = 300;
/** A phone's own patience; the limits are 10 and 15 seconds. */
const dripEveryMs = 1_000;
const lookEveryMs = 50;
/** 500 sockets are 10 MB; the rest is rides, whose garbage is collected when it pleases. */
const memoryGrowthBytes = 250 * 1024 * 1024;

interface Attacker {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly closed: Promise<unknown>;
}

/** A small house, so that a test can fill it. */
const maxConnections = 800;

let stage: Stage;
let generator: Generator;
before(async () => {
  stage = await openStage({ buses: 20, adjust: (config) => ({ ...config, load: { maxConnections } }) });
});
beforeEach(async () => {
  generator = await startGenerator(stage.setup(4_096));
});
afterEach(async () => generator.close());
after(async () => stage?.close());

async function ridesGoThrough(count: number): Promise<void> {
  const before = await generator.acknowledged();
  while ((await generator.acknowledged()) < before + count) await wait(lookEveryMs);
}

async function attack(...pieces: readonly (string | Buffer)[]): Promise<Attacker> {
  const socket = connect(stage.setup(0).port, '127.0.0.1');
  let text = '';
  socket.on('data', (piece: Buffer) => (text += piece.toString('latin1')));
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  for (const piece of pieces) socket.write(piece);
  return { socket, heard: () => text, closed };
}

async function attackers(...pieces: readonly string[]): Promise<readonly Attacker[]> {
  return Promise.all(Array.from({ length: each }, async () => attack(...pieces)));
}

const rideHead = 'POST /v1/rides HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n';

test('five hundred held connections cost nothing: rides go through, all are cut', { timeout: 120_000 }, async (t) => {
  const beforeBytes = memoryBytes(stage.platformPid);
  const silent = await attackers();
  const heads = await attackers('POST /v1/rides HTTP/1.1\r\nhost: x\r\nx-');
  const bodies = await attackers(`${rideHead}content-length: 300\r\n\r\nAA`);
  const chunked = await attackers(`${rideHead}transfer-encoding: chunked\r\n\r\n1\r\nA\r\n`);
  const files = await attackers(
    'POST /operator/api/imports?kind=fleet HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 60000000\r\n\r\nPK',
  );
  const dripping = setInterval(() => {
    for (const { socket } of [...heads, ...bodies, ...files]) if (socket.writable) socket.write('a');
    for (const { socket } of chunked) if (socket.writable) socket.write('1\r\nA\r\n');
  }, dripEveryMs);
  t.after(() => clearInterval(dripping));
  generator.phones({ kind: 'phones', phones: 8, cutShare: 0 });
  await ridesGoThrough(ridesMeanwhile);
  await Promise.all([silent, heads, bodies, chunked, files].flat().map(async ({ closed }) => closed));
  assert.ok(
    silent.every(({ heard }) => heard() === ''),
    'nothing is said to who said nothing',
  );
  assert.ok(heads.every(({ heard }) => /^HTTP\/1\.1 408 [^]*"code":"too-slow"/.test(heard())));
  assert.ok(
    files.every(({ heard }) => heard().startsWith('HTTP/1.1 401 ')),
    'refused before the file is sent',
  );
  const drained = await generator.drain();
  assert.equal(drained.refused, 0);
  assert.ok(memoryBytes(stage.platformPid) - beforeBytes < memoryGrowthBytes);
});

test(
  'where the silent fill the house and come again when sent away, phones get in',
  { timeout: 120_000 },
  async (t) => {
    const flood = { isOver: false, sentAway: 0 };
    const silent = new Set<Socket>();
    function fill(): void {
      if (flood.isOver) return;
      const socket = connect(stage.setup(0).port, '127.0.0.1');
      silent.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        silent.delete(socket);
        flood.sentAway += 1;
        // As a flood would, a little slower.
        setTimeout(fill, dripEveryMs);
      });
    }
    t.after(() => {
      flood.isOver = true;
      for (const socket of silent) socket.destroy();
    });
    for (let n = 0; n < maxConnections * 1.5; n += 1) fill();
    // The house is full when some find no room.
    while (flood.sentAway < each) await wait(lookEveryMs);
    generator.phones({ kind: 'phones', phones: 8, cutShare: 0 });
    await ridesGoThrough(ridesMeanwhile);
    assert.equal((await generator.drain()).refused, 0);
  },
);

test('what is too large or no HTTP is answered and let go', { timeout: 60_000 }, async () => {
  const long = 'a'.repeat(20_000);
  const broken: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['announced too large', [`${rideHead}content-length: 5000\r\n\r\n`], /^HTTP\/1\.1 413 [^]*"too-large"/],
    [
      'too large in pieces',
      [`${rideHead}transfer-encoding: chunked\r\n\r\n`, `4e20\r\n${long}\r\n0\r\n\r\n`],
      /^HTTP\/1\.1 413 [^]*"too-large"/,
    ],
    ['endless header', [`GET /healthz HTTP/1.1\r\nx: ${long}`], /^HTTP\/1\.1 400 /],
    ['two lengths', [`${rideHead}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`], /^HTTP\/1\.1 400 /],
    ['no length', [`${rideHead}content-length: x\r\n\r\n`], /^HTTP\/1\.1 400 /],
    ['no HTTP', ['\u0016\u0003\u0001 hello'], /^HTTP\/1\.1 400 /],
  ];
  for (const [what, pieces, answer] of broken) {
    const one = await attack(...pieces);
    await one.closed;
    assert.match(one.heard(), answer, what);
  }
});
