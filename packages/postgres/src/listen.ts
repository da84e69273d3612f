// LISTEN on a connection of its own that is opened again when it is lost, on whichever server is the primary then.
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '@tongche/runtime';
import { Client } from 'pg';
import { events } from './events.ts';
import type { HostPool } from './host-pool.ts';
import type { Servers } from './servers.ts';

export interface ListenOptions {
  /** Called after the connection was lost and is there again: notifications in between are gone. */
  readonly onReconnect?: () => void;
  /** How often the server is asked whether it is there, and how long it may take. Default 15 s and 10 s. */
  readonly askEveryMs?: number;
  readonly answerWithinMs?: number;
}

interface Listening {
  readonly name: string;
  readonly log: Log;
  readonly servers: Servers;
  readonly channel: string;
  readonly fn: (payload: string) => void;
}

const relistenPauseMs = 100;
const longestRelistenPauseMs = 5_000;
/** A cable that is pulled is silent, and so is a channel on which nothing is said: the server is asked now and then. */
const defaultAskEveryMs = 15_000;
const defaultAnswerWithinMs = 10_000;

/** Resolves once listening; returns how to stop. */
export async function listenOn(listening: Listening, options: ListenOptions): Promise<() => Promise<void>> {
  const { name, log, servers, channel, fn } = listening;
  const { askEveryMs = defaultAskEveryMs, answerWithinMs = defaultAnswerWithinMs } = options;
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(channel)) throw new RangeError(`channel ${channel}`);
  const statement = `listen "${channel}"`;
  let client: Client | undefined;
  let where: HostPool | undefined;
  const state = { stopped: false };

  /** Calls `onSilence` when the server does not answer on this very connection. Returns the end of asking. */
  function askNowAndThen(asked: Client, onSilence: () => void): () => void {
    let timer: NodeJS.Timeout | undefined;
    function ask(): void {
      timer = setTimeout(onSilence, answerWithinMs).unref();
      // Said twice it changes nothing, and a server that takes no writes any more refuses it.
      asked.query(statement).then(rest, onSilence);
    }
    function rest(): void {
      clearTimeout(timer);
      if (timer !== undefined) timer = setTimeout(ask, askEveryMs).unref();
    }
    timer = setTimeout(ask, askEveryMs).unref();
    return () => {
      clearTimeout(timer);
      timer = undefined;
    };
  }

  async function open(): Promise<void> {
    const server = await servers.current();
    const fresh = new Client({ ...server.settings, keepAlive: true });
    let lost = false;
    const onLoss = (): void => {
      if (lost) return;
      lost = true;
      stopAsking();
      void fresh.end().catch(() => {});
      if (client === fresh && !state.stopped) {
        log.event(events.listenLost, { pool: name, channel });
        void reopen();
      }
    };
    const stopAsking = askNowAndThen(fresh, onLoss);
    fresh.on('error', onLoss);
    fresh.on('end', onLoss);
    fresh.on('notification', ({ payload }) => fn(payload ?? ''));
    try {
      await fresh.connect();
      await fresh.query(statement);
    } catch (error) {
      stopAsking();
      servers.suspect(server);
      void fresh.end().catch(() => {});
      throw error;
    }
    client = fresh;
    where = server;
    // Lost or stopped between the answer and here.
    if (state.stopped) await fresh.end();
    else if (lost) throw new Error('the connection was lost at once');
  }

  async function reopen(): Promise<void> {
    for (let tried = 0; !state.stopped; tried++) {
      await wait(Math.min(relistenPauseMs * 2 ** tried, longestRelistenPauseMs), undefined, { ref: false });
      if (state.stopped) return;
      try {
        await open();
      } catch {
        continue;
      }
      options.onReconnect?.();
      return;
    }
  }

  await open();
  // A server that lost its place may keep the connection open and never say anything on it again.
  const forget = servers.onMoved((server) => {
    if (server !== where) void client?.end().catch(() => {});
  });
  return async () => {
    state.stopped = true;
    forget();
    await client?.end().catch(() => {});
  };
}
