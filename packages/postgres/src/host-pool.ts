// The pool of one host. Connections lent out are known with their time, and can be cut when their server is dead.
import { Pool } from 'pg';
import type { ClientBase, PoolConfig } from 'pg';
import { codeOf } from './failures.ts';

/** A statement that runs longer than this may be waiting for a server that is gone without a word. */
const silentAfterMs = 3_000;
const watchEveryMs = 1_000;

export interface HostPool {
  readonly label: string;
  /** Connection settings for a client of one's own. */
  readonly settings: PoolConfig;
  readonly pool: Pool;
  /** Ends connections that are under way, so that whoever waits for a dead server learns it. */
  cut(): void;
  end(): Promise<void>;
}

interface Hooks {
  /** An idle connection ended. */
  readonly onLost: (code: string) => void;
  /** Some statement is under way for long. */
  readonly onSilence: (() => void) | undefined;
}

type Held = ClientBase & { end(): Promise<void> };

export function hostPool(settings: PoolConfig, label: string, { onLost, onSilence }: Hooks): HostPool {
  const lent = new Map<Held, number>();

  function makePool(): Pool {
    const made = new Pool(settings);
    made.on('error', (error) => onLost(codeOf(error)));
    made.on('acquire', (client) => void lent.set(client as Held, performance.now()));
    made.on('release', (_error, client) => void lent.delete(client as Held));
    return made;
  }

  let pool = makePool();
  const timer = setInterval(() => {
    const [oldestMs] = lent.values();
    if (oldestMs !== undefined && performance.now() - oldestMs > silentAfterMs) onSilence?.();
  }, watchEveryMs).unref();
  if (onSilence === undefined) clearInterval(timer);

  return {
    label,
    settings,
    get pool() {
      return pool;
    },
    cut() {
      const old = pool;
      pool = makePool();
      void old.end();
      for (const client of lent.keys()) void client.end().catch(() => {});
      lent.clear();
    },
    async end() {
      clearInterval(timer);
      await pool.end();
    },
  };
}
