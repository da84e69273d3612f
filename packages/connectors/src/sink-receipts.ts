// Delivery receipts of the sink: kept until a session of their sender took them, as a real message
// centre stores and forwards them; what was not acknowledged is delivered again.
import type { Clock } from '@tongche/runtime';
import smpp from 'smpp';
import type { Session } from 'smpp';

import { ESM_RECEIPT, receiptText } from './smpp-receipt.ts';

/** Receipts nobody fetches; the oldest is forgotten first. */
const MAX_KEPT = 20_000;
const RETRY_MS = 500;
/** Unacknowledged receipts on one session. */
const WINDOW = 50;

export interface SinkReceipt {
  readonly systemId: string;
  readonly from: string;
  readonly to: string;
  readonly gatewayId: string;
  readonly state: 'delivered' | 'failed';
}

export interface ReceiptQueue {
  add(receipt: SinkReceipt): void;
  /** A session that may take the receipts of `systemId` from now on. */
  attach(systemId: string, session: Session): void;
  detach(session: Session): void;
}

/** `wireClock` times the network, `clock` dates the receipts. */
export function createReceiptQueue(clock: Clock, wireClock: Clock): ReceiptQueue {
  const kept = new Set<SinkReceipt>();
  const onTheWay = new Map<SinkReceipt, Session>();
  const sessions = new Map<Session, string>();

  function sessionOf(systemId: string): Session | undefined {
    for (const [session, owner] of sessions) {
      if (owner === systemId && session.socket.writable) return session;
    }
    return undefined;
  }

  function pump(): void {
    for (const receipt of kept) {
      if (onTheWay.size >= WINDOW) return;
      if (onTheWay.has(receipt)) continue;
      const session = sessionOf(receipt.systemId);
      if (session !== undefined) deliver(receipt, session);
    }
  }

  function deliver(receipt: SinkReceipt, session: Session): void {
    onTheWay.set(receipt, session);
    const written = session.deliver_sm(receiptFields(receipt, clock.now()), (answer) => {
      onTheWay.delete(receipt);
      if (answer.command_status === 0) {
        kept.delete(receipt);
        pump();
      } else {
        wireClock.after('sink-receipt-retry', RETRY_MS, pump);
      }
    });
    if (!written) onTheWay.delete(receipt);
  }

  return {
    add(receipt) {
      kept.add(receipt);
      const oldest = kept.values().next().value;
      if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      pump();
    },
    attach(systemId, session) {
      sessions.set(session, systemId);
      pump();
    },
    detach(session) {
      sessions.delete(session);
      for (const [receipt, carrier] of onTheWay) {
        if (carrier === session) onTheWay.delete(receipt);
      }
      pump();
    },
  };
}

function receiptFields(receipt: SinkReceipt, nowMs: number) {
  const isDelivered = receipt.state === 'delivered';
  const text = receiptText(receipt.gatewayId, isDelivered ? 'DELIVRD' : 'UNDELIV', nowMs);
  return {
    source_addr: receipt.to,
    destination_addr: receipt.from,
    esm_class: ESM_RECEIPT,
    data_coding: 0,
    short_message: smpp.encodings.ASCII.encode(text),
    receipted_message_id: receipt.gatewayId,
    message_state: isDelivered ? 2 : 5,
  };
}
