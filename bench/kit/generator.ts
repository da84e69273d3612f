// A load process, as a bench sees it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type {
  ClosedPlan,
  Command,
  Drained,
  LoadResult,
  OpenPlan,
  PhonesPlan,
  Report,
  Setup,
} from '../load/messages.ts';
import { canPin, lastCore } from './affinity.ts';

export interface Generator {
  readonly pid: number;
  /** `onMeasuring` and `onMeasured` are called when the measured time begins and ends. */
  run(plan: ClosedPlan | OpenPlan, edges?: Edges): Promise<LoadResult>;
  phones(plan: PhonesPlan): void;
  /** Rides acknowledged so far. */
  acknowledged(): Promise<number>;
  drain(): Promise<Drained>;
  close(): Promise<void>;
}
export interface Edges {
  onMeasuring(): void;
  onMeasured(): void;
}

const main = join(import.meta.dirname, '../load/main.ts');

/** `pinned`: kept on the machine's last core, where `taskset` is there to do it. */
export async function startGenerator(
  setup: Setup,
  pinned = false,
): Promise<Generator & { readonly isPinned: boolean }> {
  const isPinned = pinned && canPin();
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', main];
  const [program = '', ...args] = isPinned ? ['taskset', '-c', String(lastCore()), ...node] : node;
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const listeners = new Set<(report: Report) => void>();
  child.on('message', (report) => {
    for (const listener of listeners) listener(report as Report);
  });

  async function ask<Kind extends Report['kind']>(
    command: Command,
    kind: Kind,
    other?: (report: Report) => void,
  ): Promise<Extract<Report, { readonly kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error('the load process has ended'));
      const listen = (report: Report): void => {
        if (report.kind !== kind) {
          other?.(report);
          return;
        }
        listeners.delete(listen);
        child.off('exit', fail);
        resolve(report as Extract<Report, { readonly kind: Kind }>);
      };
      listeners.add(listen);
      child.once('exit', fail);
      child.send(command);
    });
  }
  await ask(setup, 'ready');
  return {
    isPinned,
    pid: child.pid ?? -1,
    run: async (plan, edges) =>
      ask(plan, 'result', ({ kind }) => {
        if (kind === 'measuring') edges?.onMeasuring();
        if (kind === 'measured') edges?.onMeasured();
      }),
    phones: (plan) => void child.send(plan),
    acknowledged: async () => (await ask({ kind: 'count' }, 'progress')).acknowledged,
    drain: async () => ask({ kind: 'drain' }, 'drained'),
    async close() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
