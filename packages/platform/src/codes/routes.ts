// What the operator's console and command line ask about codes. Admins only; every write from our own page.
import {
  Base64Url,
  Batch,
  BatchList,
  BindAlias,
  CodeChange,
  CodeRow,
  IssueCodes,
  MoveCode,
  Refusal,
} from '@tongche/contract';
import type { App } from '@tongche/http';
import { csvText } from '@tongche/network/import';
import { Type } from 'typebox';
import type { Code } from '../city/city.ts';
import type { Platform } from '../platform.ts';
import { sessions } from '../staff/sessions.ts';
import { batchOf, codesOfBatch, latestBatches } from '../store/codes.ts';
import { codesOffice } from './codes.ts';

/** 5,000 unit ids of 64 characters. */
const issueBodyBytes = 512 * 1024;
const bodyBytes = 16 * 1024;
const maxBatches = 200;

const CodeParams = Type.Object({ code: Base64Url(8) });
const BatchParams = Type.Object({ batchId: Type.String({ pattern: '^[1-9]\\d{0,8}$' }) });

/** One line a sticker: the columns of a code import, and what a printer needs besides. */
function printerCsv({ city, clock, config }: Platform, codes: readonly Code[]): string {
  const nowMs = clock.now();
  const rows = codes.map((code) => {
    const unit = city.current.unitAt(code, nowMs);
    const url = `${config.registrarUrl}/r/${code.code8}`;
    const { kind = '', plate = '', carriageNo = '' } = unit ?? {};
    return [code.code8, code.shortCode, unit?.unitId ?? '', code.purpose, url, kind, plate, carriageNo];
  });
  return csvText(['code', 'short_code', 'unit_id', 'purpose', 'url', 'kind', 'plate', 'carriage_no'], rows);
}

export function codesRoutes(app: App, platform: Platform): void {
  const access = sessions(platform);
  const codes = codesOffice(platform);
  const { db, city } = platform;

  void app.register(async (routes: App) => {
    routes.addHook('onRequest', async (request) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') access.checkOrigin(request);
    });
    routes.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

    routes.post(
      '/operator/api/codes',
      { bodyLimit: issueBodyBytes, schema: { body: IssueCodes, response: { 200: Batch } } },
      async (request) => codes.issue((await access.admin(request)).staffId, request.body),
    );
    routes.post(
      '/operator/api/codes/:code/move',
      { bodyLimit: bodyBytes, schema: { params: CodeParams, body: MoveCode, response: { 200: CodeRow } } },
      async (request) => codes.move((await access.admin(request)).staffId, request.params.code, request.body),
    );
    routes.post(
      '/operator/api/codes/:code/replace',
      { bodyLimit: bodyBytes, schema: { params: CodeParams, body: CodeChange, response: { 200: CodeRow } } },
      async (request) => codes.replace((await access.admin(request)).staffId, request.params.code),
    );
    routes.post(
      '/operator/api/codes/:code/revoke',
      { bodyLimit: bodyBytes, schema: { params: CodeParams, body: CodeChange, response: { 200: CodeRow } } },
      async (request) => codes.revoke((await access.admin(request)).staffId, request.params.code),
    );
    routes.post(
      '/operator/api/codes/:code/alias',
      { bodyLimit: bodyBytes, schema: { params: CodeParams, body: BindAlias, response: { 200: CodeRow } } },
      async (request) =>
        codes.bindAlias((await access.admin(request)).staffId, request.params.code, request.body.content),
    );
    routes.get('/operator/api/batches', { schema: { response: { 200: BatchList } } }, async (request) => {
      await access.admin(request);
      return { rows: [...(await latestBatches(db, maxBatches))] };
    });
    // For a printer of their own: what stands in the QR, and what is printed under it.
    routes.get(
      '/operator/api/batches/:batchId/codes.csv',
      { schema: { params: BatchParams } },
      async (request, reply) => {
        await access.admin(request);
        const batchId = Number(request.params.batchId);
        if ((await batchOf(db, batchId)) === undefined) throw new Refusal('not-found');
        const list = (await codesOfBatch(db, batchId)).flatMap((code8) => city.current.code(code8) ?? []);
        void reply.header('content-disposition', `attachment; filename="codes-batch-${batchId}.csv"`);
        return reply.type('text/csv; charset=utf-8').send(printerCsv(platform, list));
      },
    );
  });
}
