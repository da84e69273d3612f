// One line of the log and one count of the metrics for every request, by its route's template.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { events } from './events.ts';

export function recordRequest(request: FastifyRequest, reply: FastifyReply, status: number): void {
  const { log, metrics } = request.server.tongche;
  const route = request.routeOptions.url ?? 'unmatched';
  const ms = Math.round(reply.elapsedTime * 10) / 10;
  metrics.request(request.method, route, status, ms);
  log.event(events.request, { method: request.method, route, status, ms, id: request.id });
}
