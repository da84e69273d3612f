// What anybody may read: day bundles, settings, the consent text, notices by id, daily lists, the public log.
import {
  BundlesReply,
  ConsentReply,
  ListsReply,
  LogEntries,
  NoticeBlob,
  NoticeReceipt,
  PageSettings,
  Refusal,
} from '@tongche/contract';
import type { Bundle } from '@tongche/contract';
import type { App } from '@tongche/http';
import { dayFromText, fromBase64Url, toBase64Url } from '@tongche/protocol';
import type { Clock } from '@tongche/runtime';
import { Type } from 'typebox';
import type { Config } from '../config.ts';
import { LOG_PAGE } from '../limits.ts';
import type { Stores } from '../store/stores.ts';
import { networkLimit } from './guard.ts';

interface PublicRoutes {
  readonly config: Pick<Config, 'perNetwork'>;
  readonly clock: Clock;
  readonly stores: Stores;
  readonly bundles: () => Bundle[];
  readonly settings: PageSettings;
  readonly consent: ConsentReply;
}

const PAST_CACHE = 'public, max-age=3600';
const NOTICE_ID_BYTES = 16;

/** Query strings are text: whole numbers from 0, or the default. */
function numberOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,15}$/.test(text)) throw new Refusal('bad-request');
  return Number(text);
}

function noticeId(text: string): Uint8Array {
  const id = fromBase64Url(text);
  // Malformed and unknown answer alike.
  if (!id.ok || id.value.length !== NOTICE_ID_BYTES) throw new Refusal('not-found');
  return id.value;
}

export function noticeRoutes(app: App, { config, clock, stores }: PublicRoutes): void {
  const limit = networkLimit(clock, config.perNetwork.notice);
  const params = Type.Object({ id: Type.String() });

  app.get('/notices/:id', { schema: { params, response: { 200: NoticeBlob } } }, async (request) => {
    limit(request.ip);
    const blob = await stores.notices.get(noticeId(request.params.id), clock.now());
    if (blob === undefined) throw new Refusal('not-found');
    return { blob: toBase64Url(blob) };
  });

  app.post('/notices/:id/receipt', { schema: { params, body: NoticeReceipt } }, async (request, reply) => {
    limit(request.ip);
    const id = noticeId(request.params.id);
    if (!(await stores.notices.receipt(id, request.body.outcome, clock.now()))) throw new Refusal('not-found');
    return reply.code(204).send();
  });
}

export function listRoutes(app: App, { stores }: PublicRoutes): void {
  app.get('/lists', { schema: { response: { 200: ListsReply } } }, async () => ({ lists: await stores.lists.all() }));

  const params = Type.Object({ kind: Type.String(), date: Type.String() });
  app.get('/lists/:kind/:date', { schema: { params } }, async (request, reply) => {
    const { kind, date } = request.params;
    if ((kind !== 'expo1' && kind !== 'notice1') || !dayFromText(date).ok) throw new Refusal('not-found');
    const list = await stores.lists.get(kind, date);
    if (list === undefined) throw new Refusal('not-found');
    return reply.type('application/octet-stream').header('cache-control', PAST_CACHE).send(list);
  });
}

export function logRoutes(app: App, { stores }: PublicRoutes): void {
  const querystring = Type.Object(
    { from: Type.Optional(Type.String()), limit: Type.Optional(Type.String()) },
    { additionalProperties: false },
  );

  async function page(query: { readonly from?: string; readonly limit?: string }) {
    const from = numberOf(query.from, 0);
    const limit = Math.min(numberOf(query.limit, LOG_PAGE), LOG_PAGE);
    return { from, entries: await stores.log.entries(from, limit) };
  }

  app.get('/log/checkpoint', async (_request, reply) => {
    const checkpoint = await stores.log.checkpoint();
    if (checkpoint === undefined) throw new Refusal('not-found');
    return reply.type('text/plain; charset=utf-8').send(checkpoint);
  });
  app.get('/log/entries', { schema: { querystring, response: { 200: LogEntries } } }, async (request) =>
    page(request.query),
  );
  app.get('/log/entries.txt', { schema: { querystring } }, async (request, reply) => {
    const { entries } = await page(request.query);
    return reply.type('text/plain; charset=utf-8').send(entries.map((entry) => `${entry}\n`).join(''));
  });
}

export function publicRoutes(app: App, options: PublicRoutes): void {
  const { clock, bundles, settings, consent } = options;
  app.get('/bundles', { schema: { response: { 200: BundlesReply } } }, async () => ({
    bundles: bundles(),
    nowMs: clock.now(),
  }));
  app.get('/settings', { schema: { response: { 200: PageSettings } } }, async () => settings);
  app.get('/consent', { schema: { response: { 200: ConsentReply } } }, async () => consent);
  noticeRoutes(app, options);
  listRoutes(app, options);
  logRoutes(app, options);
}
