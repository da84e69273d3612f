// One city of an evaluation in a thread of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { evaluateSeed } from './evaluate.ts';
import type { SeedMessage, SeedOptions } from './evaluate.ts';

const say = (message: SeedMessage): void => parentPort?.postMessage(message, []);
say({ result: evaluateSeed(workerData as SeedOptions, (line) => say({ line })) });
