// Reads the files of a ZIP archive as streams, with limits against archives made to exhaust a reader.
// 64-bit archives, data descriptors and UTF-8 names are the library's work; the choice of the feed's folder is ours.
import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import type { Source } from './source.ts';

/** A feed has some 30 files; folders of extras happen. */
export const MAX_ENTRIES = 1_000;
/** The largest national feeds unpack stop_times to about this much. */
export const MAX_FILE_BYTES = 4 * 1024 ** 3;
export const MAX_ARCHIVE_BYTES = 8 * 1024 ** 3;
/** Tables of a feed pack to a tenth, at best to a fiftieth; a file of nothing packs to a thousandth. */
export const MAX_RATIO = 200;
/** Small files may pack to anything: they exhaust nobody. */
const RATIO_FROM_BYTES = 16 * 1024 ** 2;

const METHODS: ReadonlyMap<number, string> = new Map([
  [9, 'deflate64'],
  [12, 'bzip2'],
  [14, 'LZMA'],
  [93, 'Zstandard'],
  [95, 'XZ'],
]);
const STORED = 0;
const DEFLATED = 8;
const FLAG_ENCRYPTED = 1;

export type Archive = {
  /** Names of the files in the chosen folder, without the folder. */
  readonly names: readonly string[];
  has(name: string): boolean;
  open(name: string): Promise<Readable>;
  close(): void;
};

/**
 * Opens an archive and chooses a folder in it: the one that holds most of the `wanted` files, of equal ones the first
 * with the shortest path (feeds are often zipped with their folder). Rejects when it is no ZIP, is damaged, or beyond
 * the limits; `open` throws for a file that is encrypted or packed in a way that cannot be read, and says which.
 */
export async function openArchive(source: Source, wanted: ReadonlySet<string> = new Set()): Promise<Archive> {
  const options = { autoClose: false, lazyEntries: true, validateEntrySizes: true } as const;
  const zip: ZipFile =
    typeof source === 'string'
      ? await yauzl.openPromise(source, options)
      : await yauzl.fromBufferPromise(Buffer.from(source), options);
  try {
    const entries = folderOf(await listed(zip), wanted);
    return {
      names: [...entries.keys()],
      has: (name) => entries.has(name),
      open(name) {
        const entry = entries.get(name);
        if (entry === undefined) throw new Error(`the archive has no file ${name}`);
        checkReadable(name, entry);
        return zip.openReadStreamPromise(entry);
      },
      close: () => zip.close(),
    };
  } catch (fault) {
    zip.close();
    throw fault;
  }
}

/** The files by folder, then by name; what operating systems add is left out. */
async function listed(zip: ZipFile): Promise<ReadonlyMap<string, Map<string, Entry>>> {
  const folders = new Map<string, Map<string, Entry>>();
  let count = 0;
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    count += 1;
    bytes += entry.uncompressedSize;
    if (count > MAX_ENTRIES) throw new Error(`the archive has more than ${MAX_ENTRIES} entries`);
    if (bytes > MAX_ARCHIVE_BYTES) throw new Error(`the archive unpacks to more than ${MAX_ARCHIVE_BYTES} bytes`);
    const cut = entry.fileName.lastIndexOf('/') + 1;
    const folder = entry.fileName.slice(0, cut);
    const name = entry.fileName.slice(cut);
    // Resource forks of macOS share the base name of the real file.
    if (name === '' || name.startsWith('.') || folder.split('/').includes('__MACOSX')) continue;
    const files = folders.get(folder) ?? new Map<string, Entry>();
    if (!files.has(name)) files.set(name, entry);
    folders.set(folder, files);
  }
  return folders;
}

function folderOf(
  folders: ReadonlyMap<string, Map<string, Entry>>,
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, Entry> {
  const ranked = [...folders].map(([path, files]) => {
    let found = 0;
    for (const name of files.keys()) if (wanted.has(name)) found += 1;
    return { files, found, depth: path.split('/').length };
  });
  ranked.sort((a, b) => b.found - a.found || a.depth - b.depth);
  const best = ranked[0];
  if (wanted.size > 0 && (best?.found ?? 0) === 0) {
    const packed = ranked.some(({ files }) => [...files.keys()].some((name) => name.endsWith('.zip')));
    throw new Error(packed ? 'the archive holds other archives: unpack it first' : 'the archive holds no GTFS table');
  }
  return best?.files ?? new Map<string, Entry>();
}

function checkReadable(name: string, entry: Entry): void {
  const { compressionMethod: method, uncompressedSize: bytes, compressedSize: packedBytes } = entry;
  if ((entry.generalPurposeBitFlag & FLAG_ENCRYPTED) !== 0) throw new Error(`${name} is encrypted`);
  if (method !== STORED && method !== DEFLATED) {
    const called = METHODS.get(method) ?? `method ${method}`;
    throw new Error(`${name} is packed with ${called}: pack the feed again with plain deflate`);
  }
  if (bytes > MAX_FILE_BYTES) throw new Error(`${name} unpacks to more than ${MAX_FILE_BYTES} bytes`);
  if (bytes > RATIO_FROM_BYTES && bytes > MAX_RATIO * packedBytes) {
    throw new Error(`${name} unpacks to more than ${MAX_RATIO} times its size`);
  }
}
