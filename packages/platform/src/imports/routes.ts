// What the console and the command line send and fetch: files in, reports, rows to mend, lists out. Admins only.
import {
  ApplyImport,
  ExportQuery,
  ImportKind,
  ImportList,
  ImportQuery,
  ImportReport,
  Refusal,
} from '@tongche/contract';
import type { App } from '@tongche/http';
import { Type } from 'typebox';
import type { Platform } from '../platform.ts';
import { sessions } from '../staff/sessions.ts';
import type { Imports } from './imports.ts';

/** Ten times New York's subway; a file is held in memory twice for a moment. */
const maxFileBytes = 64 * 1024 * 1024;
const bodyBytes = 4096;

const ImportParams = Type.Object({ importId: Type.String({ pattern: '^[A-Za-z0-9_-]{16}$' }) });
const ExportParams = Type.Object({ kind: ImportKind });

export function importRoutes(app: App, platform: Platform, imports: Imports): void {
  const access = sessions(platform);

  void app.register(async (routes: App) => {
    routes.addHook('onRequest', async (request) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') access.checkOrigin(request);
      // Before the body: nobody else may make us hold 64 MiB.
      await access.admin(request);
    });
    routes.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
    routes.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit: maxFileBytes },
      (_request, body, done) => done(null, body),
    );

    routes.post(
      '/operator/api/imports',
      { bodyLimit: maxFileBytes, schema: { querystring: ImportQuery, response: { 200: ImportReport } } },
      async (request) => {
        const { staffId } = await access.admin(request);
        return imports.check(staffId, request.query, bytesOf(request.body));
      },
    );
    routes.get('/operator/api/imports', { schema: { response: { 200: ImportList } } }, async () => ({
      rows: [...(await imports.list())],
    }));
    routes.get(
      '/operator/api/imports/:importId',
      { schema: { params: ImportParams, response: { 200: ImportReport } } },
      async (request) => imports.report(request.params.importId),
    );
    routes.post(
      '/operator/api/imports/:importId/apply',
      { bodyLimit: bodyBytes, schema: { params: ImportParams, body: ApplyImport, response: { 200: ImportReport } } },
      async (request) => imports.apply(request.params.importId, request.body.mode === 'good-rows'),
    );
    routes.get(
      '/operator/api/imports/:importId/bad-rows',
      { schema: { params: ImportParams } },
      async (request, reply) => {
        const { importId } = request.params;
        const text = await imports.badRows(importId);
        void reply.header('content-disposition', `attachment; filename="bad-rows-${importId}.csv"`);
        return reply.type('text/csv; charset=utf-8').send(text);
      },
    );
    routes.get(
      '/operator/api/exports/:kind',
      { schema: { params: ExportParams, querystring: ExportQuery } },
      async (request, reply) => {
        const file = await imports.export(request.params.kind, request.query.format ?? 'csv');
        void reply.header('content-disposition', `attachment; filename="${file.fileName}"`);
        return reply.type(file.type).send(Buffer.from(file.bytes));
      },
    );
  });
}

/** The file as sent; no body at all is an empty file. */
function bytesOf(body: unknown): Uint8Array {
  if (body === undefined || body === null) return new Uint8Array();
  if (!(body instanceof Uint8Array)) throw new Refusal('wrong-type');
  return body;
}
