// Reads the files of a ZIP archive as streams, with limits against archives made to exhaust a reader.
import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import type { Source } from './source.ts';

/** A feed has some 30 files; folders of extras happen. */
const MAX_ENTRIES = 1_000;
/** The largest national feeds unpack stop_times to about this much. */
const MAX_FILE_BYTES = 4 * 1024 ** 3;

export type Archive = {
  /** Base names of the files, folders dropped: feeds are often zipped with their folder. */
  readonly names: readonly string[];
  has(name: string): boolean;
  open(name: string): Promise<Readable>;
  close(): void;
};

/** Opens an archive; rejects when it is no ZIP, is damaged, encrypted, or beyond the limits. */
export async function openArchive(source: Source): Promise<Archive> {
  const options = { autoClose: false, lazyEntries: true, validateEntrySizes: true } as const;
  const zip: ZipFile =
    typeof source === 'string'
      ? await yauzl.openPromise(source, options)
      : await yauzl.fromBufferPromise(Buffer.from(source), options);
  const entries = new Map<string, Entry>();
  try {
    let seen = 0;
    for await (const entry of zip.eachEntry()) {
      seen += 1;
      if (seen > MAX_ENTRIES) throw new Error('archive has too many entries');
      const name = entry.fileName.slice(entry.fileName.lastIndexOf('/') + 1);
      // Resource forks of macOS share the base name of the real file.
      const hidden = name === '' || entry.fileName.startsWith('__MACOSX/');
      if (hidden || entries.has(name)) continue;
      if (entry.uncompressedSize > MAX_FILE_BYTES) throw new Error('archive has a file beyond the size limit');
      entries.set(name, entry);
    }
  } catch (fault) {
    zip.close();
    throw fault;
  }
  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    open(name) {
      const entry = entries.get(name);
      if (entry === undefined) throw new Error(`archive has no file ${name}`);
      return zip.openReadStreamPromise(entry);
    },
    close: () => zip.close(),
  };
}
