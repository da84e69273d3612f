// What every way of reaching people looks like to its callers. Three outcomes, because "we do not
// know" is neither yes nor no: only a person may decide to send an unknown message again.

/** The gateway took the whole text. One id per part it was cut into; receipts name these ids. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly gatewayIds: readonly string[];
}

/** The gateway certainly did not take it. `retry`: the same message may go later without harm. */
export interface Refused {
  readonly kind: 'refused';
  readonly reason: string;
  readonly retry: boolean;
}

/** It may or may not have been taken: the connection broke, or no answer came in time. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly reason: string;
}

export type SendOutcome = Accepted | Refused | Unknown;

export interface OutgoingMessage {
  readonly id: string;
  /** E.164 digits, no plus sign. */
  readonly to: string;
  readonly text: string;
}

export type ReceiptState = 'delivered' | 'failed' | 'unknown';

/** The final word of the network on one part. `reason` is the network's status, never a text. */
export interface Receipt {
  readonly gatewayId: string;
  readonly state: ReceiptState;
  readonly reason: string;
}

/** Resolves when the receipt is stored; a rejection makes the gateway deliver it again later. */
export type ReceiptHandler = (receipt: Receipt) => Promise<void>;

export interface MessageGateway {
  /** Never rejects for anything the network does. */
  send(message: OutgoingMessage): Promise<SendOutcome>;
  /** One handler; set it in the same turn the gateway is made, before a receipt can arrive. */
  onReceipt(handler: ReceiptHandler): void;
  connected(): boolean;
  /** How many messages given now would leave at once. */
  room(): number;
  /** Called when there may be room again. One handler. */
  onRoom(handler: () => void): void;
  /** Lets what was submitted be answered (for a few seconds), refuses the rest, disconnects. */
  close(): Promise<void>;
}
