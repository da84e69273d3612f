// Exports: asked for, signed, taken as files.
import { AskExport, Empty, ExportList, ExportPart, ExportView, SignOrder } from '@tongche/contract';
import type { App } from '@tongche/http';
import { Type } from 'typebox';
import type { Exports } from '../cases/exports.ts';
import { caseActor } from './actor.ts';

const Id = Type.String({ maxLength: 64 });
const CaseParams = Type.Object({ caseId: Id });
const ExportParams = Type.Object({ caseId: Id, exportHash: Id });
const FileParams = Type.Object({ caseId: Id, exportHash: Id, part: ExportPart });

export function exportRoutes(app: App, exports: Exports): void {
  const ask = { schema: { params: CaseParams, body: AskExport, response: { 200: ExportView } } };
  app.post('/cases/:caseId/exports', ask, (request) =>
    exports.ask(caseActor(request), request.params.caseId, request.body),
  );
  const list = { schema: { params: CaseParams, response: { 200: ExportList } } };
  app.get('/cases/:caseId/exports', list, async (request) => ({
    exports: [...(await exports.list(caseActor(request), request.params.caseId))],
  }));
  const sign = { schema: { params: ExportParams, body: SignOrder, response: { 200: ExportView } } };
  app.post('/cases/:caseId/exports/:exportHash/signatures', sign, (request) => {
    const { caseId, exportHash } = request.params;
    return exports.sign(caseActor(request), caseId, exportHash, request.body.assertion);
  });
  const take = { schema: { params: FileParams, body: Empty } };
  app.post('/cases/:caseId/exports/:exportHash/files/:part', take, async (request, reply) => {
    const { caseId, exportHash, part } = request.params;
    const { name, type, bytes } = await exports.take(caseActor(request), caseId, exportHash, part);
    void reply.header('content-disposition', `attachment; filename="${name}"`).header('cache-control', 'no-store');
    return reply.type(type).send(Buffer.from(bytes));
  });
}
