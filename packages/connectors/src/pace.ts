// Who may submit next: a window of unanswered messages, a rate, and a pause after the gateway said
// "too fast". Knows nothing of SMPP.
import type { Clock, Stop } from '@tongche/runtime';

/** A caller that queues more than this should use its own durable queue. */
const MAX_WAITING = 10_000;

export type Turn = 'go' | 'timeout' | 'busy' | 'closed';

export interface PaceOptions {
  readonly clock: Clock;
  readonly windowSize: number;
  /** No limit when absent. */
  readonly throughputPerS?: number;
  /** There is room again, after `room` had said there is none. */
  readonly onRoom: () => void;
}

export interface Pace {
  /**
   * Resolves with "go" when it is this caller's turn; then `done` must follow exactly once. `begun`: goes before all
   * that have not begun, so that the parts of few texts are on the way at a time and their references stay apart.
   */
  turn(maxWaitMs: number, begun: boolean): Promise<Turn>;
  done(): void;
  open(): void;
  shut(): void;
  /** Stops all turns for a while; false when a pause already runs, which then stays as it is. */
  pause(ms: number): boolean;
  /** How many turns asked for now would come at once. */
  room(): number;
  unanswered(): number;
  close(): void;
}

interface Waiter {
  readonly resolve: (turn: Turn) => void;
  readonly stopTimer: Stop;
}

export function createPace({ clock, windowSize, throughputPerS, onRoom }: PaceOptions): Pace {
  const intervalMs = throughputPerS === undefined ? 0 : 1000 / throughputPerS;
  const begunWaiting = new Set<Waiter>();
  const waiting = new Set<Waiter>();
  let isOpen = false;
  let isClosed = false;
  let unanswered = 0;
  let pausedUntilMs = 0;
  /** Generic cell rate algorithm: when the next message would be due at an exactly even rate. */
  let dueMs = 0;
  let stopWake: Stop | undefined;
  let stopRoomWake: Stop | undefined;

  function waitMs(): number {
    const now = clock.now();
    return Math.max(pausedUntilMs, dueMs - (windowSize - 1) * intervalMs) - now;
  }

  function room(): number {
    const free = windowSize - unanswered - waiting.size - begunWaiting.size;
    if (!isOpen || isClosed || free <= 0) return 0;
    const wait = waitMs();
    if (wait > 0) {
      stopRoomWake?.();
      stopRoomWake = clock.after('smpp-room', Math.ceil(wait), onRoom);
      return 0;
    }
    return intervalMs === 0 ? free : Math.min(free, Math.floor(-wait / intervalMs) + 1);
  }

  function settle(waiter: Waiter, turn: Turn): void {
    if (!begunWaiting.delete(waiter) && !waiting.delete(waiter)) return;
    waiter.stopTimer();
    waiter.resolve(turn);
  }

  function pump(): void {
    stopWake?.();
    stopWake = undefined;
    for (const waiter of [...begunWaiting, ...waiting.values().take(windowSize)]) {
      if (!isOpen || unanswered >= windowSize) return;
      const wait = waitMs();
      if (wait > 0) {
        stopWake = clock.after('smpp-pace', Math.ceil(wait), pump);
        return;
      }
      unanswered += 1;
      dueMs = Math.max(dueMs, clock.now()) + intervalMs;
      settle(waiter, 'go');
    }
  }

  return {
    turn(maxWaitMs, begun) {
      if (isClosed) return Promise.resolve('closed');
      if (waiting.size >= MAX_WAITING) return Promise.resolve('busy');
      return new Promise((resolve) => {
        const stopTimer = clock.after('smpp-turn', maxWaitMs, () => settle(waiter, 'timeout'));
        const waiter: Waiter = { resolve, stopTimer };
        (begun ? begunWaiting : waiting).add(waiter);
        pump();
      });
    },
    done() {
      unanswered -= 1;
      pump();
    },
    open() {
      isOpen = true;
      pump();
    },
    shut() {
      isOpen = false;
    },
    pause(ms) {
      if (pausedUntilMs > clock.now()) return false;
      pausedUntilMs = clock.now() + ms;
      return true;
    },
    room,
    unanswered: () => unanswered,
    close() {
      isClosed = true;
      stopWake?.();
      stopRoomWake?.();
      for (const waiter of [...begunWaiting, ...waiting]) settle(waiter, 'closed');
    },
  };
}
