// What the authority's servers ask over the internal listener.
import {
  FetchRequest,
  KnownCheckpoint,
  LogHead,
  MatchRequest,
  NetworkReply,
  PlatformIdentity,
  PlatformKeys,
  RelayBatch,
  RelayOutcome,
  Roster,
  RunsReply,
  RunsRequest,
  TraceReply,
} from '@tongche/contract';
import type { App } from '@tongche/http';
import { fromBase64Url, toBase64Url } from '@tongche/protocol';
import { takeKeys } from './keys-in.ts';
import type { Platform } from './platform.ts';
import { takeRelay } from './relay/relay.ts';
import { revisionRoutes } from './runs/revision.ts';
import { knownCheckpoint } from './store/trace.ts';
import { withAccessLog } from './trace/access.ts';
import { fetchWindows } from './trace/fetch.ts';
import { match } from './trace/match.ts';
import { takeLogHead, takeRoster } from './trace/requests.ts';
import { network, runsFor } from './trace/network.ts';
import { Type } from 'typebox';

export function internalRoutes(app: App, platform: Platform): void {
  const { config, keys } = platform;
  app.get('/internal/identity', { schema: { response: { 200: PlatformIdentity } } }, async () => ({
    relayPk: toBase64Url(keys.relay.pk),
    assistPk: toBase64Url(keys.assist.pk),
    platformUrl: config.publicUrl,
  }));
  app.post('/internal/keys', { schema: { body: PlatformKeys } }, async (request, reply) => {
    await takeKeys(platform, request.body.admission);
    return reply.code(204).send();
  });
  app.post('/internal/relay', { schema: { body: RelayBatch, response: { 200: RelayOutcome } } }, async (request) =>
    takeRelay(platform, request.body.items),
  );
  traceRoutes(app, platform);
  revisionRoutes(app, platform);
}

function traceRoutes(app: App, platform: Platform): void {
  app.post('/internal/roster', { schema: { body: Roster } }, async (request, reply) => {
    await takeRoster(platform, request.body);
    return reply.code(204).send();
  });
  app.post('/internal/log-head', { schema: { body: LogHead } }, async (request, reply) => {
    await takeLogHead(platform, request.body);
    return reply.code(204).send();
  });
  app.get('/internal/checkpoint', { schema: { response: { 200: KnownCheckpoint } } }, async () => {
    const known = await knownCheckpoint(platform.db);
    return known === undefined ? { size: 0, root: null } : { size: known.size, root: toBase64Url(known.root) };
  });
  app.post('/internal/match', { schema: { body: MatchRequest, response: { 200: TraceReply } } }, async (request) =>
    withAccessLog(platform, { kind: 'match', windows: 0 }, request.body, (tx) => match(tx, platform, request.body)),
  );
  app.post('/internal/runs', { schema: { body: RunsRequest, response: { 200: RunsReply } } }, async (request) =>
    runsFor(platform, request.body),
  );
  const search = Type.Object({ q: Type.String({ minLength: 1, maxLength: 40 }) }, { additionalProperties: false });
  app.get('/internal/network', { schema: { querystring: search, response: { 200: NetworkReply } } }, async (request) =>
    network(platform, request.query.q),
  );
  app.post('/internal/fetch', { schema: { body: FetchRequest, response: { 200: TraceReply } } }, async (request) => {
    const { orderHash, windows } = request.body;
    const hash = fromBase64Url(orderHash);
    const asked = { kind: 'fetch' as const, windows: windows.length, ...(hash.ok ? { orderHash: hash.value } : {}) };
    return withAccessLog(platform, asked, request.body, (tx) => fetchWindows(tx, platform, request.body));
  });
}
