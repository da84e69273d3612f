// Corrections of which run a vehicle made, for the operator's console: admins only, from our own page.
import {
  Correction,
  CorrectionList,
  CorrectionQuery,
  CorrectRun,
  Refusal,
  RunChoiceQuery,
  RunChoices,
} from '@tongche/contract';
import type { App } from '@tongche/http';
import { Type } from 'typebox';
import { askedDay } from '../operator/refs.ts';
import type { Platform } from '../platform.ts';
import { sessions } from '../staff/sessions.ts';
import { correct, corrections } from './correct.ts';
import { runChoices } from './made.ts';

const UnitParams = Type.Object({ unitId: Type.String({ minLength: 1, maxLength: 64 }) });
const bodyBytes = 4096;

export function runRoutes(app: App, platform: Platform): void {
  const access = sessions(platform);
  const { city } = platform;

  void app.register(async (routes: App) => {
    routes.addHook('onRequest', async (request) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') access.checkOrigin(request);
    });
    routes.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

    routes.post(
      '/operator/api/corrections',
      { bodyLimit: bodyBytes, schema: { body: CorrectRun, response: { 200: Correction } } },
      async (request) => correct(platform, (await access.admin(request)).staffId, request.body),
    );
    routes.get(
      '/operator/api/corrections',
      { schema: { querystring: CorrectionQuery, response: { 200: CorrectionList } } },
      async (request) => {
        await access.admin(request);
        const { date, unit } = request.query;
        const vehicleId = unit === undefined ? null : city.current.unit(unit)?.vehicleId;
        if (vehicleId === undefined) throw new Refusal('not-found');
        return { rows: [...(await corrections(platform, askedDay(platform, date), vehicleId))] };
      },
    );
    routes.get(
      '/operator/api/vehicles/:unitId/runs',
      { schema: { params: UnitParams, querystring: RunChoiceQuery, response: { 200: RunChoices } } },
      async (request) => {
        await access.admin(request);
        const { date, line } = request.query;
        return runChoices(platform, request.params.unitId, askedDay(platform, date), line);
      },
    );
  });
}
