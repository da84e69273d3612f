// The import thread: one task, one answer, and it is gone with all the memory it took.
import { parentPort, workerData } from 'node:worker_threads';
import { connect } from '@tongche/postgres';
import { silentLog } from '@tongche/runtime';
import { runTask } from './tasks.ts';
import type { Outcome, Task, TaskWorld } from './tasks.ts';

/** What the thread is started with. */
export interface ThreadData {
  readonly task: Task;
  readonly databaseUrl: string;
  readonly world: TaskWorld;
}
/** A fault's text may hold rows of the file: the other side learns its class and place only. */
export type ThreadAnswer =
  | { readonly ok: true; readonly outcome: Outcome }
  | { readonly ok: false; readonly name: string; readonly stack: string };

function framesOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}

const { task, databaseUrl, world } = workerData as ThreadData;
const db = connect({ url: databaseUrl, max: 1, name: 'platform imports', log: silentLog });
let answer: ThreadAnswer;
try {
  answer = { ok: true, outcome: await runTask(db, task, world) };
} catch (error) {
  answer = { ok: false, name: error instanceof Error ? error.name : 'unknown', stack: framesOf(error) };
} finally {
  await db.end();
}
parentPort?.postMessage(answer, []);
