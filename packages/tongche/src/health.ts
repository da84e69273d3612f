// Asks a process how it is, over TCP or its Unix socket.
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export type HealthTarget =
  | { readonly socket: string; readonly path: string }
  | { readonly port: number; readonly host: string; readonly path: string; readonly hostHeader?: string };

/** What a process says of itself. */
export interface HealthAnswer {
  /** HTTP status; 0 when nobody answers. */
  readonly status: number;
  /** In words, for a person who wonders why it is not 200. */
  readonly says: string;
}

const answerWithinMs = 5_000;
const pollMs = 100;
/** Checks are a few words; whatever is longer is not ours. */
const maxBodyChars = 4_096;

interface HealthBody {
  readonly checks?: Readonly<Record<string, unknown>>;
}

/** Names what is not well in a body like `{"ok":false,"checks":{"gateway":false,"sole":true}}`. */
function notWell(text: string): string {
  try {
    const { checks = {} } = JSON.parse(text) as HealthBody;
    return Object.entries(checks)
      .filter(([, value]) => value === false)
      .map(([name]) => `${name} is false`)
      .join(', ');
  } catch {
    return '';
  }
}

async function answerOf(reply: IncomingMessage): Promise<HealthAnswer> {
  const status = reply.statusCode ?? 0;
  if (status === 200) {
    reply.resume();
    return { status, says: 'all is well' };
  }
  let text = '';
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    if (text.length < maxBodyChars) text += chunk.toString('utf8');
  }
  const checks = notWell(text);
  return { status, says: `HTTP ${status}${checks === '' ? '' : `: ${checks}`}` };
}

/** Never rejects. */
export async function healthOf(target: HealthTarget): Promise<HealthAnswer> {
  const where = 'socket' in target ? { socketPath: target.socket } : { host: target.host, port: target.port };
  const host = 'socket' in target ? 'localhost' : (target.hostHeader ?? `${target.host}:${target.port}`);
  return new Promise((resolve) => {
    const nobody = (why: string): void => resolve({ status: 0, says: `nobody answers (${why})` });
    const asked = request(
      { ...where, path: target.path, headers: { host, connection: 'close' }, agent: false, timeout: answerWithinMs },
      (reply) => void answerOf(reply).then(resolve, () => nobody('the answer broke off')),
    );
    asked.once('timeout', () => {
      nobody(`silent for ${answerWithinMs / 1000} s`);
      asked.destroy();
    });
    asked.on('error', (error: NodeJS.ErrnoException) => nobody(error.code ?? error.message));
    asked.end();
  });
}

/** The status of the answer; 0 when nobody answers. */
export async function statusOf(target: HealthTarget): Promise<number> {
  return (await healthOf(target)).status;
}

/** Resolves with the first answer of 200, or with the last other one when `ms` are over or `signal` ends the waiting. */
export async function healthyWithin(target: HealthTarget, ms: number, signal: AbortSignal): Promise<HealthAnswer> {
  const giveUpMs = performance.now() + ms;
  for (;;) {
    const answer = await healthOf(target);
    if (answer.status === 200 || signal.aborted || performance.now() >= giveUpMs) return answer;
    await wait(pollMs);
  }
}
