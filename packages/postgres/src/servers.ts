// The servers of a connection string and which of them is the primary. A list is asked whole, all hosts at once, by one
// search at a time however many callers wait; a single host is taken as it is.
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '@tongche/runtime';
import type { ClientBase, PoolConfig } from 'pg';
import { events } from './events.ts';
import { NoPrimary, NotPrimary } from './failures.ts';
import { hostPool } from './host-pool.ts';
import type { HostPool } from './host-pool.ts';
import { hostsOf } from './hosts.ts';
import { probe, timelineOf } from './timeline.ts';

export interface Servers {
  /** The server to ask. Searches when none is known; rejects with NoPrimary after some seconds. */
  current(): Promise<HostPool>;
  /** Something failed there: the next to ask has it looked at again. */
  suspect(server: HostPool): void;
  /** Whether there is a choice at all. */
  readonly isList: boolean;
  /** Called when another server became the primary. Returns how to stop. */
  onMoved(listener: (server: HostPool) => void): () => void;
  end(): Promise<void>;
}

/** A standby is promoted within seconds to half a minute; whoever asks waits no longer than for a free connection. */
const findWithinMs = 10_000;
const probePauseMs = 100;
const longestProbePauseMs = 1_000;

export function openServers(
  options: { readonly url: string; readonly name: string; readonly log: Log },
  base: PoolConfig,
): Servers {
  const { name, log } = options;
  const { hosts, primaryOnly } = hostsOf(options.url);
  /** Of the latest primary seen: one that was left behind at a promotion and comes back is not believed. */
  let newest = 0;

  async function checkPrimary(client: ClientBase, label: string): Promise<void> {
    const timeline = await timelineOf(client);
    if (timeline === undefined || timeline < newest) throw new NotPrimary(label);
  }

  const servers = hosts.map(({ url, label }) => {
    const settings: PoolConfig = {
      ...base,
      connectionString: url,
      ...(primaryOnly ? { verify: (client, done) => void checkPrimary(client, label).then(() => done(), done) } : {}),
    };
    const server = hostPool(settings, label, {
      onLost: (code) => log.event(events.connectionLost, { pool: name, code }),
      onSilence: primaryOnly ? () => void look(server) : undefined,
    });
    return server;
  });
  const listeners = new Set<(server: HostPool) => void>();
  let current: HostPool | undefined = primaryOnly ? undefined : servers[0];
  let last: HostPool | undefined;
  let searching: Promise<HostPool> | undefined;
  let misses = 0;
  const state = { ended: false };

  /** What each host said when it was asked last. */
  let answers: readonly string[] = [];

  /** The host that answers as primary on the highest timeline. */
  async function ask(): Promise<HostPool | undefined> {
    const probed = await Promise.all(servers.map(async ({ settings }) => probe(settings)));
    answers = servers.map(({ label }, n) => `${label} ${probed[n]}`);
    const timelines = probed.map((one) => (typeof one === 'number' ? one : 0));
    const best = Math.max(...timelines);
    if (best === 0 || best < newest) return undefined;
    newest = best;
    return servers[timelines.indexOf(best)];
  }

  function settle(found: HostPool): void {
    misses = 0;
    current = found;
    if (found === last) return;
    log.event(events.primaryFound, { pool: name, host: found.label, timeline: newest });
    const before = last;
    last = found;
    before?.cut();
    if (before !== undefined) for (const listener of listeners) listener(found);
  }

  async function search(): Promise<HostPool> {
    const untilMs = performance.now() + findWithinMs;
    while (!state.ended) {
      const found = await ask();
      if (found !== undefined) {
        settle(found);
        return found;
      }
      if (misses === 0) log.event(events.primaryMissed, { pool: name, hosts: servers.length });
      // Grows from one search to the next: an hour's outage is asked after once a second, not a hundred times.
      const pauseMs = Math.min(probePauseMs * 2 ** Math.min(misses, 10), longestProbePauseMs);
      misses += 1;
      if (performance.now() + pauseMs > untilMs) break;
      await wait(pauseMs + (performance.now() % pauseMs));
    }
    throw new NoPrimary(name, answers);
  }

  async function find(): Promise<HostPool> {
    searching ??= search().finally(() => (searching = undefined));
    return searching;
  }

  let looking = false;
  async function look(server: HostPool): Promise<void> {
    if (looking || server !== current) return;
    looking = true;
    const timeline = await probe(server.settings);
    looking = false;
    if (state.ended || current !== server || (typeof timeline === 'number' && timeline >= newest)) return;
    current = undefined;
    log.event(events.primarySilent, { pool: name, host: server.label });
    server.cut();
  }

  return {
    current: async () => current ?? find(),
    suspect(server) {
      if (primaryOnly && current === server) current = undefined;
    },
    isList: primaryOnly,
    onMoved(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async end() {
      state.ended = true;
      await Promise.all(servers.map(async (server) => server.end()));
    },
  };
}
