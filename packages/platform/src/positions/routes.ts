// Positions sent by the vehicles' own system: GTFS-Realtime or a list, by an admin or with the system's token.
import { createHash, timingSafeEqual } from 'node:crypto';
import { PositionsTaken, Refusal } from '@tongche/contract';
import type { App, Request } from '@tongche/http';
import { readPositions } from '@tongche/network/import';
import type { Platform } from '../platform.ts';
import { sessions } from '../staff/sessions.ts';

/** A minute of 20,000 vehicles is some 3 MB; whole days come through imports. */
const maxBytes = 8 * 1024 * 1024;
const bearer = 'Bearer ';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** `token` undefined: only admins may send. */
export function positionRoutes(app: App, platform: Platform, token: string | undefined): void {
  const access = sessions(platform);

  async function admit(request: Request): Promise<void> {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      access.checkOrigin(request);
      await access.admin(request);
      return;
    }
    const given = authorization.startsWith(bearer) ? authorization.slice(bearer.length) : '';
    if (token === undefined || !timingSafeEqual(digest(given), digest(token))) throw new Refusal('not-signed-in');
  }

  void app.register(async (routes: App) => {
    routes.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit: maxBytes },
      (_request, body, done) => done(null, body),
    );
    routes.post(
      '/operator/api/positions',
      {
        bodyLimit: maxBytes,
        // Before the body is read: strangers do not get to send megabytes.
        onRequest: async (request: Request) => admit(request),
        schema: { response: { 200: PositionsTaken } },
      },
      async (request, reply) => {
        void reply.header('cache-control', 'no-store');
        if (!(request.body instanceof Uint8Array)) throw new Refusal('wrong-type');
        const { clock, zone } = platform;
        const read = await readPositions(request.body, { receivedMs: clock.now(), zone });
        if (read.rows.length === 0 && read.errorCount > 0) throw new Refusal('bad-request');
        return platform.positions.take(read);
      },
    );
  });
}
