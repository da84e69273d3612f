// What phones ask: register, undo, look at a code. No cookie, no credential; plain text, so that no preflight is needed.
import { AccessCounts, CodeView, Refusal, ResolveRequest, UNDO_BODY_CHARS } from '@tongche/contract';
import type { ResolveRequest as Resolve } from '@tongche/contract';
import type { App, DirectRoute } from '@tongche/http';
import {
  dayStartMs,
  decodeScannedCode,
  encodeCode,
  fromBase64Url,
  MINUTE_MS,
  parseShortCode,
  readU16,
  uuidText,
} from '@tongche/protocol';
import { nodeSha256 } from '@tongche/protocol/node';
import { Type } from 'typebox';
import type { Code } from '../city/city.ts';
import { perMinute } from '../limits.ts';
import type { Platform } from '../platform.ts';
import { codeOfContent } from '../staff/code-text.ts';
import { accessCounts } from '../trace/access.ts';
import type { Erasure } from './erase.ts';
import { admit, parseRide } from './admit.ts';
import { codeView, receipts } from './receipt.ts';
import { unitOfCode } from './unit-of.ts';
import type { WrittenRide } from './writer.ts';

/** Above the 300 characters of a record: a browser's charset or a stray newline must get the designed answer. */
const textLimitBytes = 1024;
const undoWithinS = 120;
/** The answer to the undone ride may have been slow. */
const undoSlackS = 10;

function registerText(app: App): void {
  app.addContentTypeParser('text/plain', { parseAs: 'string', bodyLimit: textLimitBytes }, (_request, body, done) =>
    done(null, body),
  );
  // Anything else is `wrong-type`, JSON too.
  app.removeContentTypeParser('application/json');
}

/** d2 tag16 eraseK16. */
function parseUndo(body: string): { readonly day: number; readonly tag: Uint8Array; readonly eraseKey: Uint8Array } {
  const bytes = body.length === UNDO_BODY_CHARS ? fromBase64Url(body) : undefined;
  if (bytes?.ok !== true) throw new Refusal('bad-request');
  return { day: readU16(bytes.value, 0), tag: bytes.value.subarray(2, 18), eraseKey: bytes.value.subarray(18) };
}

function undoErasure(body: string, zone: string, nowMs: number): Erasure {
  const { day, tag, eraseKey } = parseUndo(body);
  return {
    day,
    tag: uuidText(tag),
    eraseC: uuidText(nodeSha256(eraseKey).subarray(0, 16)),
    fromMs: dayStartMs(day, zone),
    toMs: dayStartMs(day + 1, zone) - MINUTE_MS,
    receivedFromS: Math.floor(nowMs / 1000) - undoWithinS - undoSlackS,
  };
}

const ridesPath = '/v1/rides';

/** Registers the ride a body holds; resolves, once it is durable, with its RideReceipt as one character a byte. */
export type Register = (body: string, assisted: boolean) => Promise<string>;

export function registration(
  platform: Pick<Platform, 'clock' | 'city' | 'zone' | 'days' | 'writer' | 'admitRules'>,
): Register {
  const { clock, city, zone, days, writer } = platform;
  // Answers as text of our own: `receipt.test.ts` holds it against the contract's schema.
  const answers = receipts(zone);

  function answer(written: WrittenRide): string | Promise<string> {
    const { unit, boardedMs, receivedMs } = written.job;
    // A new ride was counted to its run a moment ago; a retry may hear of another one by now.
    if (written.assigned !== undefined) return answers.latin1(city.current, written, written.assigned, receivedMs);
    return days.using(days.keysOf(unit.vehicleId, boardedMs), () =>
      answers.latin1(city.current, written, days.assign(unit.vehicleId, boardedMs), receivedMs),
    );
  }

  return (body, assisted) => {
    try {
      const admitted = admit(parseRide(body), platform.admitRules(), clock.now());
      return writer.write(admitted, assisted).then(answer);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

/** The short way of the ordinary ride; the route of the framework beside it answers whatever is not ordinary. */
export function directRides(register: Register): DirectRoute {
  const assisted = `${ridesPath}?via=assist`;
  return {
    path: ridesPath,
    targets: [ridesPath, assisted],
    bodyLimitBytes: textLimitBytes,
    answer: (body, target) => register(body, target === assisted),
  };
}

export function rideRoutes(app: App, platform: Platform, register: Register): void {
  const { clock, zone } = platform;

  void app.register(async (texts: App) => {
    registerText(texts);
    texts.post(
      ridesPath,
      {
        bodyLimit: textLimitBytes,
        schema: {
          body: Type.String(),
          querystring: Type.Object({ via: Type.Optional(Type.Literal('assist')) }, { additionalProperties: false }),
        },
      },
      async (request, reply) => {
        const text = await register(request.body, request.query.via === 'assist');
        return reply.type('application/json; charset=utf-8').send(Buffer.from(text, 'latin1'));
      },
    );
    texts.post(
      '/v1/rides/undo',
      { bodyLimit: textLimitBytes, schema: { body: Type.String() } },
      async (request, reply) => {
        await platform.erase(undoErasure(request.body, zone, clock.now()));
        return reply.code(204).send();
      },
    );
  });
  codeRoutes(app, platform);
  app.get('/v1/access-counts', { schema: { response: { 200: AccessCounts } } }, async (_request, reply) => {
    void reply.header('cache-control', 'public, max-age=300');
    return accessCounts(platform);
  });
}

function codeRoutes(app: App, platform: Platform): void {
  const { clock, city, config, db } = platform;
  const limitViews = perMinute(clock, config.codeViewsPerMinute);
  const limitResolves = perMinute(clock, config.resolvesPerMinute);
  const limitAllResolves = perMinute(clock, config.allResolvesPerMinute);

  function view(code: Code | undefined): CodeView {
    const nowMs = clock.now();
    if (code === undefined) throw new Refusal('unknown-code');
    if (code.revokedMs !== null && nowMs >= code.revokedMs) throw new Refusal('code-revoked');
    return codeView(city.current, code, unitOfCode(city.current, code, nowMs).unit);
  }

  async function resolved(body: Resolve): Promise<Code | undefined> {
    if ('content' in body) return codeOfContent(db, city.current, body.content);
    const short = parseShortCode(body.shortCode);
    if (!short.ok) throw new Refusal('bad-short-code');
    return city.current.codeByShort(short.value);
  }

  app.get(
    '/v1/codes/:code',
    { schema: { params: Type.Object({ code: Type.String({ maxLength: 32 }) }), response: { 200: CodeView } } },
    async (request, reply) => {
      limitViews(request.ip);
      const scanned = decodeScannedCode(request.params.code);
      void reply.header('cache-control', 'no-store');
      return view(scanned.ok ? city.current.code(encodeCode(scanned.value.code)) : undefined);
    },
  );
  app.post('/v1/codes/resolve', { schema: { body: ResolveRequest, response: { 200: CodeView } } }, async (request) => {
    // What stands on a sticker is scanned by thousands behind one gateway; a number can be guessed.
    if ('content' in request.body) limitViews(request.ip);
    else {
      limitResolves(request.ip);
      limitAllResolves('all');
    }
    const code = await resolved(request.body);
    // A crew code is not for passengers and is not told apart from one that does not exist.
    return view(code?.purpose === 'passenger' ? code : undefined);
  });
}
