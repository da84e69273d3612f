// A thread that opens envelopes: it holds day keys only while a job runs.
import { parentPort } from 'node:worker_threads';
import { openRides } from './open-rides.ts';
import type { OpenJob } from './open-rides.ts';

async function answer(job: OpenJob): Promise<void> {
  try {
    parentPort?.postMessage({ ok: true, results: await openRides(job) }, []);
  } catch (error) {
    // Texts of faults may hold data: the other side learns the class only.
    parentPort?.postMessage({ ok: false, name: error instanceof Error ? error.name : 'unknown' }, []);
  } finally {
    for (const { skEnv, kTag } of job.days) {
      skEnv.fill(0);
      kTag.fill(0);
    }
  }
}

parentPort?.on('message', (job: OpenJob) => void answer(job));
