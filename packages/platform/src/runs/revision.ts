// Tells the vault whether rides near what an order matched belong to other runs since it asked last. No ride is in it.
import { OrderRevision, Refusal } from '@tongche/contract';
import type { App } from '@tongche/http';
import { fromBase64Url } from '@tongche/protocol';
import { Type } from 'typebox';
import type { Platform } from '../platform.ts';
import { relabelsOfOrder } from '../store/segments.ts';
import { orderEnd } from '../store/trace.ts';
import { NEAR_MS } from '../trace/windows.ts';

/** Throws Refusal 'not-found', or 'order-expired' once nothing is answered for the order any more. */
async function revisionOf(platform: Platform, orderHash: string, since: number): Promise<OrderRevision> {
  const { db, clock, config } = platform;
  const hash = fromBase64Url(orderHash);
  const endMs = hash.ok ? await orderEnd(db, hash.value) : undefined;
  if (!hash.ok || endMs === undefined) throw new Refusal('not-found');
  if (clock.now() > endMs) throw new Refusal('order-expired');
  const { last, rides } = await relabelsOfOrder(db, hash.value, since, NEAR_MS + config.persistenceMs);
  return { revision: last ?? since, rides };
}

export function revisionRoutes(app: App, platform: Platform): void {
  app.get(
    '/internal/orders/:orderHash/revision',
    {
      schema: {
        params: Type.Object({ orderHash: Type.String({ minLength: 43, maxLength: 43 }) }),
        querystring: Type.Object({ since: Type.String({ pattern: '^\\d{1,15}$' }) }, { additionalProperties: false }),
        response: { 200: OrderRevision },
      },
    },
    async (request) => revisionOf(platform, request.params.orderHash, Number(request.query.since)),
  );
}
