// kill -9 of a notifier under load, at random moments: nothing is sent twice, nothing is forgotten.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { enqueue, statesOf } from '@tongche/outbox';
import { seededRandom } from '@tongche/runtime';

import { openStage, until } from './stage.ts';
import type { ProviderName, Stage } from './stage.ts';

const KILLS = 10;
const MESSAGES = 900;
/** Unanswered submissions at a time, the default of the configuration. */
const WINDOW = 10;
const child = fileURLToPath(new URL('./notifier-child.ts', import.meta.url));

function launch(stage: Stage): ChildProcess {
  const config = stage.config();
  const settings = { config, secrets: stage.secretsOf(config) };
  return spawn(process.execPath, [child, JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function kill(process: ChildProcess): Promise<void> {
  const gone = once(process, 'exit');
  process.kill('SIGKILL');
  await gone;
}

for (const via of [['smpp'], ['tencent']] as const) {
  test(`${via[0]}: ten kills under load: each message at most once, each one delivered or uncertain`, (t) =>
    killedUnderLoad(t, via));
}

async function killedUnderLoad(t: TestContext, via: readonly ProviderName[]): Promise<void> {
  // Tencent hands out a receipt once: those on the way at a kill are gone, and their messages stay accepted for a day.
  const pulls = via.includes('tencent');
  const random = seededRandom('killed');
  const number = (below: number) => Buffer.from(random(4)).readUInt32BE() % below;
  const stage = await openStage(t, { via });
  // Every seventh is long: three parts.
  const long = '请留意健康。'.repeat(20);
  const messages = stage.makeMessages(MESSAGES, (n) => (n % 7 === 0 ? long : ''));
  await enqueue(stage.vault, messages, stage.clock.now());

  let interrupted = 0;
  for (let kills = 1; kills <= KILLS; kills += 1) {
    const process = launch(stage);
    t.after(() => process.kill('SIGKILL'));
    const target = stage.sink.messages().length + 5 + number(70);
    await stage.sinkHas(target);
    // Somewhere inside the work on one message, which takes a few milliseconds.
    const pauseMs = number(6);
    await new Promise<void>((resolve) => stage.realClock.after('pause', pauseMs, resolve));
    await kill(process);
    interrupted += (await stage.states())['sending'] ?? 0;
  }
  assert.ok(((await stage.states())['queued'] ?? 0) > 0, 'every kill came under load');
  assert.ok(interrupted > 0, 'some kill hit a message on its way');

  const last = launch(stage);
  t.after(() => last.kill('SIGKILL'));
  await until(async () => {
    const states = await stage.states();
    const open = pulls ? ['queued', 'sending'] : ['queued', 'sending', 'accepted'];
    return open.every((state) => states[state] === undefined);
  });
  const stopped = once(last, 'exit');
  last.kill('SIGTERM');
  assert.deepEqual(await stopped, [0, null]);

  const counts = new Map<string, number>();
  for (const { text } of stage.sink.messages()) {
    const plain = text.replace(/^【同车】/, '');
    counts.set(plain, (counts.get(plain) ?? 0) + 1);
  }
  const states = await statesOf(
    stage.vault,
    messages.map((message) => message.messageId),
  );
  const stateOf = new Map(states.map((status) => [status.messageId, status.state]));
  let uncertain = 0;
  for (const message of messages) {
    const count = counts.get(message.wording.text) ?? 0;
    const state = stateOf.get(message.messageId);
    assert.ok(state === 'uncertain' ? count <= 1 : count === 1, `${state} arrived ${count} times`);
    if (state === 'uncertain') uncertain += 1;
  }
  // Where receipts carry our id, they settle what a kill left unknown.
  assert.ok(uncertain >= (pulls ? 0 : 1) && uncertain <= KILLS * WINDOW, `${uncertain} are uncertain`);
  t.diagnostic(`${KILLS} kills, ${uncertain} of ${MESSAGES} uncertain`);
}
