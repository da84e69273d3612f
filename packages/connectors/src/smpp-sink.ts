// A real SMPP 3.4 message centre that delivers to nobody: development, the demo and tests read from
// it what a person would have received. Messages live in memory only, and only the newest ones.
import type { AddressInfo } from 'node:net';

import { systemClock } from '@tongche/runtime';
import type { Clock, Log } from '@tongche/runtime';
import smpp from 'smpp';
import type { Pdu, Session } from 'smpp';

import { events } from './events.ts';
import { createFaults, createSinkBook } from './sink-book.ts';
import type { ReceiptPlan, SinkBook, SinkFeed, SinkMessage } from './sink-book.ts';
import { createPartJoiner } from './sink-parts.ts';
import { createReceiptQueue } from './sink-receipts.ts';

const { ESME_RBINDFAIL, ESME_RINVBNDSTS, ESME_RTHROTTLED } = smpp.errors;

/**
 * Misbehaviour for the next `count` submissions. `drop-before-response`: the part is kept, the
 * connection dies unanswered; `drop-after-response`: answered, then the connection dies;
 * `silent`: kept, never answered; `throttle`: ESME_RTHROTTLED, not kept. The first `skip` are served well.
 */
export interface SinkFault {
  readonly kind: 'drop-before-response' | 'drop-after-response' | 'silent' | 'throttle';
  readonly count: number;
  readonly skip?: number;
}

export interface SmppSinkOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly credentials: readonly { readonly systemId: string; readonly password: string }[];
  readonly receipts: 'deliver' | ((message: SinkMessage) => ReceiptPlan);
  readonly maxMessages: number;
  /** Shared with other sinks; `maxMessages` is then its own. */
  readonly book?: SinkBook;
  readonly onMessage?: (message: SinkMessage) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SmppSink extends SinkFeed {
  readonly port: number;
  fault(fault: SinkFault): void;
  /** Cuts every connection; senders may come back. */
  dropConnections(): void;
  close(): Promise<void>;
}

/** Rejects when the port is taken. */
export async function smppSink(options: SmppSinkOptions): Promise<SmppSink> {
  const { clock } = options;
  const book = options.book ?? createSinkBook(options.maxMessages);
  const faults = createFaults<SinkFault['kind']>();
  const sessions = new Set<Session>();
  const wireClock = systemClock((error, job) => options.log.fault(job, error));
  const receipts = createReceiptQueue(clock, wireClock);
  const joiner = createPartJoiner();
  let lastId = 0;
  let lastSession = 0;

  /** Runs when a text is whole; returns what to do once the last part has been answered. */
  function arrived(received: Omit<SinkMessage, 'no' | 'state'>, gatewayIds: readonly string[]): () => void {
    const message = book.add(received);
    options.onMessage?.(message);
    const plan = options.receipts === 'deliver' ? { state: 'delivered' as const } : options.receipts(message);
    if (plan === 'lost') return () => {};
    function settle(state: 'delivered' | 'failed'): void {
      book.settle(message.no, state);
      for (const gatewayId of gatewayIds) receipts.add({ ...message, gatewayId, state });
    }
    if (plan.early === true) {
      settle(plan.state);
      return () => {};
    }
    const { delayMs = 0 } = plan;
    if (delayMs === 0) return () => settle(plan.state);
    return () => void clock.after('sink-receipt', delayMs, () => settle(plan.state));
  }

  function submitted(pdu: Pdu, session: Session, systemId: string, scope: string): void {
    const kind = faults.take();
    if (kind === 'throttle') {
      session.send(pdu.response({ command_status: ESME_RTHROTTLED }));
      return;
    }
    lastId += 1;
    const gatewayId = lastId.toString(16).padStart(8, '0');
    const whole = joiner.add(scope, pdu, gatewayId);
    const afterAnswer =
      whole === undefined ? () => {} : arrived(messageOf(pdu, systemId, whole, clock.now()), whole.gatewayIds);
    if (kind === 'drop-before-response') session.destroy();
    else if (kind !== 'silent') session.send(pdu.response({ message_id: gatewayId }));
    if (kind === 'drop-after-response') session.socket.end();
    afterAnswer();
  }

  function opened(session: Session): void {
    let systemId: string | undefined;
    lastSession += 1;
    const scope = String(lastSession);
    sessions.add(session);
    session.on('error', () => session.destroy());
    session.on('close', () => {
      sessions.delete(session);
      receipts.detach(session);
    });
    session.on('pdu', (pdu: Pdu) => {
      if (pdu.isResponse()) return;
      if (pdu.command === 'submit_sm') {
        if (systemId === undefined) session.send(pdu.response({ command_status: ESME_RINVBNDSTS }));
        else submitted(pdu, session, systemId, scope);
      } else if (pdu.command.startsWith('bind_')) {
        systemId = boundAs(pdu, options.credentials);
        session.send(pdu.response(systemId === undefined ? { command_status: ESME_RBINDFAIL } : {}));
        if (systemId !== undefined && pdu.command !== 'bind_transmitter') receipts.attach(systemId, session);
      } else {
        session.send(pdu.response());
        if (pdu.command === 'unbind') session.close();
      }
    });
  }

  const server = smpp.createServer({}, opened);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  options.log.event(events.sinkStarted, { port });

  function dropConnections(): void {
    for (const session of sessions) session.destroy();
  }
  return {
    port,
    messages: () => book.messages(),
    onChange: (handler) => book.onChange(handler),
    fault: ({ kind, count, skip }) => faults.set(kind, count, skip),
    dropConnections,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      dropConnections();
      await closed;
    },
  };
}

function boundAs(pdu: Pdu, credentials: SmppSinkOptions['credentials']): string | undefined {
  return credentials.find((known) => known.systemId === pdu.system_id && known.password === pdu.password)?.systemId;
}

function messageOf(
  pdu: Pdu,
  systemId: string,
  whole: { readonly text: string; readonly gatewayIds: readonly string[] },
  receivedMs: number,
): Omit<SinkMessage, 'no' | 'state'> {
  return {
    channel: 'sms',
    provider: 'smpp',
    systemId,
    from: pdu.source_addr ?? '',
    to: pdu.destination_addr ?? '',
    text: whole.text,
    parts: whole.gatewayIds.length,
    receivedMs,
  };
}
