// Sends texts over SMPP 3.4. The rule everything here serves: a message whose bytes were handed to
// the socket and that was not answered is *unknown*, never refused, and is never sent again here.
import { systemClock } from '@tongche/runtime';
import type { Clock, Log } from '@tongche/runtime';
import smpp from 'smpp';
import type { Pdu, Session } from 'smpp';

import { events } from './events.ts';
import { E164_DIGITS, providerDown, refusedMessage } from './gateway.ts';
import type { MessageGateway, OutgoingMessage, ReceiptHandler, Refused, SendOutcome } from './gateway.ts';
import { createPace } from './pace.ts';
import { openLink } from './smpp-link.ts';
import { smppVerdict } from './smpp-answers.ts';
import { readReceipt } from './smpp-receipt.ts';
import { textParts } from './smpp-text.ts';
import type { TextPart } from './smpp-text.ts';

/** Longest wait for a turn: no connection, full window, throttled. A one-time code is useless later. */
const TURN_WAIT_MS = 8_000;
/** Message centres answer within a second; after this the outcome counts as unknown. */
const ANSWER_WAIT_MS = 15_000;
/** ESME_RTHROTTLED / ESME_RMSGQFUL: pause all, twice as long each time. */
const THROTTLE_PAUSE_MS = 200;
const LONGEST_THROTTLE_PAUSE_MS = 5_000;
const THROTTLE_TRIES = 5;
/** How long a closing gateway waits for answers on their way. */
const CLOSE_WAIT_MS = 5_000;
const ESM_UDH = 0x40;
/** registered_delivery 1: the final outcome, good or bad. */
const RECEIPT_WANTED = 1;
const TON_UNKNOWN = 0;
const TON_INTERNATIONAL = 1;
const TON_ALPHANUMERIC = 5;
const NPI_UNKNOWN = 0;
const NPI_E164 = 1;
const { ESME_RTHROTTLED, ESME_RMSGQFUL, ESME_RX_T_APPN } = smpp.errors;

export interface SmppGatewayOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: boolean;
  readonly systemId: string;
  readonly password: string;
  /** Digits or up to 11 letters and digits. */
  readonly sender: string;
  /** Unanswered submissions at a time; message centres usually allow 10. */
  readonly windowSize: number;
  /** Submissions a second; no limit when absent. */
  readonly throughputPerS?: number;
  readonly clock: Clock;
  /**
   * Times the network: rate, answers, reconnecting. The system's clock when absent, also where `clock` is a settable
   * one, because a real peer does not answer faster when the day is moved on.
   */
  readonly wireClock?: Clock;
  readonly log: Log;
}

type PartOutcome =
  | { readonly kind: 'accepted'; readonly id: string }
  | Refused
  | { readonly kind: 'unknown'; readonly reason: string };

export function smppGateway(options: SmppGatewayOptions): MessageGateway {
  const { log, sender } = options;
  const clock = options.wireClock ?? systemClock((error, job) => log.fault(job, error));
  const pace = createPace({ ...options, clock, onRoom: () => roomHandler?.() });
  /** Submissions that wait for an answer; a lost connection settles them all as unknown. */
  const pending = new Set<(outcome: PartOutcome) => void>();
  const sending = new Set<Promise<SendOutcome>>();
  let receiptHandler: ReceiptHandler | undefined;
  let roomHandler: (() => void) | undefined;
  let throttlePauseMs = THROTTLE_PAUSE_MS;
  /** Starts somewhere else after a restart, so that an old process' parts do not join a new text. */
  let reference = Math.trunc(options.clock.now() / 1000) & 0xff;

  const link = openLink({
    ...options,
    clock,
    unanswered: () => pending.size,
    onUp() {
      pace.open();
      roomHandler?.();
    },
    onLost() {
      pace.shut();
      for (const settle of pending) settle({ kind: 'unknown', reason: 'connection-lost' });
    },
    onDeliver: (pdu, session) => void deliver(pdu, session),
  });

  async function deliver(pdu: Pdu, session: Session): Promise<void> {
    const receipt = readReceipt(pdu);
    try {
      if (receipt !== undefined) await receiptHandler?.(receipt);
      session.send(pdu.response());
    } catch {
      log.event(events.smppReceiptNotStored, {});
      session.send(pdu.response({ command_status: ESME_RX_T_APPN }));
    }
  }

  function submit(session: Session, to: string, part: TextPart): Promise<PartOutcome> {
    return new Promise((resolve) => {
      const stopTimer = clock.after('smpp-answer', ANSWER_WAIT_MS, () =>
        settle({ kind: 'unknown', reason: 'no-answer' }),
      );
      function settle(outcome: PartOutcome): void {
        if (!pending.delete(settle)) return;
        stopTimer();
        resolve(outcome);
      }
      pending.add(settle);
      const fields = submitFields(sender, to, part);
      const written = session.submit_sm(fields, (answer) => settle(readAnswer(answer)));
      if (!written) settle(providerDown('not-connected'));
    });
  }

  async function submitInTurn(to: string, part: TextPart, begun: boolean): Promise<PartOutcome> {
    for (let attempt = 1; ; attempt += 1) {
      const turn = await pace.turn(TURN_WAIT_MS, begun);
      if (turn !== 'go') return providerDown(waitReason(turn));
      const session = link.session();
      const outcome: PartOutcome =
        session === undefined ? providerDown('not-connected') : await submit(session, to, part);
      const throttled = outcome.kind === 'refused' && outcome.reason === 'throttled';
      if (throttled) slowDown();
      else if (outcome.kind === 'accepted') throttlePauseMs = THROTTLE_PAUSE_MS;
      pace.done();
      if (!throttled || attempt >= THROTTLE_TRIES) return outcome;
    }
  }

  function slowDown(): void {
    // All that was on the way is refused together: that is one "too fast", not ten.
    if (!pace.pause(throttlePauseMs)) return;
    log.event(events.smppThrottled, { pauseMs: throttlePauseMs });
    throttlePauseMs = Math.min(throttlePauseMs * 2, LONGEST_THROTTLE_PAUSE_MS);
  }

  async function sendParts(message: OutgoingMessage): Promise<SendOutcome> {
    const { text } = message.wording;
    if (!E164_DIGITS.test(message.to)) return refusedMessage('bad-address');
    if (text === '') return refusedMessage('empty-text');
    reference = (reference + 1) & 0xff;
    const parts = textParts(text, reference);
    if (parts === undefined) return refusedMessage('text-too-long');
    const gatewayIds: string[] = [];
    for (const part of parts) {
      const outcome = await submitInTurn(message.to, part, gatewayIds.length > 0);
      if (outcome.kind === 'accepted') gatewayIds.push(outcome.id);
      else if (gatewayIds.length === 0) return outcome;
      // A beginning is out already: to send all of it again is a person's decision.
      else return { kind: 'unknown', reason: `in-part ${outcome.reason}` };
    }
    return { kind: 'accepted', gatewayIds };
  }

  return {
    send(message) {
      const work = sendParts(message).finally(() => sending.delete(work));
      sending.add(work);
      return work;
    },
    onReceipt(handler) {
      receiptHandler = handler;
    },
    onRoom(handler) {
      roomHandler = handler;
    },
    connected: () => link.session() !== undefined,
    room: () => pace.room(),
    async close() {
      pace.close();
      const late = Promise.withResolvers<void>();
      const stopTimer = clock.after('smpp-close', CLOSE_WAIT_MS, late.resolve);
      await Promise.race([Promise.allSettled(sending), late.promise]);
      stopTimer();
      for (const settle of pending) settle({ kind: 'unknown', reason: 'no-answer' });
      await link.close();
    },
  };
}

function waitReason(turn: 'timeout' | 'busy' | 'closed'): string {
  return turn === 'closed' ? 'closing' : turn === 'busy' ? 'busy' : 'no-turn';
}

function submitFields(sender: string, to: string, part: TextPart) {
  const isNumber = /^[0-9]+$/.test(sender);
  return {
    source_addr_ton: isNumber ? TON_UNKNOWN : TON_ALPHANUMERIC,
    source_addr_npi: isNumber ? NPI_E164 : NPI_UNKNOWN,
    source_addr: sender,
    dest_addr_ton: TON_INTERNATIONAL,
    dest_addr_npi: NPI_E164,
    destination_addr: to,
    esm_class: part.hasHeader ? ESM_UDH : 0,
    registered_delivery: RECEIPT_WANTED,
    data_coding: part.dataCoding,
    short_message: part.bytes,
  };
}

function readAnswer(answer: Pdu): PartOutcome {
  const status = answer.command_status;
  if (status === ESME_RTHROTTLED || status === ESME_RMSGQFUL) {
    return providerDown('throttled');
  }
  if (status !== 0) return { kind: 'refused', reason: `smpp-${status.toString(16)}`, ...smppVerdict(status) };
  const id = answer.message_id ?? '';
  // Taken, but no receipt can ever be matched to it.
  return id === '' ? { kind: 'unknown', reason: 'no-gateway-id' } : { kind: 'accepted', id };
}
