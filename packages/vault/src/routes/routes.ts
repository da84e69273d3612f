// The casework interface, over a socket only our own console process can open. The actor comes from its session; what
// counts, orders, reveals and approvals, is signed by the person's own key and checked here.
import {
  ApproveMessages,
  ApproveReply,
  CaseView,
  ContactPage,
  CorrectFacts,
  FindingsView,
  GapDecision,
  IncludeContacts,
  IncludeRide,
  InterviewView,
  KeysReply,
  LogView,
  MessageBatch,
  MessagePreview,
  NetworkReply,
  NewCase,
  OrderView,
  OutcomeRequest,
  PendingKey,
  PickRequest,
  PoliciesReply,
  Refusal,
  ResendRequest,
  RevealReply,
  RevealRequest,
  RosterReply,
  SignOrder,
  NumberUse,
  StrikeRide,
  Tier,
  ToldRide,
  Empty,
  TraceView,
} from '@tongche/contract';
import { sse } from '@tongche/http';
import type { App } from '@tongche/http';
import type { Clock } from '@tongche/runtime';
import { dayText } from '@tongche/protocol';
import type { Database } from '@tongche/postgres';
import { Type } from 'typebox';
import type { Amendments } from '../cases/amend.ts';
import type { Cases } from '../cases/cases.ts';
import type { Contacts } from '../cases/contacts.ts';
import type { Exports } from '../cases/exports.ts';
import type { Inclusions } from '../cases/include.ts';
import type { Interviews } from '../cases/interview.ts';
import { policyViews } from '../cases/rules.ts';
import type { Traces } from '../cases/trace.ts';
import type { Config } from '../config.ts';
import type { Roll } from '../keys/roll.ts';
import type { Rosters } from '../keys/roster.ts';
import type { TransparencyLog } from '../log/transparency.ts';
import type { Messages } from '../messages/messages.ts';
import { dayKeysFrom } from '../store/day-keys.ts';
import { actorOf, caseActor } from './actor.ts';
import type { EventHub } from './event-hub.ts';
import { exportRoutes } from './exports.ts';

const MAX_LOG_PAGE = 1_000;
/** Days shown after their destruction, as proof. */
const DESTROYED_DAYS_SHOWN = 14;

export interface RouteParts {
  readonly config: Config;
  readonly clock: Pick<Clock, 'now'>;
  readonly db: Database;
  readonly cases: Cases;
  readonly contacts: Contacts;
  readonly traces: Traces;
  readonly inclusions: Inclusions;
  readonly amendments: Amendments;
  readonly interviews: Interviews;
  readonly messages: Messages;
  readonly exports: Exports;
  readonly rosters: Rosters;
  readonly transparency: TransparencyLog;
  readonly roll: Roll;
  readonly hub: EventHub;
}

const CaseParams = Type.Object({ caseId: Type.String({ maxLength: 64 }) });
const ContactParams = Type.Object({
  caseId: Type.String({ maxLength: 64 }),
  contactId: Type.String({ maxLength: 64 }),
});
const RideParams = Type.Object({ caseId: Type.String({ maxLength: 64 }), rideId: Type.String({ maxLength: 64 }) });
const Digits = Type.String({ pattern: '^\\d{1,9}$' });
const ContactQuery = Type.Object(
  {
    after: Type.Optional(Digits),
    limit: Type.Optional(Digits),
    tier: Type.Optional(Tier),
    q: Type.Optional(Type.String({ maxLength: 60 })),
    aside: Type.Optional(Type.Literal('true')),
  },
  { additionalProperties: false },
);
const LogQuery = Type.Object(
  { from: Type.Optional(Digits), limit: Type.Optional(Digits) },
  { additionalProperties: false },
);

export function addRoutes(app: App, parts: RouteParts): void {
  caseRoutes(app, parts);
  interviewRoutes(app, parts);
  contactRoutes(app, parts);
  messageRoutes(app, parts);
  exportRoutes(app, parts.exports);
  publicRoutes(app, parts);
}

function caseRoutes(app: App, { config, clock, cases, traces, inclusions, amendments }: RouteParts): void {
  app.get('/policies', { schema: { response: { 200: PoliciesReply } } }, async (request) => {
    actorOf(request);
    return { policies: [...policyViews(config, clock.now())] };
  });
  const correct = { schema: { params: CaseParams, body: CorrectFacts, response: { 200: CaseView } } };
  app.post('/cases/:caseId/facts', correct, async (request) => {
    const actor = caseActor(request);
    const { caseId } = request.params;
    await amendments.facts(actor, caseId, request.body.facts);
    return cases.view(actor, caseId);
  });
  app.post('/cases', { schema: { body: NewCase, response: { 200: CaseView } } }, (request) =>
    cases.create(caseActor(request), request.body),
  );
  app.get('/cases', async (request) => cases.list(caseActor(request)));
  app.get('/cases/:caseId', { schema: { params: CaseParams, response: { 200: CaseView } } }, (request) =>
    cases.view(caseActor(request), request.params.caseId),
  );
  const ask = { schema: { params: CaseParams, body: Empty, response: { 200: OrderView } } };
  app.post('/cases/:caseId/orders', ask, (request) => cases.askOrder(caseActor(request), request.params.caseId));
  const sign = {
    schema: {
      params: Type.Object({ orderHash: Type.String({ maxLength: 64 }) }),
      body: SignOrder,
      response: { 200: OrderView },
    },
  };
  app.post('/orders/:orderHash/signatures', sign, async (request) => {
    caseActor(request);
    const view = await cases.sign(request.params.orderHash, request.body.assertion);
    if (view.state === 'signed') traces.start(view.orderHash);
    return view;
  });
  app.get('/cases/:caseId/trace', { schema: { params: CaseParams, response: { 200: TraceView } } }, (request) =>
    traces.view(caseActor(request), request.params.caseId),
  );
  const includeRide = { schema: { params: RideParams, body: IncludeRide } };
  app.post('/cases/:caseId/rides/:rideId/include', includeRide, async (request, reply) => {
    const { caseId, rideId } = request.params;
    await inclusions.ride(caseActor(request), caseId, rideId, request.body);
    return reply.code(204).send();
  });
  const close = { schema: { params: CaseParams, body: Empty, response: { 200: CaseView } } };
  app.post('/cases/:caseId/close', close, (request) => cases.close(caseActor(request), request.params.caseId));
}

const LegParams = Type.Object({ caseId: Type.String({ maxLength: 64 }), legId: Type.String({ maxLength: 64 }) });
const GapParams = Type.Object({ caseId: Type.String({ maxLength: 64 }), gapId: Type.String({ maxLength: 200 }) });
const NetworkQuery = Type.Object({ q: Type.String({ minLength: 1, maxLength: 40 }) }, { additionalProperties: false });

function interviewRoutes(app: App, { interviews, traces }: RouteParts): void {
  const response = { 200: InterviewView };
  app.get('/cases/:caseId/interview', { schema: { params: CaseParams, response } }, (request) =>
    interviews.view(caseActor(request), request.params.caseId),
  );
  app.post('/cases/:caseId/interview/legs', { schema: { params: CaseParams, body: ToldRide, response } }, (request) =>
    interviews.add(caseActor(request), request.params.caseId, request.body),
  );
  const picks = { schema: { params: LegParams, body: PickRequest, response } };
  app.post('/cases/:caseId/interview/legs/:legId/picks', picks, (request) => {
    const { caseId, legId } = request.params;
    return interviews.pick(caseActor(request), caseId, legId, request.body);
  });
  const remove = { schema: { params: LegParams, body: Empty, response } };
  app.post('/cases/:caseId/interview/legs/:legId/remove', remove, (request) => {
    const { caseId, legId } = request.params;
    return interviews.remove(caseActor(request), caseId, legId);
  });
  const gap = { schema: { params: GapParams, body: GapDecision, response } };
  app.post('/cases/:caseId/interview/gaps/:gapId', gap, (request) => {
    const { caseId, gapId } = request.params;
    return interviews.decide(caseActor(request), caseId, gapId, request.body.confirmed);
  });
  const strike = { schema: { params: RideParams, body: StrikeRide, response } };
  app.post('/cases/:caseId/interview/rides/:rideId', strike, (request) => {
    const { caseId, rideId } = request.params;
    return interviews.strike(caseActor(request), caseId, rideId, request.body.struck);
  });
  const number = { schema: { params: CaseParams, body: NumberUse, response } };
  app.post('/cases/:caseId/interview/number', number, (request) =>
    interviews.number(caseActor(request), request.params.caseId, request.body.soleUser),
  );
  app.get('/network', { schema: { querystring: NetworkQuery, response: { 200: NetworkReply } } }, (request) => {
    caseActor(request);
    return interviews.network(request.query.q);
  });
  app.get('/cases/:caseId/findings', { schema: { params: CaseParams, response: { 200: FindingsView } } }, (request) =>
    traces.findings(caseActor(request), request.params.caseId),
  );
}

function contactRoutes(app: App, { contacts, inclusions }: RouteParts): void {
  const list = { schema: { params: CaseParams, querystring: ContactQuery, response: { 200: ContactPage } } };
  app.get('/cases/:caseId/contacts', list, (request) => {
    const { after = '0', limit = '100', tier, q, aside } = request.query;
    return contacts.page(caseActor(request), request.params.caseId, {
      after: Number(after),
      limit: Number(limit),
      tier,
      q,
      aside: aside === 'true',
    });
  });
  const include = { schema: { params: CaseParams, body: IncludeContacts } };
  app.post('/cases/:caseId/contacts/include', include, async (request, reply) => {
    await inclusions.contacts(caseActor(request), request.params.caseId, request.body);
    return reply.code(204).send();
  });
  const reveal = { schema: { params: ContactParams, body: RevealRequest, response: { 200: RevealReply } } };
  app.post('/cases/:caseId/contacts/:contactId/reveal', reveal, (request) => {
    const { caseId, contactId } = request.params;
    return contacts.reveal(caseActor(request), caseId, contactId, request.body);
  });
  const outcome = { schema: { params: ContactParams, body: OutcomeRequest } };
  app.post('/cases/:caseId/contacts/:contactId/outcome', outcome, async (request, reply) => {
    const { caseId, contactId } = request.params;
    await contacts.setOutcome(caseActor(request), caseId, contactId, request.body);
    return reply.code(204).send();
  });
}

function messageRoutes(app: App, { messages }: RouteParts): void {
  const preview = { schema: { params: CaseParams, body: MessageBatch, response: { 200: MessagePreview } } };
  app.post('/cases/:caseId/messages/preview', preview, (request) => {
    caseActor(request);
    return messages.preview(request.params.caseId, request.body);
  });
  const approve = { schema: { params: CaseParams, body: ApproveMessages, response: { 200: ApproveReply } } };
  app.post('/cases/:caseId/messages', approve, (request) => {
    const { batch, assertion } = request.body;
    return messages.approve(caseActor(request), request.params.caseId, batch, assertion);
  });
  const again = { schema: { params: ContactParams, body: ResendRequest } };
  app.post('/cases/:caseId/messages/:contactId/resend', again, async (request, reply) => {
    const { caseId, contactId } = request.params;
    await messages.resend(caseActor(request), caseId, contactId);
    return reply.code(204).send();
  });
}

function publicRoutes(app: App, parts: RouteParts): void {
  const { config, clock, db, rosters, transparency, roll, hub } = parts;
  app.get('/keys', { schema: { response: { 200: KeysReply } } }, async (request) => {
    actorOf(request);
    const today = roll.today();
    const rows = await dayKeysFrom(db, today - config.retentionDays - DESTROYED_DAYS_SHOWN);
    const days = rows.map(({ day, destroyedMs }) => ({
      day: dayText(day),
      state: destroyedMs !== null ? ('destroyed' as const) : day > today ? ('future' as const) : ('living' as const),
      destroyedMs,
      destroyOn: dayText(day + config.retentionDays),
    }));
    return { days, retentionDays: config.retentionDays, nowMs: clock.now() };
  });
  app.get('/log', { schema: { querystring: LogQuery, response: { 200: LogView } } }, async (request) => {
    actorOf(request);
    const { from = '0', limit = '100' } = request.query;
    const { size, note } = await transparency.checkpoint();
    const entries = await transparency.entries(Number(from), Math.min(Number(limit), MAX_LOG_PAGE));
    return {
      size,
      checkpoint: note,
      entries: entries.map(({ index, atMs, kind, line }) => ({ index, atMs, kind, detail: line })),
    };
  });
  app.get('/roster', { schema: { response: { 200: RosterReply } } }, (request) => {
    actorOf(request);
    return rosters.view();
  });
  app.post('/roster/pending', { schema: { body: PendingKey, response: { 200: RosterReply } } }, async (request) => {
    const actor = actorOf(request);
    // A console can only ask for the person and role it signed in.
    if (request.body.person !== actor.person || request.body.role !== actor.role) throw new Refusal('forbidden');
    await rosters.ask(request.body);
    return rosters.view();
  });
  app.get('/events', (_request, reply) => {
    const stream = sse(reply, { onClose: () => stop() });
    const stop = hub.listen((event, data) => void stream.send({ event, data }));
    return reply;
  });
}
