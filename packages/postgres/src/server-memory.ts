// How much memory the server we start keeps pages in. Ours is not the only process of its machine, so it takes less than the
// quarter that is usual where PostgreSQL is alone; pages take memory only once they are read.
import { totalmem } from 'node:os';

const MIB = 1024 * 1024;
const share = 1 / 8;
const [leastMib, mostMib] = [128, 8_192];

/** Memory this process may use, bytes: the machine's, or less where a container has less. */
export function machineMemory(): number {
  const limit = process.constrainedMemory();
  return Math.min(totalmem(), limit > 0 ? limit : Infinity);
}

/** PostgreSQL's `shared_buffers` on a machine with so many bytes of memory. */
export function sharedBuffers(memoryBytes: number): string {
  const mib = Math.floor((memoryBytes * share) / MIB);
  return `${Math.min(mostMib, Math.max(leastMib, mib))}MB`;
}
