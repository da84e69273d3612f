// The messages of the outbox, as their writer (the vault) and their sender (the notifier) see them.

/** Longest text that still goes out as one joined message of ten parts. */
export const MAX_TEXT_CHARS = 670;
/** One approval; more contacts are approved in several steps. */
export const MAX_ENQUEUED = 5_000;

export interface NewMessage {
  /** UUID chosen by the writer; the same id again is the same message. */
  readonly messageId: string;
  readonly channel: 'sms';
  /** Personal: E.164 digits, no plus sign. */
  readonly address: string;
  /** Personal. */
  readonly text: string;
  readonly urgent: boolean;
  /** Not sent before this moment; at once when absent. */
  readonly notBeforeMs?: number;
}

export type MessageState = 'queued' | 'sending' | 'accepted' | 'delivered' | 'failed' | 'uncertain';

/** What may be shown of a message: neither address nor text. */
export interface MessageStatus {
  readonly messageId: string;
  readonly state: MessageState;
  readonly attempts: number;
  readonly reason?: string;
  readonly queuedMs: number;
  readonly sendingMs?: number;
  readonly settledMs?: number;
  readonly resentBy?: string;
}

/** A message claimed for sending. */
export interface ClaimedMessage {
  readonly messageId: string;
  readonly address: string;
  readonly text: string;
  /** Attempts before this one. */
  readonly attempts: number;
}
