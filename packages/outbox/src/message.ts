// The messages of the outbox, as their writer (the vault) and their sender (the notifier) see them.
import type { Channel, Route, Wording } from '@tongche/messages';

/** One approval; more contacts are approved in several steps. */
export const MAX_ENQUEUED = 5_000;
export const MAX_ROUTES = 3;
/** Values of a template's variables, all together; the text holds them again. */
export const MAX_VALUES_CHARS = 1_000;

export interface NewMessage {
  /** UUID chosen by the writer; the same id again is the same message. */
  readonly messageId: string;
  /** Personal. Tried in order, the next only after a definite failure. One to three. */
  readonly routes: readonly Route[];
  /** Personal. */
  readonly wording: Wording;
  readonly urgent: boolean;
  /** Not sent before this moment; at once when absent. */
  readonly notBeforeMs?: number;
}

export type MessageState = 'queued' | 'sending' | 'accepted' | 'delivered' | 'failed' | 'uncertain';

/** What came of one attempt, or what a receipt said of it later. */
export interface Attempt {
  readonly atMs: number;
  readonly channel: Channel;
  /** Absent where nobody was asked. */
  readonly provider?: string;
  readonly outcome: 'accepted' | 'refused' | 'unknown' | 'delivered' | 'undelivered';
  /** A status word, never a text. */
  readonly reason?: string;
}

/** What may be shown of a message: neither address nor text. */
export interface MessageStatus {
  readonly messageId: string;
  readonly state: MessageState;
  /** Of the route that is tried now or was tried last. */
  readonly channel: Channel;
  /** That was asked last. */
  readonly provider?: string;
  readonly attempts: number;
  /** Oldest first. */
  readonly history: readonly Attempt[];
  readonly reason?: string;
  readonly queuedMs: number;
  readonly sendingMs?: number;
  readonly settledMs?: number;
  readonly resentBy?: string;
}

/** A message claimed for sending. */
export interface ClaimedMessage {
  readonly messageId: string;
  readonly channel: Channel;
  readonly address: string;
  readonly wording: Wording;
  /** Attempts before this one, on all routes. */
  readonly attempts: number;
  /** Rounds on this route that ended without a provider taking it. */
  readonly rounds: number;
  /** A provider that refused in this round may take it later. */
  readonly mayRetry: boolean;
  /** Providers that refused in this round. */
  readonly tried: readonly string[];
  readonly hasNextRoute: boolean;
}
