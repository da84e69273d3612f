// What every way of reaching people looks like to its callers. "We do not know" is neither yes nor no: only a person may
// decide to send an unknown message again.
import type { Wording } from '@tongche/messages';

/** The gateway took the whole text. One id per part it was cut into; receipts name these ids. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly gatewayIds: readonly string[];
}

/**
 * Whose fault a refusal is. `provider`: down, out of quota, template not approved: another provider may be asked at once.
 * `message`: this number or this text: another provider is no way round it.
 */
export type Fault = 'message' | 'provider';

/** The gateway certainly did not take it. `retry`: the same message may go later without harm. */
export interface Refused {
  readonly kind: 'refused';
  readonly reason: string;
  readonly fault: Fault;
  readonly retry: boolean;
  /** Where the provider's rule says when. */
  readonly retryInMs?: number;
}

/** It may or may not have been taken: the connection broke, or no answer came in time. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly reason: string;
}

/** Not given to the provider yet: our own rate limit says when. Costs no attempt. */
export interface Postponed {
  readonly kind: 'postponed';
  readonly reason: string;
  readonly retryInMs: number;
}

export type SendOutcome = Accepted | Refused | Unknown | Postponed;

export interface OutgoingMessage {
  /** Chosen by the caller; providers carry it along, so that a receipt may name it. */
  readonly id: string;
  /** As its channel has it: E.164 digits without a plus sign, a mail address, an openid. */
  readonly to: string;
  readonly wording: Wording;
}

export type ReceiptState = 'delivered' | 'failed' | 'unknown';

/** The final word of the network on one part. `reason` is the network's status, never a text. */
export interface Receipt {
  readonly gatewayId: string;
  /** The id given with the message, where the provider carries it. */
  readonly messageId?: string;
  readonly state: ReceiptState;
  readonly reason: string;
}

/** Resolves when the receipt is stored; a rejection makes the gateway deliver it again later. */
export type ReceiptHandler = (receipt: Receipt) => Promise<void>;

/** What was accepted earlier and still waits for a receipt. */
export interface Awaited {
  readonly gatewayId: string;
  readonly to: string;
  readonly acceptedMs: number;
}

export interface MessageGateway {
  /** Never rejects for anything the network does. */
  send(message: OutgoingMessage): Promise<SendOutcome>;
  /** One handler; set it in the same turn the gateway is made, before a receipt can arrive. */
  onReceipt(handler: ReceiptHandler): void;
  /** For gateways that must ask for each receipt: what an earlier process was still waiting for. */
  awaitReceipts?(messages: readonly Awaited[]): void;
  connected(): boolean;
  /** How many messages given now would leave at once. */
  room(): number;
  /** Called when there may be room again. One handler. */
  onRoom(handler: () => void): void;
  /** Lets what was submitted be answered (for a few seconds), refuses the rest, disconnects. */
  close(): Promise<void>;
}

export function refusedMessage(reason: string): Refused {
  return { kind: 'refused', reason, fault: 'message', retry: false };
}

export function providerDown(reason: string): Refused {
  return { kind: 'refused', reason, fault: 'provider', retry: true };
}

/** The provider will not send this wording at all, however often it is asked. */
export function providerCannot(reason: string): Refused {
  return { kind: 'refused', reason, fault: 'provider', retry: false };
}

export const E164_DIGITS = /^[1-9][0-9]{5,14}$/;
