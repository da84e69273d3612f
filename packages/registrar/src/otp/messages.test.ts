// Messages in the background: nobody waits for them, a sure refusal is tried once more, an unknown outcome never.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageGateway, OutgoingMessage, SendOutcome } from '@tongche/connectors';
import { memoryLog, seededRandom, settableClock } from '@tongche/runtime';
import { MAX_WAITING_MESSAGES } from '../limits.ts';
import { backgroundMessages } from './messages.ts';

function scripted(outcomes: (SendOutcome | 'never')[]): {
  readonly gateway: Pick<MessageGateway, 'send'>;
  readonly sent: OutgoingMessage[];
} {
  const sent: OutgoingMessage[] = [];
  const gateway: Pick<MessageGateway, 'send'> = {
    send(message) {
      sent.push(message);
      const outcome = outcomes.shift() ?? 'never';
      return outcome === 'never' ? new Promise(() => {}) : Promise.resolve(outcome);
    },
  };
  return { gateway, sent };
}

const wording = { template: 'code', version: 1, values: { code: '123456', minutes: '10' }, text: 'code 123456' };

function start(outcomes: (SendOutcome | 'never')[]) {
  const clock = settableClock(0);
  const log = memoryLog('registrar');
  const { gateway, sent } = scripted(outcomes);
  return { clock, log, sent, messages: backgroundMessages(gateway, clock, log, seededRandom('m')) };
}

test('a gateway that never answers keeps nobody waiting and fills up to its bound', () => {
  const { messages, sent } = start([]);
  for (let i = 0; i < MAX_WAITING_MESSAGES; i += 1) {
    assert.ok(messages.hasRoom());
    messages.send(8613812345678n, wording);
  }
  assert.ok(!messages.hasRoom());
  assert.equal(sent.length, MAX_WAITING_MESSAGES);
});

test('a refusal that may be repeated is repeated once', async () => {
  const refused: SendOutcome = { kind: 'refused', reason: 'no-connection', fault: 'provider', retry: true };
  const { clock, log, messages, sent } = start([refused, refused, refused]);
  messages.send(8613812345678n, wording);
  await messages.idle();
  assert.equal(sent.length, 1);
  await clock.advance(2_000);
  await messages.idle();
  await clock.advance(60_000);
  assert.equal(sent.length, 2);
  assert.deepEqual(
    log.lines.map(({ event, outcome, reason }) => [event, outcome, reason]),
    [['registrar.otpMessage', 'refused', 'no-connection']],
  );
});

test('an unknown outcome is written down and never repeated; neither number nor text is', async () => {
  const { clock, log, messages, sent } = start([{ kind: 'unknown', reason: 'connection-lost' }]);
  messages.send(8613812345678n, wording);
  await messages.idle();
  await clock.advance(60_000);
  assert.equal(sent.length, 1);
  assert.equal(log.lines.length, 1);
  assert.ok(!JSON.stringify(log.lines).includes('138'));
});
