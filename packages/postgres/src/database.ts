// A pool of connections with this project's types, transactions that are tried again, and LISTEN that comes back.
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '@tongche/runtime';
import type { PoolClient, QueryConfig, QueryResult } from 'pg';
import { events } from './events.ts';
import { codeOf, isAway, readOnlyCode } from './failures.ts';
import type { HostPool } from './host-pool.ts';
import { listenOn } from './listen.ts';
import type { ListenOptions } from './listen.ts';
import { openServers } from './servers.ts';
import type { Servers } from './servers.ts';
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

export interface Database extends Queryable {
  /**
   * Runs `fn` in a transaction: committed when it resolves, rolled back when it throws. After a serialisation failure
   * (40001), a deadlock (40P01) or, with several hosts, a primary lost before the commit, the whole of `fn` runs again,
   * so it must not change anything else.
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
const retryable = new Set(['40001', '40P01']);

/**
 * As the driver's own promise, which keeps its statement's parameters alive until the next full collection: at hundreds of
 * batches a second that is megabytes.
 */
function ask(client: PoolClient, config: QueryConfig): Promise<QueryResult> {
  return new Promise((resolve, reject) => {
    client.query(config, (error: Error | null, result: QueryResult) =>
      error === null ? resolve(result) : reject(error),
    );
  });
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
    try {
      return rowsOf<Row>(await run(params === undefined ? named : { ...named, values: [...params] }));
    } catch (error) {
      // The driver's own stack begins at a socket; this one leads back to whoever asked.
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    }
  }
  async function one<Row = AnyRow>(statement: Statement, params?: readonly unknown[]): Promise<Row | undefined> {
    const rows = await query<Row>(statement, params);
    if (rows.length > 1) throw new Error(`${rows.length} rows where at most one was expected`);
    return rows[0];
  }
  return { query, one };
}

/** A connection on loan, and what its borrower knows of it. */
interface Lent {
  readonly client: PoolClient;
  /** From here on a lost connection leaves open whether the work was done. */
  readonly sent: () => void;
  /** The connection is not given back to the pool. */
  readonly discard: (error: Error) => void;
}

/** Times that work moves to another server, or to the same one after it came back. */
const maxMoves = 2;

/** Runs `work` on a connection to the primary; on the next primary when its server certainly did nothing. */
async function onPrimary<T>(servers: Servers, work: (lent: Lent) => Promise<T>): Promise<T> {
  for (let moved = 0; ; moved++) {
    const server = await servers.current();
    let isSent = false;
    try {
      return await lend(server, work, () => void (isSent = true));
    } catch (error) {
      if (!isAway(error)) throw error;
      servers.suspect(server);
      // A server that takes no writes has not done this one. A single host may be an address that moves.
      const isUndone = codeOf(error) === readOnlyCode || (servers.isList && !isSent);
      if (!isUndone || moved >= maxMoves) throw error;
    }
  }
}

async function lend<T>({ pool }: HostPool, work: (lent: Lent) => Promise<T>, sent: () => void): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const discard = (error: Error): void => void (broken = error);
  // Without a listener a connection lost between two queries would end the process.
  client.on('error', discard);
  try {
    return await work({ client, sent, discard });
  } catch (error) {
    if (isAway(error)) discard(error as Error);
    throw error;
  } finally {
    client.off('error', discard);
    client.release(broken);
  }
}

async function transaction<T>(
  { client, sent, discard }: Lent,
  isolation: string,
  fn: (tx: Queryable) => Promise<T>,
): Promise<T> {
  await client.query(`begin isolation level ${isolation}`);
  let value: T;
  try {
    value = await fn(queryable((config) => ask(client, config)));
  } catch (error) {
    await client.query('rollback').catch(discard);
    throw error;
  }
  sent();
  const { command } = await client.query('commit');
  // A statement failed and its error was caught: the server has undone everything.
  if (command !== 'COMMIT') throw new Error('the transaction was rolled back: one of its statements had failed');
  return value;
}

/**
 * Opens connections as they are needed. The string may come from engine.url() or the operator's DATABASE_URL; it may
 * name several hosts, of which the primary is used, also after a failover.
 */
export function connect(options: ConnectOptions): Database {
  const { name, log } = options;
  const servers = openServers(options, {
    application_name: `tongche ${name}`,
    types: typeParsers,
    connectionTimeoutMillis: connectWithinMs,
    idleTimeoutMillis: idleMs,
    // Idle connections do not keep a process alive; whoever waits for an answer does.
    allowExitOnIdle: true,
    max: options.max ?? defaultMax,
  });
  const listening = new Set<() => Promise<void>>();
  let ending: Promise<void> | undefined;

  async function tx<T>(txName: string, fn: (tx: Queryable) => Promise<T>, options: TxOptions = {}): Promise<T> {
    const { retries = defaultRetries, isolation = 'read committed' } = options;
    for (let tried = 0; ; tried++) {
      try {
        return await onPrimary(servers, async (lent) => transaction(lent, isolation, fn));
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
    const { pool } = await servers.current();
    const client = await pool.connect();
    // The query under way rejects; this only keeps the loss from ending the process.
    client.on('error', () => {});
    try {
      return await fn(
        queryable((config) => ask(client, config)),
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
    const end = await listenOn({ name, log, servers, channel, fn }, options);
    async function stop(): Promise<void> {
      listening.delete(stop);
      await end();
    }
    listening.add(stop);
    return stop;
  }

  return {
    ...queryable(async (config) =>
      onPrimary(servers, async ({ client, sent, discard }) => {
        sent();
        try {
          return await ask(client, config);
        } catch (error) {
          // The answer came before the server said in what state it left the session.
          discard(error as Error);
          throw error;
        }
      }),
    ),
    tx,
    listen,
    dedicated,
    async end() {
      ending ??= (async () => {
        await Promise.all([...listening].map(async (stop) => stop()));
        await servers.end();
      })();
      return ending;
    },
    name,
  };
}
