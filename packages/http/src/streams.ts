// The event streams of a server: one timer keeps all of them from being taken for dead, group by group, so that
// thousands of streams are not written to in one turn.
import type { Clock, Stop } from '@tongche/runtime';

export interface OpenStream {
  /** Says something when nothing was said since the last beat. */
  beat(): void;
  close(): void;
}

export interface Streams {
  readonly size: number;
  add(stream: OpenStream): void;
  delete(stream: OpenStream): void;
  /** Ends all of them. */
  close(): void;
}

/** Proxies close what is silent for a minute. A stream that spoke just before its beat is silent for two rounds at most. */
const roundMs = 15_000;
/** 10,000 streams: some 2,000 writes in a turn, a few milliseconds. */
const groups = 5;

export function openStreams(clock: Clock): Streams {
  const members = Array.from({ length: groups }, () => new Set<OpenStream>());
  let size = 0;
  let turn = 0;
  let stopBeat: Stop | undefined;

  function beat(): void {
    turn = (turn + 1) % groups;
    for (const stream of members[turn] ?? []) stream.beat();
  }

  return {
    get size() {
      return size;
    },
    add(stream) {
      const smallest = members.reduce((least, group) => (group.size < least.size ? group : least));
      smallest.add(stream);
      size += 1;
      stopBeat ??= clock.every('http.sse-heartbeat', roundMs / groups, beat);
    },
    delete(stream) {
      if (!members.some((group) => group.delete(stream))) return;
      size -= 1;
      if (size > 0) return;
      stopBeat?.();
      stopBeat = undefined;
    },
    close() {
      for (const group of members) for (const stream of group) stream.close();
    },
  };
}
