// What the operator's console reads: overview, vehicles, codes, retention. Counts and names; never a ride, a tag or a person.
import {
  CodeList,
  CodeQuery,
  DoubtList,
  DoubtQuery,
  Overview,
  OverviewQuery,
  Retention,
  VehicleDetail,
  VehicleDetailQuery,
  VehicleList,
  VehicleQuery,
} from '@tongche/contract';
import type { App } from '@tongche/http';
import { dayOf } from '@tongche/protocol';
import { Type } from 'typebox';
import type { Platform } from '../platform.ts';
import { sessions } from '../staff/sessions.ts';
import { expectedHeads } from '../store/operator.ts';
import { codeList } from './codes.ts';
import { makeCounts } from './day-counts.ts';
import { doubtList } from './doubts.ts';
import { overview } from './overview.ts';
import { askedDay } from './refs.ts';
import { retention } from './retention.ts';
import { makeDayRows, vehicleDetail, vehicleList } from './vehicles.ts';

const UnitParams = Type.Object({ unitId: Type.String({ minLength: 1, maxLength: 64 }) });

export function operatorRoutes(app: App, platform: Platform): void {
  const { db, clock, zone } = platform;
  const access = sessions(platform);
  const dayRows = makeDayRows(platform, makeCounts(platform));

  void app.register(async (routes: App) => {
    routes.addHook('onRequest', async (request) => void (await access.admin(request)));
    routes.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

    routes.get(
      '/operator/api/overview',
      { schema: { querystring: OverviewQuery, response: { 200: Overview } } },
      async (request) => {
        const day = askedDay(platform, request.query.date);
        return overview(platform, await dayRows(day), await expectedHeads(db, day));
      },
    );
    routes.get(
      '/operator/api/vehicles',
      { schema: { querystring: VehicleQuery, response: { 200: VehicleList } } },
      async (request) => vehicleList(await dayRows(askedDay(platform, request.query.date)), request.query),
    );
    routes.get(
      '/operator/api/vehicles/:unitId',
      { schema: { params: UnitParams, querystring: VehicleDetailQuery, response: { 200: VehicleDetail } } },
      async (request) => {
        const day = askedDay(platform, request.query.date);
        return vehicleDetail(platform, await dayRows(day), request.params.unitId, day);
      },
    );
    routes.get(
      '/operator/api/doubts',
      { schema: { querystring: DoubtQuery, response: { 200: DoubtList } } },
      async (request) => doubtList(platform, await dayRows(askedDay(platform, request.query.date)), request.query),
    );
    routes.get(
      '/operator/api/codes',
      { schema: { querystring: CodeQuery, response: { 200: CodeList } } },
      async (request) => codeList(platform, await dayRows(dayOf(clock.now(), zone)), request.query),
    );
    routes.get('/operator/api/retention', { schema: { response: { 200: Retention } } }, async () =>
      retention(platform),
    );
  });
}
