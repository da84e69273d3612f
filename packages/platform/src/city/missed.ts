// What changes while days are being read: a reading sees what was committed before it began, and this keeps the rest for it.
export interface HeadChange {
  readonly unitId: string;
  readonly vehicleId: string;
  readonly boardedMs: number;
  /** Negative for those taken off. */
  readonly heads: number;
  /** The transaction that did it. */
  readonly xid: number;
}

export interface Missed {
  note(change: HeadChange): void;
  /** Keeps what is noted from now on, until `done`. */
  begin(): { readonly changes: readonly HeadChange[]; done(): void };
}

export function missedChanges(): Missed {
  const open = new Set<HeadChange[]>();
  return {
    note(change) {
      for (const changes of open) changes.push(change);
    },
    begin() {
      const changes: HeadChange[] = [];
      open.add(changes);
      return { changes, done: () => void open.delete(changes) };
    },
  };
}
