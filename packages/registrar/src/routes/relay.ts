// The relay's door: fixed-size sealed blobs from nobody in particular. No ticket, no cookie, no address is kept, and no line
// in the log says when one came.
import { RELAY_BODY_CHARS, Refusal } from '@tongche/contract';
import type { App } from '@tongche/http';
import { fromBase64Url, RELAY_BYTES } from '@tongche/protocol';
import type { Clock } from '@tongche/runtime';
import type { Config } from '../config.ts';
import type { Relay } from '../jobs/relay.ts';
import { networkLimit } from './guard.ts';

interface RelayRoutes {
  readonly config: Pick<Config, 'perNetwork'>;
  readonly clock: Clock;
  readonly relay: Pick<Relay, 'accept'>;
}

export function relayRoutes(app: App, { config, clock, relay }: RelayRoutes): void {
  const limit = networkLimit(clock, config.perNetwork.relay);
  // Plain text needs no preflight and no permission; this is the only route that takes it, and nothing else.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('text/plain', { parseAs: 'string', bodyLimit: RELAY_BODY_CHARS }, (_request, body, done) =>
    done(null, body),
  );
  app.post('/relay', { config: { keepsTime: true } }, async (request, reply) => {
    limit(request.ip);
    const { body } = request;
    const decoded = typeof body === 'string' ? fromBase64Url(body) : undefined;
    if (decoded?.ok !== true || decoded.value.length !== RELAY_BYTES) throw new Refusal('bad-request');
    await relay.accept(decoded.value);
    return reply.code(204).send();
  });
}
