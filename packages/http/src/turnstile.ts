// Kept connections take turns. libuv reads up to 1,024 ready sockets at a time and, when there were that many, looks for more
// before anything else: timers, the database, new connections. A thousand clients that each send their next request as soon
// as they have an answer keep a process reading for seconds, while nothing it has read is ever written. So, where there are
// many, a connection that was answered is not read again before the next turn of the loop, nor all of them in one turn.
import type { Socket } from 'node:net';

export interface Turnstile {
  /** A connection is there, on whichever listener; it is over. */
  arrived(): void;
  left(): void;
  /** Its request and the answer are over: where many are, it is read again in one of the next turns; held, when it is not. */
  rest(socket: Socket): void;
  /** From its next rest on it is not read before `untilMs`. */
  hold(socket: Socket, untilMs: number): void;
  readonly held: number;
  /** Lets go whose time has come; all of them when no time is given. */
  release(nowMs?: number): void;
}

/** So many cannot keep the event loop reading: libuv goes on to other work after less than 1,024 of them. */
const crowd = 900;
/** Small, since new connections are taken between turns only, a few each time: with 512 of 6,000 some were never let in. */
const readATurn = 64;

export function turnstile(): Turnstile {
  let resting: Socket[] = [];
  const held = new Map<Socket, number>();
  let isArmed = false;
  let count = 0;

  function turn(): void {
    isArmed = false;
    const due = resting;
    resting = due.length > readATurn ? due.slice(readATurn) : [];
    for (const socket of due.slice(0, readATurn)) socket.resume();
    if (resting.length > 0) arm();
  }
  function arm(): void {
    if (isArmed) return;
    isArmed = true;
    setImmediate(turn);
  }
  return {
    arrived() {
      count += 1;
    },
    left() {
      count -= 1;
    },
    rest(socket) {
      const isHeld = held.has(socket);
      if (!isHeld && count <= crowd) return;
      socket.pause();
      if (isHeld) return;
      resting.push(socket);
      arm();
    },
    hold(socket, untilMs) {
      held.set(socket, untilMs);
    },
    get held() {
      return held.size;
    },
    release(nowMs = Infinity) {
      for (const [socket, untilMs] of held) {
        if (untilMs > nowMs) continue;
        held.delete(socket);
        // In turns as well: thousands at once would be read in one.
        if (!socket.destroyed) resting.push(socket);
      }
      if (resting.length > 0) arm();
    },
  };
}
