// Sends mail by SMTP, one connection a message. The rule everything here serves: once the message's bytes were asked for
// and no final answer came, the outcome is unknown. Bounces that come back later as mail are not read: an accepted
// mail has no receipt, and is shown as uncertain when its time is over.
import { systemClock } from '@tongche/runtime';
import type { Clock, Log } from '@tongche/runtime';
import type Connection from 'nodemailer/lib/smtp-connection';
import { Readable } from 'node:stream';

import { providerCannot, providerDown, refusedMessage } from './gateway.ts';
import type { MessageGateway, OutgoingMessage, SendOutcome } from './gateway.ts';
import { createInFlight } from './in-flight.ts';

/** RFC 5321 4.5.3.1 allows more; a longer address is a typing error. */
const MAX_ADDRESS_CHARS = 200;
/** Plain ASCII addresses without quotes, comments or white space: nothing in them can end a header or a command. */
const MAIL_ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/;
const MAX_SUBJECT_CHARS = 150;

export type SmtpTls = 'implicit' | 'starttls' | 'none';

export interface SmtpGatewayOptions {
  readonly host: string;
  readonly port: number;
  /** `implicit` and `starttls` refuse to go on without encryption; `none` is for a sink on this machine. */
  readonly tls: SmtpTls;
  /** Certificates to trust in place of the system's, PEM. */
  readonly ca?: string;
  readonly user?: string;
  readonly password?: string;
  /** Mail address of the sender; its domain also ends the message ids. */
  readonly from: string;
  readonly fromName: string;
  /** Where a wording has no subject of its own. */
  readonly subject: string;
  readonly windowSize: number;
  readonly answerWaitMs: number;
  readonly wireClock?: Clock;
  readonly log: Log;
}

interface SmtpError {
  readonly code?: string;
  readonly responseCode?: number;
  readonly command?: string;
}

export function isMailAddress(text: string): boolean {
  return text.length <= MAX_ADDRESS_CHARS && MAIL_ADDRESS.test(text);
}

/** A header's text on one line: control characters could begin another header. */
function oneLine(text: string, maxChars: number): string {
  return Array.from(text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' '))
    .slice(0, maxChars)
    .join('')
    .trim();
}

export async function smtpGateway(options: SmtpGatewayOptions): Promise<MessageGateway> {
  const wireClock = options.wireClock ?? systemClock((error, job) => options.log.fault(job, error));
  const [{ default: SmtpConnection }, { default: MailComposer }] = await Promise.all([
    import('nodemailer/lib/smtp-connection'),
    import('nodemailer/lib/mail-composer'),
  ]);
  const inFlight = createInFlight(options.windowSize, wireClock);
  const domain = options.from.slice(options.from.indexOf('@') + 1);

  function connection(): Connection {
    return new SmtpConnection({
      host: options.host,
      port: options.port,
      secure: options.tls === 'implicit',
      requireTLS: options.tls === 'starttls',
      ignoreTLS: options.tls === 'none',
      tls: { ...(options.ca === undefined ? {} : { ca: options.ca }), minVersion: 'TLSv1.2' },
      connectionTimeout: options.answerWaitMs,
      greetingTimeout: options.answerWaitMs,
      socketTimeout: options.answerWaitMs,
      name: domain,
    });
  }

  /** The same id for the same message at every attempt, so that mail systems may drop a second copy. */
  function messageIdOf(id: string): string {
    return `<${id.replaceAll(/[^\w.-]/g, '')}@${domain}>`;
  }

  async function bytesOf({ id, to, wording }: OutgoingMessage): Promise<Buffer> {
    const mail = new MailComposer({
      from: { name: oneLine(options.fromName, MAX_SUBJECT_CHARS), address: options.from },
      to: { name: '', address: to },
      subject: oneLine(wording.subject ?? options.subject, MAX_SUBJECT_CHARS),
      messageId: messageIdOf(id),
      headers: { 'Auto-Submitted': 'auto-generated' },
      text: wording.text,
      encoding: 'utf-8',
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return mail.compile().build();
  }

  async function sendOne(message: OutgoingMessage): Promise<SendOutcome> {
    if (!isMailAddress(message.to)) return refusedMessage('bad-address');
    if (message.wording.text === '') return refusedMessage('empty-text');
    const bytes = await bytesOf(message);
    let asked = false;
    const body = Readable.from(
      (function* once() {
        asked = true;
        yield bytes;
      })(),
    );
    try {
      await converse(connection(), options, message.to, body);
      return { kind: 'accepted', gatewayIds: [messageIdOf(message.id)] };
    } catch (error) {
      return readFailure(error as SmtpError, asked);
    }
  }

  return {
    send: (message) => inFlight.run(() => sendOne(message)),
    onReceipt: () => {},
    onRoom: (handler) => inFlight.onRoom(handler),
    connected: () => true,
    room: () => inFlight.room(),
    close: () => inFlight.close(),
  };
}

/** Connects, signs in where there is an account, sends, and says goodbye. Rejects with the library's error. */
async function converse(one: Connection, options: SmtpGatewayOptions, to: string, body: Readable): Promise<void> {
  const broken = new Promise<never>((_resolve, reject) => {
    one.once('error', reject);
    one.once('end', () => reject(Object.assign(new Error('ended'), { code: 'ECONNECTION' })));
  });
  // Also when nobody is waiting on it any more.
  broken.catch(() => {});
  function step(start: (done: (error?: Error | null) => void) => void): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      start((error) => (error instanceof Error ? reject(error) : resolve()));
    });
    return Promise.race([done, broken]);
  }
  try {
    await step((done) => one.connect(done));
    const { user, password } = options;
    if (user !== undefined) await step((done) => one.login({ user, pass: password ?? '' }, done));
    await step((done) => one.send({ from: options.from, to: [to] }, body, done));
    one.quit();
  } catch (error) {
    one.close();
    throw error;
  }
}

/** What the server says to recipient and data is about the message; everything before, and 421 (it closes), about us. */
function readFailure({ code, responseCode, command }: SmtpError, asked: boolean): SendOutcome {
  if (responseCode === undefined) {
    if (asked) return { kind: 'unknown', reason: 'connection-lost' };
    return code === 'ETLS' ? providerDown('no-tls') : providerDown('not-connected');
  }
  const reason = `smtp-${responseCode}`;
  const isAboutMessage = responseCode !== 421 && (command === 'RCPT TO' || command === 'DATA');
  if (isAboutMessage) return { kind: 'refused', reason, fault: 'message', retry: responseCode < 500 };
  return command === 'MAIL FROM' && responseCode >= 500 ? providerCannot(reason) : providerDown(reason);
}
