// One stream of case events from the vault, handed on to every signed-in browser. Events name cases, never people.
import type { InternalClient, Sse } from '@tongche/http';
import type { Clock, Log } from '@tongche/runtime';
import { events } from './events.ts';

const retryMs = 2_000;
/** Consoles of one authority open at a time; far above a whole night shift. */
export const maxWatchers = 500;

export interface EventRelay {
  add(stream: Sse): void;
  remove(stream: Sse): void;
  readonly size: number;
  close(): void;
}

/** Splits a server-sent event stream into its events; a half-received one waits for its rest. */
export function parseEvents(text: string): {
  readonly events: readonly { event: string; data: unknown }[];
  readonly rest: string;
} {
  const blocks = text.split('\n\n');
  const rest = blocks.pop() ?? '';
  const found: { event: string; data: unknown }[] = [];
  for (const block of blocks) {
    let event = 'message';
    let data = '';
    for (const line of block.split('\n')) {
      if (line.startsWith('event: ')) event = line.slice('event: '.length);
      if (line.startsWith('data: ')) data += line.slice('data: '.length);
    }
    if (data !== '') found.push({ event, data: JSON.parse(data) as unknown });
  }
  return { events: found, rest };
}

export function openEventRelay(vault: InternalClient, clock: Clock, log: Log): EventRelay {
  const watchers = new Set<Sse>();
  let closed = false;
  let attempt = 0;

  async function follow(): Promise<void> {
    if (closed) return;
    try {
      const decoder = new TextDecoder();
      let rest = '';
      for await (const piece of await vault.stream('/events')) {
        attempt = 0;
        const parsed = parseEvents(rest + decoder.decode(piece, { stream: true }));
        rest = parsed.rest;
        for (const { event, data } of parsed.events) for (const watcher of watchers) watcher.send({ event, data });
      }
    } catch {
      // The vault restarts on its own; the next attempt says whether it is back.
    }
    if (closed) return;
    attempt += 1;
    log.event(events.vaultStreamLost, { attempt });
    clock.after('casework.follow-vault', retryMs, follow);
  }
  void follow();
  return {
    add: (stream) => void watchers.add(stream),
    remove: (stream) => void watchers.delete(stream),
    get size() {
      return watchers.size;
    },
    close() {
      closed = true;
      watchers.clear();
    },
  };
}
