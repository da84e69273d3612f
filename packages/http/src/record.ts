// One count of the metrics for every request, by its route's template, and one line of the log unless the route keeps its time
// to itself.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { events } from './events.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Served requests leave no line in the log: when one came would tell what its content must not. */
    readonly keepsTime?: boolean;
  }
}

export function recordRequest(request: FastifyRequest, reply: FastifyReply, status: number): void {
  const { log, metrics } = request.server.tongche;
  const route = request.routeOptions.url ?? 'unmatched';
  const ms = Math.round(reply.elapsedTime * 10) / 10;
  metrics.request(request.method, route, status, ms);
  if (request.routeOptions.config.keepsTime === true && status < 400) return;
  log.event(events.request, { method: request.method, route, status, ms, id: request.id });
}
