// One SMPP 3.4 transceiver connection that keeps itself alive: bind, enquire_link, reconnect with
// backoff. Says when it is up, when it is lost, and hands over what the message centre delivers.
import type { Clock, Log, Stop } from '@tongche/runtime';
import smpp from 'smpp';
import type { Pdu, Session } from 'smpp';

import { events } from './events.ts';

const BIND_TIMEOUT_MS = 10_000;
const ENQUIRE_EVERY_MS = 30_000;
/** A message centre that is silent for this long is taken as gone. */
const ENQUIRE_TIMEOUT_MS = 10_000;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;
/** SMPP 3.4 interface_version. */
const VERSION_3_4 = 0x34;

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: boolean;
  readonly systemId: string;
  readonly password: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly onUp: () => void;
  readonly onLost: () => void;
  readonly onDeliver: (pdu: Pdu, session: Session) => void;
  readonly unanswered: () => number;
}

export interface Link {
  /** The bound session, or undefined while there is none. */
  session(): Session | undefined;
  close(): Promise<void>;
}

export function openLink(options: LinkOptions): Link {
  const { clock, log, host, port } = options;
  let bound: Session | undefined;
  let current: Session | undefined;
  let backoffMs = FIRST_BACKOFF_MS;
  let isClosed = false;
  let stopRetry: Stop | undefined;
  let stopEnquireTimer: Stop | undefined;

  function connect(): void {
    const session = smpp.connect({ host, port, ...(options.tls === true ? { tls: true } : {}) });
    current = session;
    const stopBindTimer = clock.after('smpp-bind', BIND_TIMEOUT_MS, () => session.destroy());
    // The library stops reading after an error, so an error always ends the session.
    session.on('error', () => session.destroy());
    session.on(options.tls === true ? 'secureConnect' : 'connect', () => bind(session, stopBindTimer));
    session.on('deliver_sm', (pdu: Pdu) => options.onDeliver(pdu, session));
    session.on('enquire_link', (pdu: Pdu) => session.send(pdu.response()));
    session.on('unbind', (pdu: Pdu) => {
      session.send(pdu.response());
      session.close();
    });
    session.on('close', () => {
      stopBindTimer();
      lost(session);
    });
  }

  function bind(session: Session, stopBindTimer: Stop): void {
    const request = {
      system_id: options.systemId,
      password: options.password,
      interface_version: VERSION_3_4,
    };
    session.bind_transceiver(request, (answer) => {
      stopBindTimer();
      if (answer.command_status !== 0) {
        log.event(events.smppBindRefused, { host, port, status: answer.command_status });
        session.destroy();
        return;
      }
      bound = session;
      backoffMs = FIRST_BACKOFF_MS;
      log.event(events.smppBound, { host, port });
      options.onUp();
    });
  }

  function lost(session: Session): void {
    if (current !== session) return;
    current = undefined;
    stopEnquireTimer?.();
    const wasBound = bound === session;
    bound = undefined;
    if (!isClosed) {
      log.event(events.smppLost, { host, port, unanswered: options.unanswered(), nextTryMs: backoffMs });
      stopRetry = clock.after('smpp-reconnect', backoffMs, connect);
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
    }
    if (wasBound) options.onLost();
  }

  const stopEnquire = clock.every('smpp-enquire', ENQUIRE_EVERY_MS, () => {
    const session = bound;
    if (session === undefined) return;
    const stopTimer = clock.after('smpp-enquire-answer', ENQUIRE_TIMEOUT_MS, () => session.destroy());
    stopEnquireTimer = stopTimer;
    session.enquire_link({}, stopTimer);
  });

  connect();
  return {
    session: () => bound,
    async close() {
      isClosed = true;
      stopEnquire();
      stopRetry?.();
      const session = current;
      if (session === undefined) return;
      const gone = new Promise((resolve) => session.socket.once('close', resolve));
      if (bound === session && session.unbind({}, () => session.close())) {
        session.socket.setTimeout(UNBIND_TIMEOUT_MS, () => session.destroy());
      } else {
        session.destroy();
      }
      await gone;
    },
  };
}

/** How long a closing link waits for the answer to its unbind. */
const UNBIND_TIMEOUT_MS = 1_000;
