// A process hears its own commits too. Those it was answered for it has acted on already; one whose answer was lost on the
// way it would never act on otherwise. Each is acted on once, whichever comes first.

/** A statement or transaction on its way. */
export interface Sending {
  /** With the transaction's number when it is known to be committed and was acted on; without one when it failed. */
  done(xid: number | undefined): void;
}

export interface OwnCommits {
  begin(): Sending;
  /** `act` runs now, later, or never when the answer came or comes. */
  heard(xid: number, act: () => void): void;
}

/** Echoes come within moments: far more than are under way at once. */
const maxAnswered = 10_000;

interface Held {
  readonly xid: number;
  readonly act: () => void;
  /** What was under way when it was heard: one of these may be its answer. */
  readonly waiting: Set<Sending>;
}

export function ownCommits(): OwnCommits {
  const underWay = new Set<Sending>();
  const answered = new Set<number>();
  let held: Held[] = [];

  function settle(sending: Sending, xid: number | undefined): void {
    if (!underWay.delete(sending)) return;
    if (xid !== undefined) {
      answered.add(xid);
      for (const oldest of answered) {
        if (answered.size <= maxAnswered) break;
        answered.delete(oldest);
      }
    }
    if (held.length === 0) return;
    const orphans: Held[] = [];
    held = held.filter((one) => {
      if (one.xid === xid) return false;
      one.waiting.delete(sending);
      if (one.waiting.size > 0) return true;
      orphans.push(one);
      return false;
    });
    for (const { act } of orphans) act();
  }

  return {
    begin() {
      const sending: Sending = { done: (xid) => settle(sending, xid) };
      underWay.add(sending);
      return sending;
    },
    heard(xid, act) {
      if (answered.has(xid)) return;
      if (underWay.size === 0) act();
      else held.push({ xid, act, waiting: new Set(underWay) });
    },
  };
}
