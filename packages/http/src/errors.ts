// Every answer that is not a success comes from the catalogue: expected refusals by their code, malformed requests
// by what was wrong with their form, anything else as `internal` with nothing of the fault in it.
import { errorBody, errors, Refusal } from '@tongche/contract';
import type { ErrorCode } from '@tongche/contract';
import type { Log } from '@tongche/runtime';
import type { FastifyReply } from 'fastify';

/** Fastify's own error codes that do not simply mean a malformed request. */
const byFastifyCode: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'wrong-type',
  FST_ERR_CTP_INVALID_TYPE: 'wrong-type',
  FST_ERR_MAX_PARAM_LENGTH: 'not-found',
  FST_ERR_NOT_FOUND: 'not-found',
};

/** What a field's path may add to an answer; longer ones are cut. */
const maxFieldLength = 120;

interface ValidationProblem {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function validationProblem(error: Readonly<Record<string, unknown>>): ValidationProblem | undefined {
  const list = error['validation'];
  return Array.isArray(list) && isObject(list[0]) ? (list[0] as unknown as ValidationProblem) : undefined;
}

interface Answer {
  readonly code: ErrorCode;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly isFault: boolean;
}

function refused(code: ErrorCode, extra: Readonly<Record<string, unknown>> = {}): Answer {
  return { code, extra, isFault: false };
}

/** The catalogue entry for anything thrown while a request is handled. */
export function answerFor(error: unknown): Answer {
  if (error instanceof Refusal) return refused(error.code, error.extra);
  if (!isObject(error)) return { code: 'internal', extra: {}, isFault: true };
  const problem = validationProblem(error);
  if (problem !== undefined && isObject(problem.params)) {
    const unknown = problem.keyword === 'additionalProperties';
    const last = problem.params[unknown ? 'additionalProperty' : 'missingProperty'];
    const path = `${problem.instancePath}${typeof last === 'string' ? `/${last}` : ''}`;
    const part = typeof error['validationContext'] === 'string' ? error['validationContext'] : '';
    return refused(unknown ? 'unknown-field' : 'bad-request', { field: `${part}${path}`.slice(0, maxFieldLength) });
  }
  const fastifyCode = error['code'];
  if (typeof fastifyCode === 'string' && fastifyCode.startsWith('FST_')) {
    const known = byFastifyCode[fastifyCode];
    if (known !== undefined) return refused(known);
    const status = error['statusCode'];
    if (typeof status === 'number' && status >= 400 && status < 500) return refused('bad-request');
  }
  // JSON that would set a prototype, a body shorter than announced: thrown by the parsers without a code of theirs.
  if (error instanceof SyntaxError && error['statusCode'] === 400) return refused('bad-request');
  return { code: 'internal', extra: {}, isFault: true };
}

/** Seconds the header tells a refused client to wait, where the answer names any. */
export function retryAfterOf({ retryAfterS }: Readonly<Record<string, unknown>>): number | undefined {
  return Number.isFinite(retryAfterS) ? Math.max(1, Math.ceil(Number(retryAfterS))) : undefined;
}

/** When nobody knows better. */
const comeAgainS = 2;

/** Whoever is told `busy` is told when to come again: not before the refuser says, nor before there is room. */
export function withWait(
  code: ErrorCode,
  extra: Readonly<Record<string, unknown>>,
  gate: { retryAfterS(): number } | undefined,
): Readonly<Record<string, unknown>> {
  if (code !== 'busy') return extra;
  return { ...extra, retryAfterS: Math.max(retryAfterOf(extra) ?? 0, gate?.retryAfterS() ?? comeAgainS) };
}

/** Sends an entry of the catalogue. `retryAfterS` among the extra fields also becomes the header. */
export async function sendError(
  reply: FastifyReply,
  code: ErrorCode,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<FastifyReply> {
  const full = withWait(code, extra, reply.server.tongche.gate);
  const wait = retryAfterOf(full);
  if (wait !== undefined) void reply.header('retry-after', wait);
  const body = JSON.stringify(errorBody(code, full));
  return reply.code(errors[code].status).type('application/json; charset=utf-8').send(body);
}

/** The network went away in the middle of a body: nobody hears the answer, and nothing of ours failed. */
function isCut({ request }: FastifyReply, error: unknown): boolean {
  return !request.raw.complete && isObject(error) && error['code'] === 'ECONNRESET';
}

/** Answers whatever was thrown, and logs it when nobody expected it. */
export async function answerThrown(log: Log, reply: FastifyReply, error: unknown): Promise<FastifyReply> {
  if (isCut(reply, error)) return sendError(reply, 'bad-request');
  const { code, extra, isFault } = answerFor(error);
  if (isFault) log.fault('http.handler', error);
  return sendError(reply, code, extra);
}
