// What the authority's servers ask over the internal listener.
import { PlatformIdentity, PlatformKeys, RelayBatch, RelayOutcome } from '@tongche/contract';
import type { App } from '@tongche/http';
import { toBase64Url } from '@tongche/protocol';
import { takeKeys } from './keys-in.ts';
import type { Platform } from './platform.ts';
import { takeRelay } from './relay/relay.ts';

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
}
