// What one process changes, the others hear: through LISTEN, in the order of the commits, each message acted on before the
// next. When the connection was lost, everything derived is read again: what was said meanwhile is gone.
import { setTimeout as wait } from 'node:timers/promises';
import type { Database, Queryable } from '@tongche/postgres';
import type { Log, Random } from '@tongche/runtime';
import { toBase64Url } from '@tongche/protocol';
import { events } from '../events.ts';
import { sayNews } from '../store/peers.ts';
import type { Boarding } from './boarding.ts';
import { CHANNEL, parseMessage } from './messages.ts';
import type { Heard, News } from './messages.ts';
import { ownCommits } from './own.ts';
import type { Sending } from './own.ts';

/** Says something within a transaction; resolves with its number. */
export type Tell = (news: News) => Promise<number>;

/** What is done about what others say. */
export interface Listener {
  rides(rides: readonly Boarding[], xid: number): void;
  /** What follows waits for it. */
  news(news: News, xid: number): Promise<void> | void;
  /** Reads everything derived again. */
  lost(): Promise<void>;
}

export interface PeerNews {
  /** Names this process among the others, for as long as it runs. */
  readonly origin: string;
  /** A transaction that tells the others; heard when it is committed, and only then. */
  tx<T>(name: string, fn: (tx: Queryable, tell: Tell) => Promise<T>): Promise<T>;
  /** For statements that say it themselves. */
  begin(): Sending;
  /** From now on `listener` acts on what is heard; what came since the opening first. */
  start(listener: Listener): void;
  close(): Promise<void>;
}

const originBytes = 6;
/** 80 MB at most; a process that far behind is better off reading everything. */
const maxWaiting = 10_000;
const lostPauseMs = 200;
const longestLostPauseMs = 5_000;

/** Listens from now on: whatever is read after this, later changes of it are heard. */
export async function openNews(
  db: Database,
  { log, random }: { readonly log: Log; readonly random: Random },
): Promise<PeerNews> {
  const origin = toBase64Url(Uint8Array.from(random(originBytes)));
  const own = ownCommits();
  let listener: Listener | undefined;
  let inbox: Heard[] = [];
  let working: Promise<void> | undefined;
  const state = { isLost: false, closed: false };
  const closing = new AbortController();

  /** Until then, or until we close: nobody waits for a pause when the process is to end. */
  async function pause(ms: number): Promise<void> {
    await wait(ms, undefined, { ref: false, signal: closing.signal }).catch(() => {});
  }

  /** Undefined when it is done already. */
  function act({ xid, what }: Heard): Promise<void> | undefined {
    if (what.kind === 'news') return Promise.resolve(listener?.news(what.news, xid));
    listener?.rides(what.rides, xid);
    return undefined;
  }

  async function reread(): Promise<void> {
    for (let tried = 0; state.isLost && !state.closed; tried += 1) {
      state.isLost = false;
      // What was said before is in what is read now.
      inbox = [];
      try {
        await listener?.lost();
      } catch (error) {
        state.isLost = true;
        log.fault('platform.peers', error);
        await pause(Math.min(lostPauseMs * 2 ** tried, longestLostPauseMs));
      }
    }
  }

  async function work(): Promise<void> {
    for (;;) {
      if (state.isLost) await reread();
      const next = inbox.shift();
      if (next === undefined || state.closed) return;
      try {
        await act(next);
      } catch (error) {
        log.fault('platform.peers', error);
        state.isLost = true;
      }
    }
  }

  function begin(): void {
    if (working !== undefined || listener === undefined) return;
    working = work().finally(() => {
      working = undefined;
      if (!state.closed && (state.isLost || inbox.length > 0)) begin();
    });
  }

  function take(heard: Heard): void {
    // Rides find nothing in their way nearly always: they are shown in this very turn.
    if (heard.what.kind === 'rides' && working === undefined && listener !== undefined) {
      listener.rides(heard.what.rides, heard.xid);
      return;
    }
    inbox.push(heard);
    if (inbox.length > maxWaiting) loseAll();
    else begin();
  }

  function loseAll(): void {
    state.isLost = true;
    begin();
  }

  const stop = await db.listen(
    CHANNEL,
    (payload) => {
      const heard = parseMessage(payload);
      if (heard === undefined) return;
      if (heard.origin === origin) own.heard(heard.xid, () => take(heard));
      else take(heard);
    },
    {
      onReconnect() {
        log.event(events.peersLost, {});
        loseAll();
      },
    },
  );

  return {
    origin,
    begin: () => own.begin(),
    async tx(name, fn) {
      const sending = own.begin();
      let xid: number | undefined;
      try {
        const value = await db.tx(name, async (tx) => {
          xid = undefined;
          return fn(tx, async (news) => (xid = await sayNews(tx, origin, news)));
        });
        sending.done(xid);
        return value;
      } catch (error) {
        sending.done(undefined);
        throw error;
      }
    },
    start(given) {
      listener = given;
      begin();
    },
    async close() {
      state.closed = true;
      closing.abort();
      await stop();
      await working;
    },
  };
}
