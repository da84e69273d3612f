// Where an import comes from: a path on disk, or bytes already in memory.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';

export type Source = string | Uint8Array;

/** A byte stream of the source. A missing file shows as an error of the stream. */
export function openSource(source: Source): Readable {
  return typeof source === 'string' ? createReadStream(source) : Readable.from([Buffer.from(source)]);
}
