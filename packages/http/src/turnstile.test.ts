// Where there are many, kept connections are read in turns, some dozens a turn of the loop; the held ones not before their time.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { turnstile } from './turnstile.ts';

interface Stub {
  isRead: boolean;
  destroyed: boolean;
}
/** As much of a socket as is used. */
function stub(): Stub & Socket {
  const socket = {
    isRead: true,
    destroyed: false,
    pause: () => (socket.isRead = false),
    resume: () => (socket.isRead = true),
  };
  return socket as unknown as Stub & Socket;
}
function crowdOf(count: number) {
  const turns = turnstile();
  const sockets = Array.from({ length: count }, stub);
  for (const _ of sockets) turns.arrived();
  return { turns, sockets };
}
const readCount = (sockets: readonly Stub[]): number => sockets.filter(({ isRead }) => isRead).length;

test('where there are few nobody waits for a turn', () => {
  const { turns, sockets } = crowdOf(900);
  for (const socket of sockets) turns.rest(socket);
  assert.equal(readCount(sockets), 900);
});

test('a crowd is read some dozens a turn, in the order in which they were answered', async () => {
  const { turns, sockets } = crowdOf(1_200);
  for (const socket of sockets) turns.rest(socket);
  assert.equal(readCount(sockets), 0);
  const counts: number[] = [];
  while (counts.at(-1) !== sockets.length && counts.length < 100) {
    await turnOfTheLoop();
    counts.push(readCount(sockets));
    assert.equal(readCount(sockets.slice(0, counts.at(-1))), counts.at(-1));
  }
  assert.deepEqual([counts[0], counts[1], counts.length], [64, 128, Math.ceil(1_200 / 64)]);
});

test('when most have left the others are not made to wait', () => {
  const { turns, sockets } = crowdOf(1_200);
  for (let n = 0; n < 400; n += 1) turns.left();
  for (const socket of sockets.slice(400)) turns.rest(socket);
  assert.equal(readCount(sockets), 1_200);
});

test('the held rest until their time, also where there are few; those who left are forgotten', async () => {
  const { turns, sockets } = crowdOf(3);
  const [early, late, gone] = sockets as [Stub & Socket, Stub & Socket, Stub & Socket];
  turns.hold(early, 1_000);
  turns.hold(late, 2_000);
  turns.hold(gone, 1_000);
  for (const socket of sockets) turns.rest(socket);
  await turnOfTheLoop();
  assert.equal(readCount(sockets), 0);
  gone.destroyed = true;
  turns.release(1_000);
  await turnOfTheLoop();
  assert.deepEqual([early.isRead, late.isRead, gone.isRead, turns.held], [true, false, false, 1]);
  turns.release();
  await turnOfTheLoop();
  assert.ok(late.isRead);
});
