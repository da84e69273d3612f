// What the development sinks received, whichever way it came: in memory only, and only the newest.
import type { Stop } from '@tongche/runtime';
import type { Channel } from '@tongche/messages';

/** What becomes of a message. `early`: the receipt is sent before the answer to the submission (SMPP only). */
export type ReceiptPlan =
  | { readonly state: 'delivered' | 'failed'; readonly delayMs?: number; readonly early?: boolean }
  | 'lost';

export interface SinkMessage {
  /** Counts up from 1. */
  readonly no: number;
  readonly channel: Channel;
  /** Which interface it came through: smpp, tencent, aliyun, smtp, … */
  readonly provider: string;
  /** The account it came under. */
  readonly systemId: string;
  readonly from: string;
  readonly to: string;
  readonly subject?: string;
  /** As the person reads it. */
  readonly text: string;
  readonly parts: number;
  readonly receivedMs: number;
  readonly state: 'accepted' | 'delivered' | 'failed';
}

/** What a page or a test reads. */
export interface SinkFeed {
  /** Oldest first. */
  messages(): readonly SinkMessage[];
  /** Called with every new or changed message. */
  onChange(handler: (message: SinkMessage) => void): Stop;
}

export interface SinkBook extends SinkFeed {
  add(message: Omit<SinkMessage, 'no' | 'state'>): SinkMessage;
  settle(no: number, state: 'delivered' | 'failed'): void;
}

export function createSinkBook(maxMessages: number): SinkBook {
  const messages = new Map<number, SinkMessage>();
  const handlers = new Set<(message: SinkMessage) => void>();
  let lastNo = 0;

  function put(message: SinkMessage): void {
    messages.set(message.no, message);
    const oldest = messages.keys().next().value;
    if (messages.size > maxMessages && oldest !== undefined) messages.delete(oldest);
    for (const handler of handlers) handler(message);
  }

  return {
    messages: () => [...messages.values()],
    onChange(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    add(message) {
      lastNo += 1;
      const added = { ...message, no: lastNo, state: 'accepted' } as const;
      put(added);
      return added;
    },
    settle(no, state) {
      const message = messages.get(no);
      if (message !== undefined) put({ ...message, state });
    },
  };
}

/** Misbehaviour for the next `count` requests that would send something. The first `skip` are served well. */
export function createFaults<Kind>() {
  let fault: { readonly kind: Kind; skip: number; left: number } | undefined;
  return {
    set(kind: Kind, count: number, skip = 0): void {
      fault = { kind, skip, left: count };
    },
    take(): Kind | undefined {
      if (fault === undefined || fault.left === 0) return undefined;
      if (fault.skip > 0) {
        fault.skip -= 1;
        return undefined;
      }
      fault.left -= 1;
      return fault.kind;
    },
  };
}
