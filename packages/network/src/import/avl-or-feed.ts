// Vehicle positions from whatever the operator has: a GTFS-Realtime feed or a list. What it is, its bytes say.
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import type { VehiclePosition } from '../positions.ts';
import { readAvl } from './avl-read.ts';
import type { AvlOptions } from './avl-read.ts';
import { MAX_FEED_BYTES, readVehiclePositions } from './gtfs-rt-read.ts';
import type { ListRead } from './lists.ts';
import { openSource } from './source.ts';
import type { Source } from './source.ts';

export type PositionOptions = AvlOptions & {
  /** When a feed was fetched: the time of vehicles where neither they nor the feed have one. */
  readonly receivedMs?: number;
};

/** Enough for the header of a feed: a field, its length, the version's field, its length, "2.0". */
const HEAD_BYTES = 7;

/**
 * Reads positions of many vehicles; either kind may be gzipped. Of a feed `line` counts entities and `header` is empty; a
 * feed that cannot be read has one error with line 0. Rejects only when the source itself cannot be read.
 */
export async function readPositions(source: Source, options: PositionOptions = {}): Promise<ListRead<VehiclePosition>> {
  if (!isFeed(await headOf(source))) return readAvl(source, options);
  const bytes = await wholeOf(source);
  const file = 'vehicle_positions.pb';
  const read =
    bytes === undefined
      ? undefined
      : readVehiclePositions(bytes, {
          file,
          ...(options.receivedMs === undefined ? {} : { receivedMs: options.receivedMs }),
        });
  if (read === undefined || !read.ok) {
    const reason = bytes === undefined ? 'too-large' : 'unreadable-file';
    const notes = read === undefined ? [] : [`feed: ${read.detail ?? ''}`];
    return { ...NOTHING, errors: [{ file, line: 0, column: '', reason }], errorCount: 1, notes };
  }
  const { positions, errors, errorCount, entityCount, otherCount } = read.value;
  const notes = otherCount === 0 ? [] : [`entities-without-vehicle: ${otherCount}`];
  return { ...NOTHING, rows: positions, errors, errorCount, rowCount: entityCount - otherCount, notes };
}

const NOTHING: ListRead<VehiclePosition> = {
  rows: [],
  errors: [],
  errorCount: 0,
  header: [],
  rejected: [],
  rowCount: 0,
  notes: [],
};

/** A header message whose first field is the version: no text begins so. */
function isFeed(head: Uint8Array): boolean {
  return head[0] === 0x0a && head[2] === 0x0a && /^\d\.\d/.test(Buffer.from(head.subarray(4, 7)).toString('latin1'));
}

async function* unpacked(source: Source): AsyncGenerator<Uint8Array> {
  const raw = openSource(source);
  let first: Buffer | undefined;
  for await (const chunk of raw) {
    first = Buffer.from(chunk);
    break;
  }
  raw.destroy();
  const again = openSource(source);
  if (first?.[0] !== 0x1f || first[1] !== 0x8b) {
    yield* again;
    return;
  }
  const gunzip = createGunzip();
  again.once('error', (fault) => gunzip.destroy(fault));
  gunzip.once('close', () => again.destroy());
  yield* again.pipe(gunzip);
}

async function headOf(source: Source): Promise<Uint8Array> {
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of unpacked(source)) {
      head = Buffer.concat([head, chunk]);
      if (head.length >= HEAD_BYTES) break;
    }
  } catch (fault) {
    // Damaged packing: the list's reader says so in its own way.
    if (!isPackingFault(fault)) throw fault;
  }
  return head.subarray(0, HEAD_BYTES);
}

/** All bytes, or undefined beyond the limit; what unpacked before damage is left for the decoder to refuse. */
async function wholeOf(source: Source): Promise<Uint8Array | undefined> {
  let total = 0;
  async function* limited(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of unpacked(source)) {
        total += chunk.length;
        if (total > MAX_FEED_BYTES) return;
        yield chunk;
      }
    } catch (fault) {
      if (!isPackingFault(fault)) throw fault;
    }
  }
  const bytes = await buffer(limited());
  return total > MAX_FEED_BYTES ? undefined : bytes;
}

function isPackingFault(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && String(fault.code).startsWith('Z_');
}
