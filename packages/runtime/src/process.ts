// The life of one process: start, run until asked to stop, close in order, one clear line when something is wrong.
import { setFlagsFromString } from 'node:v8';
import { ConfigError } from './config.ts';
import type { Log } from './log.ts';

/** What every `build...` function returns. */
export interface Running {
  close(): Promise<void>;
}

export interface ProcessOptions {
  readonly name: string;
  readonly log?: Log;
  /** Stop when the terminal is interrupted. Children of `tongche start` leave that to their parent. */
  readonly stopOnInterrupt?: boolean;
  /** Longest time for closing before the process ends anyway. */
  readonly closeWithinMs?: number;
  /** The process; replaced in tests. */
  readonly host?: ProcessHost;
}

/** The part of node's `process` that is used here. */
export interface ProcessHost {
  on(event: string, listener: (argument: unknown) => void): unknown;
  exit(code: number): void;
  readonly stderr: { write(line: string): unknown };
}

export const exitCodes = { clean: 0, fault: 1, configuration: 2, closeTimedOut: 3 } as const;

/** Open transactions and answers finish well within this; a supervisor's own limit is longer. */
const defaultCloseWithinMs = 10_000;

/** One line for a terminal. Only expected errors show their text, since others may hold data. */
function lineOf(name: string, error: unknown): string {
  if (error instanceof ConfigError) return `${name}: ${error.message}\n`;
  const kind = error instanceof Error ? error.name : typeof error;
  const frame = error instanceof Error ? (error.stack ?? '').split('\n').find((line) => /^\s+at /.test(line)) : '';
  return `${name}: unexpected ${kind} ${frame?.trim() ?? ''}\n`;
}

/**
 * While a server warms up its requests live long, and V8 learns from that to make their objects old from birth. It never
 * unlearns it: dead old objects then keep the young ones they name alive until the next full collection, and a platform at
 * its best rate spent a fifth of its time moving them. Measured in docs/performance.md.
 */
function keepRequestsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

/**
 * Starts a process and keeps it until SIGTERM, the parent's disconnection or (when asked) SIGINT; then closes it and
 * exits 0. A ConfigError at the start exits 2 with its message; any other fault exits 1 with its class and place.
 * Resolves with what was started, or undefined when that failed.
 */
export async function runProcess<Started extends Running>(
  start: () => Promise<Started>,
  options: ProcessOptions,
): Promise<Started | undefined> {
  keepRequestsYoung();
  const host = options.host ?? process;
  let started: Started | undefined;
  let exiting = false;

  async function stop(code: number): Promise<void> {
    if (exiting) return;
    exiting = true;
    const timer = setTimeout(() => host.exit(exitCodes.closeTimedOut), options.closeWithinMs ?? defaultCloseWithinMs);
    try {
      await started?.close();
    } catch (error) {
      fail(error);
      clearTimeout(timer);
      host.exit(exitCodes.fault);
      return;
    }
    clearTimeout(timer);
    host.exit(code);
  }

  function fail(error: unknown): void {
    options.log?.fault(`${options.name}.process`, error);
    host.stderr.write(lineOf(options.name, error));
  }

  host.on('SIGTERM', () => void stop(exitCodes.clean));
  host.on('disconnect', () => void stop(exitCodes.clean));
  host.on('SIGINT', () => void (options.stopOnInterrupt === true ? stop(exitCodes.clean) : undefined));
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    host.on(event, (error) => {
      fail(error);
      void stop(exitCodes.fault);
    });
  }

  try {
    started = await start();
  } catch (error) {
    if (error instanceof ConfigError) host.stderr.write(lineOf(options.name, error));
    else fail(error);
    exiting = true;
    host.exit(error instanceof ConfigError ? exitCodes.configuration : exitCodes.fault);
    return undefined;
  }
  // Until here every line is out before whatever ends a start that fails; from here there is one for each request.
  const flush = options.log?.gather?.();
  if (flush !== undefined) host.on('exit', flush);
  // Asked to stop while still starting: the stop found nothing to close.
  if (exiting) await started.close();
  return started;
}
