// Asks a process how it is, over TCP or its Unix socket.
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export type HealthTarget =
  | { readonly socket: string; readonly path: string }
  | { readonly port: number; readonly host: string; readonly path: string; readonly hostHeader?: string };

const answerWithinMs = 5_000;
const pollMs = 100;

/** The status of the answer; 0 when nobody answers. */
export async function statusOf(target: HealthTarget): Promise<number> {
  const where = 'socket' in target ? { socketPath: target.socket } : { host: target.host, port: target.port };
  const host = 'socket' in target ? 'localhost' : (target.hostHeader ?? `${target.host}:${target.port}`);
  return new Promise((resolve) => {
    const asked = request(
      { ...where, path: target.path, headers: { host, connection: 'close' }, agent: false, timeout: answerWithinMs },
      (reply) => {
        reply.resume();
        resolve(reply.statusCode ?? 0);
      },
    );
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(0));
    asked.end();
  });
}

/** Resolves with whether it answered 200 in time; `signal` ends the waiting. */
export async function healthyWithin(target: HealthTarget, ms: number, signal: AbortSignal): Promise<boolean> {
  const giveUpMs = performance.now() + ms;
  while (!signal.aborted && performance.now() < giveUpMs) {
    if ((await statusOf(target)) === 200) return true;
    await wait(pollMs);
  }
  return false;
}
