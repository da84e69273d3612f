// What the vault asks of the operator's platform. Everything about a case is signed, fresh, and names its order.
import {
  KnownCheckpoint,
  NetworkReply,
  OrderRevision,
  PlatformIdentity,
  RunsReply,
  TraceReply,
} from '@tongche/contract';
import type { FetchRequest, LogHead, MatchRequest, Roster, RunsRequest } from '@tongche/contract';
import { firstOf, internalClient } from '@tongche/http';
import type { Target } from '@tongche/http';

/** Matching and fetching read a fortnight of partitions, possibly from a cold disk. */
const TRACE_TIMEOUT_MS = 60_000;

export interface PlatformClient {
  identity(): Promise<PlatformIdentity>;
  checkpoint(): Promise<KnownCheckpoint>;
  /** Shows a head of the log that continues the largest it was shown. */
  logHead(head: LogHead): Promise<void>;
  roster(roster: Roster): Promise<void>;
  match(request: MatchRequest): Promise<TraceReply>;
  fetch(request: FetchRequest): Promise<TraceReply>;
  /** Runs of lines or vehicles; names no ride. */
  runs(request: RunsRequest): Promise<RunsReply>;
  /** Lines and vehicles as people call them. */
  network(q: string): Promise<NetworkReply>;
  /** What the operator relabelled near the order's rides after `since`. */
  revision(orderHash: string, since: number): Promise<OrderRevision>;
  close(): Promise<void>;
}

/** Throws RemoteError where the platform refuses or does not answer. */
export function platformClient(targets: readonly Target[]): PlatformClient {
  const client = firstOf(targets.map(internalClient));
  const slow = { timeoutMs: TRACE_TIMEOUT_MS };
  return {
    identity: () => client.get('/internal/identity', PlatformIdentity),
    checkpoint: () => client.get('/internal/checkpoint', KnownCheckpoint),
    logHead: async (head) => void (await client.post('/internal/log-head', head)),
    roster: async (roster) => void (await client.post('/internal/roster', roster)),
    match: (request) => client.post('/internal/match', request, TraceReply, slow),
    fetch: (request) => client.post('/internal/fetch', request, TraceReply, slow),
    runs: (request) => client.post('/internal/runs', request, RunsReply, slow),
    network: (q) => client.get(`/internal/network?q=${encodeURIComponent(q)}`, NetworkReply),
    revision: (orderHash, since) => client.get(`/internal/orders/${orderHash}/revision?since=${since}`, OrderRevision),
    close: () => client.close(),
  };
}
