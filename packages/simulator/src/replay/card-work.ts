// Work beside the simulated clock: of many cards at a time, of one card one after another, never far behind the clock.

export interface CardWork {
  /** Begins a card's work, after what that card does already. `sinceMs` is the simulated moment it belongs to. */
  add(card: string, sinceMs: number, work: () => Promise<void>): void;
  /** Resolves when work of these cards, and all that began before a moment, is done. Throws the first fault of any work. */
  wait(cards: ReadonlySet<string>, beforeMs: number): Promise<void>;
  /** Resolves when nothing is under way. Throws the first fault of any work. */
  settle(): Promise<void>;
}

export function workOfCards(): CardWork {
  const underWay = new Map<string, { readonly sinceMs: number; readonly done: Promise<void> }>();
  let fault: { readonly error: unknown } | undefined;

  async function wait(isAwaited: (card: string, sinceMs: number) => boolean): Promise<void> {
    const awaited = [...underWay].filter(([card, { sinceMs }]) => isAwaited(card, sinceMs));
    await Promise.all(awaited.map(([, { done }]) => done));
    if (fault !== undefined) throw fault.error;
  }

  return {
    add(card, sinceMs, work) {
      const before = underWay.get(card);
      const done = (before === undefined ? work() : before.done.then(work))
        .catch((error: unknown) => {
          fault ??= { error };
        })
        .finally(() => {
          if (underWay.get(card)?.done === done) underWay.delete(card);
        });
      // What waits behind an older work is as old as that.
      underWay.set(card, { sinceMs: before?.sinceMs ?? sinceMs, done });
    },
    wait: (cards, beforeMs) => wait((card, sinceMs) => sinceMs < beforeMs || cards.has(card)),
    settle: () => wait(() => true),
  };
}
