// Work that one process does for all: whoever holds its lock. The lock is the session's, so it goes to another process the
// moment its holder's connection ends, however that ended.
import type { Database, Queryable } from '@tongche/postgres';
import { lockInSession, showInSession, tryLockInSession, unlockInSession } from '../store/peers.ts';

export interface Duties {
  /** Runs `work` when no other process runs work of that lock; waits for its turn. */
  alone<T>(lock: number, work: () => Promise<T>): Promise<T>;
  /** The same without waiting: undefined when another process is at it. */
  ifFree<T>(lock: number, work: () => Promise<T>): Promise<T | undefined>;
  /** Whether this process has the duty from now on, which it keeps while its connection holds. */
  isMine(lock: number): Promise<boolean>;
  /** Shows the others a number, as long as this process runs. Resolves with whether all show the same. */
  agree(shown: number): Promise<boolean>;
  close(): void;
}

interface Session {
  readonly queries: Queryable;
  readonly held: Set<number>;
  end(): void;
}

async function released<T>(session: Queryable, lock: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    // A connection that is gone has let go of it.
    await unlockInSession(session, lock).catch(() => undefined);
  }
}

export function openDuties(db: Database): Duties {
  let session: Promise<Session> | undefined;
  let closed = false;
  let agreed: number | undefined;

  async function take({ queries, held }: Session, lock: number): Promise<boolean> {
    // A connection that was lost in silence holds nothing any more.
    if (held.has(lock)) return (await queries.query('select 1')).length === 1;
    if (!(await tryLockInSession(queries, lock))) return false;
    held.add(lock);
    return true;
  }

  /** A connection of its own that is kept for the duties held. */
  function open(): Promise<Session> {
    return new Promise((resolve, reject) => {
      const lent = db.dedicated(async (queries, client) => {
        const ended = Promise.withResolvers<void>();
        client.once('error', () => ended.resolve());
        client.once('end', () => ended.resolve());
        if (agreed !== undefined) await showInSession(queries, agreed);
        resolve({ queries, held: new Set(), end: () => ended.resolve() });
        await ended.promise;
        session = undefined;
      });
      lent.catch((error: unknown) => {
        session = undefined;
        reject(error instanceof Error ? error : new Error('no connection'));
      });
    });
  }

  return {
    alone: async (lock, work) =>
      db.dedicated(async (queries) => {
        await lockInSession(queries, lock);
        return released(queries, lock, work);
      }),
    ifFree: async (lock, work) =>
      db.dedicated(async (queries) =>
        (await tryLockInSession(queries, lock)) ? released(queries, lock, work) : undefined,
      ),
    async isMine(lock) {
      if (closed) return false;
      session ??= open();
      const now = await session;
      try {
        return await take(now, lock);
      } catch (error) {
        now.end();
        throw error;
      }
    },
    async agree(shown) {
      session ??= open();
      const { queries } = await session;
      agreed = shown;
      return (await showInSession(queries, shown)).length === 0;
    },
    close() {
      closed = true;
      void session?.then((one) => one.end()).catch(() => undefined);
    },
  };
}
