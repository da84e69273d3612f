// Reads one-time codes out of what a message centre received, for the phones of a simulation.

interface Received {
  readonly to: string;
  readonly text: string;
}
export interface OtpInbox {
  /** Give every received message to this. */
  receive(message: Received): void;
  otpFor(digits: string, ask: () => Promise<void>): Promise<string>;
}

/** Codes come within a second; a minute means that the message was lost. */
const waitMs = 60_000;

export function otpInbox(): OtpInbox {
  const waiting = new Map<string, (code: string) => void>();
  return {
    receive({ to, text }) {
      const code = /(?<!\d)(\d{6})(?!\d)/.exec(text)?.[1];
      const take = waiting.get(to);
      if (code === undefined || take === undefined) return;
      waiting.delete(to);
      take(code);
    },
    async otpFor(digits, ask) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const timer = setTimeout(() => reject(new Error('no one-time code arrived')), waitMs);
      waiting.set(digits, resolve);
      try {
        await ask();
        return await promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(digits);
      }
    },
  };
}
