// A pool of connections with this project's types, transactions that are tried again, and LISTEN that comes back.
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '@tongche/runtime';
import { Client, Pool } from 'pg';
import type { PoolClient, PoolConfig, QueryConfig, QueryResult } from 'pg';
import { events } from './events.ts';
import { typeParsers } from './types.ts';

/** Rows of a query. Also has itself as `rows`, and how many rows a statement touched as `rowCount`. */
export interface Rows<Row> extends ReadonlyArray<Row> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

/** A statement; with a name it is prepared once per connection. One name, one text. */
export type Statement = string | { readonly name: string; readonly text: string };

export type AnyRow = Readonly<Record<string, unknown>>;

/** What queries can be sent to: a database or a transaction. */
export interface Queryable {
  query<Row = AnyRow>(statement: Statement, params?: readonly unknown[]): Promise<Rows<Row>>;
  /** The only row, or undefined. More than one row is a fault. */
  one<Row = AnyRow>(statement: Statement, params?: readonly unknown[]): Promise<Row | undefined>;
}

export interface TxOptions {
  /** Further attempts after a serialisation failure or a deadlock. Default 5. */
  readonly retries?: number;
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
}

export interface ListenOptions {
  /** Called after the connection was lost and is there again: notifications in between are gone. */
  readonly onReconnect?: () => void;
}

export interface Database extends Queryable {
  /**
   * Runs `fn` in a transaction: committed when it resolves, rolled back when it throws. After a serialisation failure
   * (40001) or a deadlock (40P01) the whole of `fn` runs again, so it must not change anything else.
   */
  tx<T>(name: string, fn: (tx: Queryable) => Promise<T>, options?: TxOptions): Promise<T>;
  /** Calls `fn` with the payload of every notification. Resolves once listening; returns how to stop. */
  listen(channel: string, fn: (payload: string) => void, options?: ListenOptions): Promise<() => Promise<void>>;
  /**
   * Lends one connection, for what a pool cannot do: COPY. It is closed afterwards, not reused. Transactions are the
   * caller's to end.
   */
  dedicated<T>(fn: (queries: Queryable, client: PoolClient) => Promise<T>): Promise<T>;
  /** Ends all connections. Calling it twice is harmless. */
  end(): Promise<void>;
  readonly name: string;
}

export interface ConnectOptions {
  readonly url: string;
  /** Most connections at once. Default 10. */
  readonly max?: number;
  /** Names the pool in logs and in pg_stat_activity. */
  readonly name: string;
  readonly log: Log;
}

const defaultMax = 10;
const defaultRetries = 5;
/** Waiting longer than this for a free connection means the process is overloaded: it says so instead. */
const connectWithinMs = 10_000;
const idleMs = 30_000;
const retryPauseMs = 5;
const longestRetryPauseMs = 200;
const relistenPauseMs = 100;
const longestRelistenPauseMs = 5_000;
const retryable = new Set(['40001', '40P01']);

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function rowsOf<Row>(given: QueryResult | readonly QueryResult[]): Rows<Row> {
  // Several statements in one text, as in a migration, give several results; the last one counts.
  const result = Array.isArray(given) ? (given.at(-1) as QueryResult) : (given as QueryResult);
  const rows = result.rows as Row[];
  // Not enumerable, so that a result still compares and prints as its rows.
  return Object.defineProperties(rows, {
    rows: { value: rows },
    rowCount: { value: result.rowCount ?? rows.length },
  }) as unknown as Rows<Row>;
}

function queryable(run: (config: QueryConfig) => Promise<QueryResult>): Queryable {
  async function query<Row = AnyRow>(statement: Statement, params?: readonly unknown[]): Promise<Rows<Row>> {
    const named = typeof statement === 'string' ? { text: statement } : statement;
    return rowsOf<Row>(await run(params === undefined ? named : { ...named, values: [...params] }));
  }
  async function one<Row = AnyRow>(statement: Statement, params?: readonly unknown[]): Promise<Row | undefined> {
    const rows = await query<Row>(statement, params);
    if (rows.length > 1) throw new Error(`${rows.length} rows where at most one was expected`);
    return rows[0];
  }
  return { query, one };
}

async function attempt<T>(pool: Pool, isolation: string, fn: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const noteLoss = (error: Error): void => void (broken = error);
  // Without a listener a connection lost between two queries would end the process.
  client.on('error', noteLoss);
  try {
    await client.query(`begin isolation level ${isolation}`);
    try {
      const value = await fn(queryable(async (config) => client.query(config)));
      await client.query('commit');
      return value;
    } catch (error) {
      await client.query('rollback').catch((lost: Error) => void (broken = lost));
      throw error;
    }
  } finally {
    client.off('error', noteLoss);
    client.release(broken);
  }
}

/** Opens connections as they are needed. The string may come from engine.url() or the operator's DATABASE_URL. */
export function connect(options: ConnectOptions): Database {
  const { name, log } = options;
  const settings: PoolConfig = {
    connectionString: options.url,
    application_name: `tongche ${name}`,
    types: typeParsers,
    connectionTimeoutMillis: connectWithinMs,
    idleTimeoutMillis: idleMs,
    // Idle connections do not keep a process alive; whoever waits for an answer does.
    allowExitOnIdle: true,
    max: options.max ?? defaultMax,
  };
  const pool = new Pool(settings);
  pool.on('error', (error) => log.event(events.connectionLost, { pool: name, code: codeOf(error) }));
  const listening = new Set<() => Promise<void>>();
  let ending: Promise<void> | undefined;

  async function tx<T>(txName: string, fn: (tx: Queryable) => Promise<T>, options: TxOptions = {}): Promise<T> {
    const { retries = defaultRetries, isolation = 'read committed' } = options;
    for (let tried = 0; ; tried++) {
      try {
        return await attempt(pool, isolation, fn);
      } catch (error) {
        const code = codeOf(error);
        if (!retryable.has(code) || tried >= retries) throw error;
        log.event(events.txRetried, { tx: txName, code, attempt: tried + 1 });
        // Two that collided would collide again after equal pauses.
        const pauseMs = Math.min(retryPauseMs * 2 ** tried, longestRetryPauseMs);
        await wait(pauseMs + (performance.now() % pauseMs));
      }
    }
  }

  async function dedicated<T>(fn: (queries: Queryable, client: PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    // The query under way rejects; this only keeps the loss from ending the process.
    client.on('error', () => {});
    try {
      return await fn(
        queryable(async (config) => client.query(config)),
        client,
      );
    } finally {
      client.release(true);
    }
  }

  async function listen(
    channel: string,
    fn: (payload: string) => void,
    options: ListenOptions = {},
  ): Promise<() => Promise<void>> {
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(channel)) throw new RangeError(`channel ${channel}`);
    let client: Client | undefined;
    const state = { stopped: false };

    async function open(): Promise<void> {
      const fresh = new Client({ ...settings, keepAlive: true });
      let lost = false;
      const onLoss = (): void => {
        if (lost) return;
        lost = true;
        void fresh.end().catch(() => {});
        if (client === fresh && !state.stopped) {
          log.event(events.listenLost, { pool: name, channel });
          void reopen();
        }
      };
      fresh.on('error', onLoss);
      fresh.on('end', onLoss);
      fresh.on('notification', ({ payload }) => fn(payload ?? ''));
      try {
        await fresh.connect();
        await fresh.query(`listen "${channel}"`);
      } catch (error) {
        void fresh.end().catch(() => {});
        throw error;
      }
      client = fresh;
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

    async function stop(): Promise<void> {
      state.stopped = true;
      listening.delete(stop);
      await client?.end().catch(() => {});
    }

    await open();
    listening.add(stop);
    return stop;
  }

  return {
    ...queryable(async (config) => pool.query(config)),
    tx,
    listen,
    dedicated,
    async end() {
      ending ??= (async () => {
        await Promise.all([...listening].map(async (stop) => stop()));
        await pool.end();
      })();
      return ending;
    },
    name,
  };
}
