// Wires the casework process: database, sessions, passkeys, the vault's client, pages and listeners.
import { join } from 'node:path';
import { Refusal } from '@tongche/contract';
import { createServer, internalClient, listen, serveFolder, sse, type Sse } from '@tongche/http';
import { connect, migrate } from '@tongche/postgres';
import { ConfigError, hashPassword, type Clock, type Log, type Running } from '@tongche/runtime';
import { addApi } from './api-routes.ts';
import type { Config, Secrets } from './config.ts';
import { events } from './events.ts';
import { maxWatchers, openEventRelay } from './event-relay.ts';
import { openPasskeys } from './passkeys.ts';
import { openSessions } from './sessions.ts';
import { countDemoStaff, putStaff, sweepSessions, type StaffMember } from './store/staff.ts';

export const caseworkMigrations = join(import.meta.dirname, '../migrations');
const sweepEveryMs = 3_600_000;

export interface CaseworkRunning extends Running {
  readonly url: string;
  /** Adds an account or replaces its password. */
  addStaff(member: StaffMember, password: string, options?: { readonly demo?: boolean }): Promise<void>;
}

function refuseUnsafe(config: Config, secrets: Secrets): void {
  if (config.mode !== 'production') return;
  if (!config.origin.startsWith('https://')) throw new ConfigError('casework: production needs an https origin');
  if (secrets.demoKeys !== undefined)
    throw new ConfigError('casework: production refuses demonstration keys; remove "demoKeys" from its secrets');
}

export async function buildCasework(options: {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<CaseworkRunning> {
  const { config, secrets, clock, log } = options;
  refuseUnsafe(config, secrets);
  const db = connect({ url: secrets.databaseUrl, max: config.databaseMax, name: 'casework', log });
  await migrate(db, caseworkMigrations, { app: 'casework', log });
  if (config.mode === 'production' && (await countDemoStaff(db)) > 0) {
    await db.end();
    throw new ConfigError(
      'casework: production refuses to start while demonstration accounts exist; delete them first',
    );
  }
  const vault = internalClient(config.vault);
  const sessions = openSessions(db, clock, config.mode === 'production');
  const app = createServer({
    name: 'casework',
    clock,
    log,
    exposeMetrics: false,
    hosts: [new URL(config.origin).hostname],
    health: async () => {
      await db.query('select 1', []);
      return { ok: true, checks: { database: true } };
    },
  });
  addApi(app, { config, secrets, sessions, passkeys: openPasskeys(config.origin, clock), vault });

  const relay = openEventRelay(vault, clock, log);
  app.get('/api/events', async (request, reply) => {
    await sessions.require(request.cookies[sessions.cookieName]);
    if (relay.size >= maxWatchers) throw new Refusal('busy');
    const stream: Sse = sse(reply, { onClose: () => relay.remove(stream) });
    relay.add(stream);
  });
  serveFolder(app, { prefix: '/', folder: config.pages, fallback: 'index.html' });

  const stopSweep = clock.every('casework.sweep-sessions', sweepEveryMs, () => sweepSessions(db, clock.now()));
  const listening = await listen(app, config.listen);
  if ('url' in listening) log.event(events.started, { port: listening.port, mode: config.mode });
  return {
    url: 'url' in listening ? listening.url : '',
    async addStaff(member, password, { demo = false } = {}) {
      if (demo && config.mode === 'production')
        throw new ConfigError('casework: production takes no demonstration accounts');
      await putStaff(db, member, await hashPassword(password), { demo, nowMs: clock.now() });
    },
    async close() {
      stopSweep();
      relay.close();
      await app.close();
      await vault.close();
      await db.end();
    },
  };
}
