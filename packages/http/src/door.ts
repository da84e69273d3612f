// Who stands at a listener: at most so many connections, and none that only stands there. Phones that say nothing, or
// say it one byte at a time, make room for others when the house is full; who then finds no room is let go at once,
// which costs a quarter of answering. A phone that is let go keeps its ride and comes again.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { lineup } from './lineup.ts';
import type { Place } from './lineup.ts';
import type { Turnstile } from './turnstile.ts';

export interface DoorLimits {
  /** Each is some 12 KB, and 5 KB more while a request is worked on. */
  readonly maxConnections: number;
  /** Time in which nobody is taken for silent: longer than a turn of the event loop under load. */
  readonly graceMs: number;
}

export interface DoorOptions extends DoorLimits {
  /** Longest time a request's body may take; undefined: as the server's own limit. */
  readonly bodyMs: (request: IncomingMessage) => number | undefined;
  readonly turns: Turnstile;
  /** Milliseconds of a steady clock. */
  readonly steadyMs: () => number;
}

export interface Door {
  /** A request has begun: its head is here, its body maybe not. */
  begun(request: IncomingMessage, response: ServerResponse): void;
  /** Cuts requests whose body takes too long. To be called now and then. */
  sweep(): void;
  readonly open: number;
  /** Closed for having said nothing, or too little, while others waited; and for slow bodies. */
  readonly silenced: number;
  /** Let go without a word, the house being full of people who were served. */
  readonly dropped: number;
}

/** A connection that waits for the other side, and what for. */
interface Visitor {
  readonly socket: Socket;
  sinceMs: number;
  request: IncomingMessage | undefined;
  /** Its body is asked for no more: the request has been answered. */
  isUnwanted: boolean;
}

/** What is left of a body that was refused is read for so long, that the refusal is heard and the connection may be kept. */
const unwantedMs = 2_000;
/** Below the limit by this much room is made, so that the kernel's next ones find some. */
const roomMade = 16;

/** `isTls`: connections count from their handshake on; the handshake has a limit of its own. */
export function door(server: Server, isTls: boolean, options: DoorOptions): Door {
  const { maxConnections, graceMs, bodyMs, turns, steadyMs } = options;
  const visitors = new Map<Socket, Place<Visitor>>();
  /** Those that wait, the longest first. */
  const waiting = lineup<Visitor>();
  let [silenced, dropped] = [0, 0];

  function wait(socket: Socket, request?: IncomingMessage, isUnwanted = false): void {
    const place = visitors.get(socket);
    if (place === undefined) return;
    Object.assign(place.value, { sinceMs: steadyMs(), request, isUnwanted });
    waiting.moveLast(place);
  }

  function silence(place: Place<Visitor>): void {
    waiting.leave(place);
    silenced += 1;
    place.value.socket.destroy();
  }

  function makeRoom(): void {
    const nowMs = steadyMs();
    for (const place of waiting.values()) {
      const { sinceMs, request } = place.value;
      // Its request is here: whoever waits now is that client, for us.
      if (request?.complete === true) waiting.leave(place);
      else if (nowMs - sinceMs < graceMs) return;
      else return silence(place);
    }
  }

  server.maxConnections = maxConnections;
  server.on('drop', () => {
    dropped += 1;
  });
  server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    const place = waiting.enter({ socket, sinceMs: steadyMs(), request: undefined, isUnwanted: false });
    visitors.set(socket, place);
    turns.arrived();
    socket.once('close', () => {
      visitors.delete(socket);
      turns.left();
      waiting.leave(place);
      place.value.request = undefined;
    });
    if (visitors.size > maxConnections - roomMade) makeRoom();
  });

  function settled(this: IncomingMessage): void {
    const { socket } = this;
    if (socket.destroyed) return;
    wait(socket);
    turns.rest(socket);
  }
  function answered(this: ServerResponse): void {
    if (!this.shouldKeepAlive) return;
    const { req } = this;
    if (req.closed) return settled.call(req);
    // The rest of a body nobody wanted is still read, and Node reads on for it: not before that is over.
    req.once('close', settled);
    if (!req.complete && !req.socket.destroyed) wait(req.socket, req, true);
  }

  return {
    begun(request, response) {
      wait(request.socket, request);
      response.on('close', answered);
    },
    sweep() {
      const nowMs = steadyMs();
      for (const place of waiting.values()) {
        const { sinceMs, request, isUnwanted } = place.value;
        if (request === undefined || request.complete) continue;
        const limitMs = isUnwanted ? unwantedMs : bodyMs(request);
        if (limitMs !== undefined && nowMs - sinceMs > limitMs) silence(place);
      }
    },
    get open() {
      return visitors.size;
    },
    get silenced() {
      return silenced;
    },
    get dropped() {
      return dropped;
    },
  };
}
