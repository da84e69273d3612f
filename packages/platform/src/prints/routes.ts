// Stickers and posters as PDF for the operator's console and command line: ask, look how far it is, fetch. Admins only.
import { PrintJob, PrintRequest } from '@tongche/contract';
import type { App } from '@tongche/http';
import { Type } from 'typebox';
import type { Platform } from '../platform.ts';
import { sessions } from '../staff/sessions.ts';
import type { Prints } from './prints.ts';
import { brandingOf, stickersOf } from './stickers.ts';

/** 20,000 codes of 14 characters, or 5,000 unit ids of 64. */
const bodyBytes = 512 * 1024;
const PrintParams = Type.Object({ printId: Type.String({ pattern: '^[\\w-]{12}$' }) });

export function printRoutes(app: App, platform: Platform, prints: Prints): void {
  const access = sessions(platform);

  void app.register(async (routes: App) => {
    routes.addHook('onRequest', async (request) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') access.checkOrigin(request);
      await access.admin(request);
    });
    routes.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

    routes.post(
      '/operator/api/prints',
      { bodyLimit: bodyBytes, schema: { body: PrintRequest, response: { 200: PrintJob } } },
      async ({ body }) => {
        const stickers = await stickersOf(platform, body);
        return prints.start({ template: body.template, stickers, branding: brandingOf(platform) });
      },
    );
    routes.get(
      '/operator/api/prints/:printId',
      { schema: { params: PrintParams, response: { 200: PrintJob } } },
      async ({ params }) => prints.job(params.printId),
    );
    routes.get('/operator/api/prints/:printId/file', { schema: { params: PrintParams } }, async ({ params }, reply) => {
      const { stream, job } = prints.file(params.printId);
      void reply.header('content-disposition', `attachment; filename="tongche-${job.template}-${job.printId}.pdf"`);
      if (job.bytes !== null) void reply.header('content-length', job.bytes);
      return reply.type('application/pdf').send(stream);
    });
  });
}
