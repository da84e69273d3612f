// A thread that opens envelopes: it holds day keys only while a job runs.
import { parentPort } from 'node:worker_threads';
import { openRides } from './open-rides.ts';
import type { PackedJob } from './packed.ts';

async function answer(job: PackedJob): Promise<void> {
  try {
    const result = await openRides(job);
    // Handed over, not copied.
    parentPort?.postMessage({ ok: true, result }, [result.rides.buffer]);
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

parentPort?.on('message', (job: PackedJob) => void answer(job));
