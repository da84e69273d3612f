// One connection that posts rides: raw HTTP/1.1, kept, one request at a time. Cheap, since it shares the machine with what
// it measures; the answer is checked all the same.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { BODY_CHARS } from './rides.ts';

/** 'registered', a code of the error catalogue, NO_TIME, or one of Failure. */
export type Outcome = string;
/** Told to come again, but not when. */
export const NO_TIME = 'no-retry-after';
export type Failure = 'refused' | 'reset' | 'timeout' | 'unreadable' | 'cut';
/** Whether the server may have stored the ride although no answer came. */
export function isUnanswered(outcome: Outcome): boolean {
  return outcome === 'reset' || outcome === 'timeout' || outcome === 'unreadable' || outcome === 'cut';
}

export interface Connection {
  /** Room for the body; to be filled before each send. */
  readonly request: Buffer;
  readonly bodyAt: number;
  readonly isBusy: boolean;
  /** When the running request was sent, by performance.now(). */
  readonly sentMs: number;
  /** Calls `done` once. `cut`: the connection is lost right after sending. */
  send(done: (outcome: Outcome) => void, cut?: boolean): void;
  /** Ends the connection; a running request gets this outcome. */
  drop(outcome: Failure): void;
}

const headEnd = Buffer.from('\r\n\r\n');
const checkField = Buffer.from('"check"');
const lengthField = 'content-length: ';
/** Every so many receipts are parsed wholly; all are held to begin, end and hold what a receipt does. */
const parseEvery = 64;
const receiptFields = ['nowMs', 'boardedMs', 'unit', 'line', 'run', 'no', 'check', 'flags', 'basis'];
const maxAnswerBytes = 64 * 1024;

let receipts = 0;
function isReceipt(bytes: Buffer, from: number, to: number): boolean {
  if (bytes[from] !== 0x7b || bytes[to - 1] !== 0x7d) return false;
  receipts += 1;
  if (receipts % parseEvery !== 0) return bytes.subarray(from, to).includes(checkField);
  const body = JSON.parse(bytes.toString('utf8', from, to)) as Readonly<Record<string, unknown>>;
  return receiptFields.every((field) => field in body);
}

function outcomeOf(status: number, bytes: Buffer, from: number, to: number): Outcome {
  try {
    if (status === 200) return isReceipt(bytes, from, to) ? 'registered' : 'unreadable';
    const body = JSON.parse(bytes.toString('utf8', from, to)) as { readonly error?: { readonly code?: unknown } };
    return typeof body.error?.code === 'string' ? body.error.code : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

interface Answer {
  readonly outcome: Outcome;
  readonly keeps: boolean;
}

/** Undefined while the answer is not complete. */
function answerOf(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return bytes.length > maxAnswerBytes ? { outcome: 'unreadable', keeps: false } : undefined;
  const head = bytes.toString('latin1', 0, end).toLowerCase();
  const at = head.indexOf(lengthField);
  const status = Number(head.slice(9, 12));
  const length = at < 0 ? Number.NaN : Number.parseInt(head.slice(at + lengthField.length, at + 30), 10);
  if (!Number.isInteger(status) || !(length <= maxAnswerBytes)) return { outcome: 'unreadable', keeps: false };
  const to = end + headEnd.length + length;
  if (bytes.length < to) return undefined;
  const told = outcomeOf(status, bytes, end + headEnd.length, to);
  const outcome = told === 'busy' && !/\r\nretry-after: [1-9]/.test(head) ? NO_TIME : told;
  // More than one answer to one request.
  if (bytes.length > to) return { outcome: 'unreadable', keeps: false };
  return { outcome, keeps: !head.includes('\r\nconnection: close') };
}

export interface Where {
  readonly host: string;
  readonly port: number;
}

/** All sockets of the process read into one buffer: each piece is handled before the next is read. */
const shared = Buffer.alloc(maxAnswerBytes);

/** `n` tells connections apart by the address a proxy would name. */
export function openConnection({ host, port }: Where, n: number): Connection {
  const head =
    `POST /v1/rides HTTP/1.1\r\nHost: ${host}:${port}\r\nX-Forwarded-For: 10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}\r\n` +
    `Origin: https://rides.example\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: ${BODY_CHARS}\r\n\r\n`;
  const request = Buffer.alloc(head.length + BODY_CHARS);
  request.write(head, 'latin1');
  let socket: Socket | undefined;
  let pieces: Buffer = Buffer.alloc(0);
  let waiting: ((outcome: Outcome) => void) | undefined;
  let connected = false;
  let sentMs = 0;

  function finish(outcome: Outcome): void {
    const done = waiting;
    waiting = undefined;
    if (pieces.length > 0) pieces = Buffer.alloc(0);
    done?.(outcome);
  }
  function leave(outcome: Outcome): void {
    const old = socket;
    socket = undefined;
    old?.destroy();
    finish(outcome);
  }
  function read(length: number): boolean {
    const piece = shared.subarray(0, length);
    const whole = pieces.length === 0 ? piece : Buffer.concat([pieces, piece]);
    const answer = answerOf(whole);
    if (answer === undefined) pieces = Buffer.from(whole);
    else if (answer.keeps && answer.outcome !== 'unreadable') finish(answer.outcome);
    else leave(answer.outcome);
    return true;
  }
  function dial(): Socket {
    connected = false;
    const fresh = connect({ host, port, noDelay: true, onread: { buffer: shared, callback: read } });
    fresh.once('connect', () => {
      if (socket === fresh) connected = true;
    });
    const lost = (): void => {
      if (socket === fresh) leave(connected ? 'reset' : 'refused');
    };
    fresh.on('error', lost);
    fresh.on('end', lost);
    fresh.on('close', lost);
    return fresh;
  }
  return {
    request,
    bodyAt: head.length,
    get isBusy() {
      return waiting !== undefined;
    },
    get sentMs() {
      return sentMs;
    },
    send(done, cut = false) {
      waiting = done;
      sentMs = performance.now();
      socket ??= dial();
      if (cut) socket.write(request, () => leave('cut'));
      else socket.write(request);
    },
    drop: leave,
  };
}
