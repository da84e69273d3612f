// A loopback mail server that delivers to nobody: development and tests read from it what a person would have received.
import type { AddressInfo } from 'node:net';

import type { Clock, Log } from '@tongche/runtime';
import { SMTPServer } from 'smtp-server';

import { events } from './events.ts';
import { readMail } from './mail-text.ts';
import { createFaults, createSinkBook } from './sink-book.ts';
import type { SinkBook, SinkFeed } from './sink-book.ts';

const MAX_MAIL_BYTES = 1024 * 1024;

/**
 * `drop-after-data`: kept, then the connection dies unanswered; `silent`: kept, never answered; a number: refused with
 * this code at the end of the data, not kept.
 */
export type SmtpSinkFault = 'drop-after-data' | 'silent' | number;

export interface SmtpSinkOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly credentials: readonly { readonly user: string; readonly password: string }[];
  /** STARTTLS is offered, and demanded before signing in, where there is a certificate. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Answers to recipients that begin so, at RCPT. */
  readonly rules?: readonly { readonly toStartsWith: string; readonly code: number }[];
  readonly maxMessages: number;
  /** Shared with other sinks; `maxMessages` is then its own. */
  readonly book?: SinkBook;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SmtpSink extends SinkFeed {
  readonly port: number;
  /** Whole mails as they came, oldest first. */
  raw(): readonly string[];
  fault(kind: SmtpSinkFault, count: number, skip?: number): void;
  close(): Promise<void>;
}

function refusal(code: number): Error {
  return Object.assign(new Error('refused by the sink'), { responseCode: code });
}

/** Rejects when the port is taken. */
export async function smtpSink(options: SmtpSinkOptions): Promise<SmtpSink> {
  const { clock, maxMessages } = options;
  const book = options.book ?? createSinkBook(maxMessages);
  const faults = createFaults<SmtpSinkFault>();
  const mails: string[] = [];

  function keep(mail: string, from: string, to: string, user: string): void {
    mails.push(mail);
    if (mails.length > maxMessages) mails.shift();
    const { subject, text } = readMail(mail);
    const message = { channel: 'mail', provider: 'smtp', systemId: user, from, to, subject, text } as const;
    book.add({ ...message, parts: 1, receivedMs: clock.now() });
  }

  const server = new SMTPServer({
    ...(options.tls === undefined ? { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] } : options.tls),
    authOptional: options.credentials.length === 0,
    allowInsecureAuth: options.tls === undefined,
    size: MAX_MAIL_BYTES,
    closeTimeout: 100,
    logger: false,
    onAuth(auth, _session, done) {
      const known = options.credentials.some(
        ({ user, password }) => user === auth.username && password === auth.password,
      );
      done(known ? null : refusal(535), known ? { user: auth.username } : undefined);
    },
    onRcptTo({ address }, _session, done) {
      const rule = options.rules?.find(({ toStartsWith }) => address.startsWith(toStartsWith));
      done(rule === undefined ? null : refusal(rule.code));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const fault = faults.take();
        if (typeof fault === 'number') {
          done(refusal(fault));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        for (const { address } of rcptTo)
          keep(Buffer.concat(chunks).toString('utf8'), from, address, String(session.user ?? ''));
        if (fault === 'drop-after-data') drop();
        else if (fault !== 'silent') done();
      });
    },
  });
  server.on('error', () => {});

  function drop(): void {
    for (const connection of server.connections) connection.close();
  }

  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  options.log.event(events.sinkStarted, { port });
  return {
    port,
    messages: () => book.messages(),
    onChange: (handler) => book.onChange(handler),
    raw: () => [...mails],
    fault: (kind, count, skip) => faults.set(kind, count, skip),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
