// Work that overtakes its card's earlier work, is left behind by the clock, or fails unseen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { workOfCards } from './card-work.ts';

const nobody: ReadonlySet<string> = new Set();

/** Work that ends when told, and says what it does. */
function bench() {
  const told: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  return {
    told,
    work(name: string) {
      const gate = Promise.withResolvers<void>();
      gates.set(name, gate);
      return async () => {
        told.push(`${name} begins`);
        await gate.promise;
        told.push(`${name} ends`);
      };
    },
    end: (name: string) => gates.get(name)?.resolve(),
    fail: (name: string) => gates.get(name)?.reject(new Error(name)),
  };
}

async function isDone(waiting: Promise<void>): Promise<boolean> {
  let done = false;
  void waiting.then(() => (done = true));
  await turn();
  return done;
}

test('a card does one thing after another, cards do not wait for each other', async () => {
  const it = bench();
  const work = workOfCards();
  work.add('a', 1, it.work('a1'));
  work.add('a', 2, it.work('a2'));
  work.add('b', 2, it.work('b1'));
  await turn();
  assert.deepEqual(it.told, ['a1 begins', 'b1 begins']);
  it.end('a1');
  await turn();
  assert.deepEqual(it.told.slice(2), ['a1 ends', 'a2 begins']);
  it.end('a2');
  it.end('b1');
  await work.settle();
  assert.deepEqual(it.told.slice(4), ['a2 ends', 'b1 ends']);
});

test('the clock waits for the cards that ride now and for whatever is too old, and for nothing else', async () => {
  const it = bench();
  const work = workOfCards();
  work.add('old', 10, it.work('old'));
  work.add('riding', 50, it.work('riding'));
  work.add('young', 50, it.work('young'));
  const waiting = work.wait(new Set(['riding']), 20);
  assert.ok(await isDone(work.wait(nobody, 10)));
  assert.ok(!(await isDone(waiting)));
  it.end('old');
  assert.ok(!(await isDone(waiting)));
  it.end('riding');
  assert.ok(await isDone(waiting));
  it.end('young');
  await work.settle();
});

test('the first fault is thrown by every later wait, and work behind it is not left hanging', async () => {
  const it = bench();
  const work = workOfCards();
  work.add('a', 1, it.work('a1'));
  work.add('a', 1, it.work('a2'));
  it.fail('a1');
  it.end('a2');
  await assert.rejects(work.settle(), /a1/);
  await assert.rejects(work.wait(nobody, 0), /a1/);
});
