// What the vault brings and asks for: keys, notices, lists, the log; receipts. Internal listener only.
import { ListPush, LogPush, NoticePush, ReceiptsReply, Refusal, RegistrarKeys } from '@tongche/contract';
import type { App } from '@tongche/http';
import { dayFromText, toBase64Url } from '@tongche/protocol';
import type { Log } from '@tongche/runtime';
import { Type } from 'typebox';
import { events } from '../events.ts';
import type { KeyIntake } from '../keys/intake.ts';
import { RECEIPTS_PAGE } from '../limits.ts';
import type { LogMirror } from '../log-mirror.ts';
import type { Stores } from '../store/stores.ts';
import { bytesOf } from '../wallet.ts';

interface InternalRoutes {
  readonly stores: Stores;
  readonly intake: KeyIntake;
  readonly mirror: LogMirror;
  readonly log: Log;
}

const VALUE_BYTES = 8;

/** Ascending and without repetition: neither order nor number of a value can tell anything. */
function isSortedList(list: Buffer): boolean {
  if (list.length % VALUE_BYTES !== 0) return false;
  for (let at = VALUE_BYTES; at < list.length; at += VALUE_BYTES) {
    if (list.compare(list, at, at + VALUE_BYTES, at - VALUE_BYTES, at) >= 0) return false;
  }
  return true;
}

export function internalRoutes(app: App, { stores, intake, mirror, log }: InternalRoutes): void {
  app.post('/internal/keys', { schema: { body: RegistrarKeys } }, async (request, reply) => {
    await intake.take(request.body);
    return reply.code(204).send();
  });

  app.post('/internal/notices', { schema: { body: NoticePush } }, async (request, reply) => {
    const { notices } = request.body;
    await stores.notices.put(
      notices.map(({ id, blob, expiresMs }) => ({ id: bytesOf(id), blob: bytesOf(blob), expiresMs })),
    );
    log.event(events.notices, { count: notices.length });
    return reply.code(204).send();
  });

  const querystring = Type.Object(
    { afterMs: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })) },
    { additionalProperties: false },
  );
  app.get('/internal/receipts', { schema: { querystring, response: { 200: ReceiptsReply } } }, async (request) => {
    const rows = await stores.notices.receipts(Number(request.query.afterMs ?? 0), RECEIPTS_PAGE);
    return { receipts: rows.map(({ id, outcome, atMs }) => ({ id: toBase64Url(id), outcome, atMs })) };
  });

  app.post('/internal/lists', { schema: { body: ListPush } }, async (request, reply) => {
    const { kind, date, values } = request.body;
    const list = Buffer.from(bytesOf(values));
    if (!dayFromText(date).ok || !isSortedList(list)) throw new Refusal('bad-request');
    await stores.lists.put(kind, date, list);
    log.event(events.list, { kind, date, count: list.length / VALUE_BYTES });
    return reply.code(204).send();
  });

  app.post('/internal/log', { schema: { body: LogPush } }, async (request, reply) => {
    await mirror.push(request.body);
    return reply.code(204).send();
  });
  /** How far the mirror is, so that the vault sends what is missing. */
  app.get('/internal/log', async () => ({ size: mirror.size() }));
}
