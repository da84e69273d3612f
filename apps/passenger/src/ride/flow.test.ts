// Every answer a phone can meet, from the first scan to the queue, without a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { answerOf, retryDelayMs, START, step } from './flow.ts';
import type { Answer, Flow, FlowEvent, Phase } from './flow.ts';

function run(...events: readonly FlowEvent[]): Phase {
  return events.reduce<Flow>(step, START).phase;
}
const scanned: FlowEvent = { type: 'scanned', wallet: 'ready' };
const sealed: FlowEvent = { type: 'sealed' };
const answer = (answer: Answer): FlowEvent => ({ type: 'answered', answer });

test('a returning rider is registered with no tap', () => {
  assert.equal(run(scanned), 'sealing');
  assert.equal(run(scanned, sealed, answer('ok')), 'registered');
});

test('a first rider is registered when the code is confirmed', () => {
  assert.equal(run({ type: 'scanned', wallet: 'none' }), 'first');
  assert.equal(run({ type: 'scanned', wallet: 'none' }, { type: 'enrolled' }, sealed, answer('ok')), 'registered');
});

test('a second scan within 30 minutes sends nothing', () => {
  assert.equal(run({ type: 'scanned', wallet: 'ready', earlier: 'registered' }), 'repeat');
  assert.equal(run({ type: 'scanned', wallet: 'ready', earlier: 'waiting' }), 'posting');
});

test('a scan later on the same run asks whether the rider gets off, and may become a new ride', () => {
  const aboard: FlowEvent = { type: 'scanned', wallet: 'ready', earlier: 'aboard' };
  assert.equal(run(aboard), 'aboard');
  assert.equal(run(aboard, { type: 'board-again' }), 'sealing');
});

test('an empty wallet is refilled within the scan; a refused ticket leads to the code', () => {
  const lacking: FlowEvent = { type: 'scanned', wallet: 'lacking' };
  assert.equal(run(lacking, { type: 'refilled' }), 'sealing');
  assert.equal(run(lacking, { type: 'ticket-refused' }), 'first');
  assert.equal(run(lacking, answer('unreachable')), 'saved');
  assert.equal(run(lacking, answer('unreachable'), { type: 'retry', sealed: false }), 'refilling');
  assert.equal(run(lacking, answer('busy')), 'busy');
});

test('a wrong clock is sealed again once, then waits', () => {
  assert.equal(run(scanned, sealed, answer('clock-wrong')), 'sealing');
  assert.equal(run(scanned, sealed, answer('clock-wrong'), sealed, answer('clock-wrong')), 'busy');
});

test('a used slot is replaced once, a refused admission refilled once', () => {
  assert.equal(run(scanned, sealed, answer('tag-used'), sealed, answer('ok')), 'registered');
  assert.equal(run(scanned, sealed, answer('tag-used'), sealed, answer('tag-used')), 'busy');
  assert.equal(run(scanned, sealed, answer('not-admitted')), 'refilling');
  const refilled = [scanned, sealed, answer('not-admitted'), { type: 'refilled' }, sealed] as const;
  assert.equal(run(...refilled, answer('not-admitted')), 'busy');
});

test('unknown and revoked codes; a typed number starts over with its own code', () => {
  assert.equal(run(scanned, sealed, answer('unknown-code')), 'number');
  assert.equal(run(scanned, sealed, answer('unknown-code'), { type: 'resolved' }), 'sealing');
  assert.equal(run(scanned, sealed, answer('code-revoked')), 'revoked');
  assert.equal(run(scanned, sealed, answer('refused')), 'refused');
});

test('what is kept is sent when there is a way', () => {
  assert.equal(run(scanned, sealed, answer('busy'), { type: 'retry', sealed: true }), 'posting');
  assert.equal(
    run(scanned, sealed, answer('unreachable'), { type: 'retry', sealed: true }, answer('ok')),
    'registered',
  );
});

test('undo works on what is registered or kept, and on nothing else', () => {
  assert.equal(run(scanned, sealed, answer('ok'), { type: 'undo' }), 'undone');
  assert.equal(run(scanned, { type: 'undo' }), 'sealing');
});

test('answers by status', () => {
  assert.equal(answerOf(undefined, undefined), 'unreachable');
  assert.equal(answerOf(409, 'clock-wrong'), 'clock-wrong');
  assert.equal(answerOf(404, 'unknown-code'), 'unknown-code');
  // A captive portal or a wrong proxy answers 404 without our body: nothing is lost.
  assert.equal(answerOf(404, undefined), 'unreachable');
  assert.equal(answerOf(302, undefined), 'unreachable');
  for (const status of [400, 413, 415, 422]) assert.equal(answerOf(status, undefined), 'refused');
  for (const status of [408, 429, 500, 502, 503]) assert.equal(answerOf(status, undefined), 'busy');
});

test('no order of events loops: between two rests a ride is posted at most four times', () => {
  const answers = fc.constantFrom<Answer>('clock-wrong', 'tag-used', 'not-admitted');
  fc.assert(
    fc.property(fc.array(answers, { minLength: 12, maxLength: 12 }), (list) => {
      let flow = step(START, scanned);
      let posts = 0;
      for (const next of list) {
        if (flow.phase === 'refilling') flow = step(flow, { type: 'refilled' });
        if (flow.phase === 'sealing') flow = step(flow, sealed);
        if (flow.phase !== 'posting') break;
        posts += 1;
        flow = step(flow, answer(next));
      }
      return posts <= 4 && flow.phase === 'busy';
    }),
    { seed: 1 },
  );
});

test('retries are spread and bounded', () => {
  assert.equal(retryDelayMs(0, 0), 1_000);
  assert.equal(retryDelayMs(0, 1), 3_000);
  assert.equal(retryDelayMs(20, 0.5), 60_000);
  assert.equal(retryDelayMs(0, 0, 30_000), 30_000);
  assert.equal(retryDelayMs(0, 1, 30_000), 37_500);
  assert.equal(retryDelayMs(20, 0.5, 30_000), 60_000);
});
