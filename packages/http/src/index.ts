// HTTP with this project's strict defaults: server, listeners, internal client, event streams, built pages.
export { BadReply, internalClient, RemoteError } from './client.ts';
export type { CallOptions, InternalClient, Target } from './client.ts';
export { ListenConfig, TargetConfig } from './config.ts';
export { sendError } from './errors.ts';
export { events } from './events.ts';
export { defaultCsp } from './headers.ts';
export type { Cors } from './headers.ts';
export { listen } from './listen.ts';
export type { Listen, Listening, TlsFiles } from './listen.ts';
export { createMetrics } from './metrics.ts';
export type { Metrics } from './metrics.ts';
export { cspHash, inlineHashes, ownPagesCsp, serveFolder, staticPage } from './pages.ts';
export type { FolderOptions, InlineHashes, PageCsp, PageOptions, StaticPage } from './pages.ts';
export { createServer } from './server.ts';
export type { App, Health, ServerOptions } from './server.ts';
export type { FastifyReply as Reply, FastifyRequest as Request } from 'fastify';
export { sse } from './sse.ts';
export type { Sse, SseEvent, SseOptions } from './sse.ts';
