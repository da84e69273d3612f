// A small ZIP writer: deflated files, no folders, no 64-bit sizes. Equal contents give equal bytes.
// Source: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end record).
import { crc32, deflateRawSync } from 'node:zlib';

export type ZipItem = { readonly name: string; readonly data: Uint8Array };

/** Sizes and offsets are 32-bit fields here, counts 16-bit. */
const MAX_ARCHIVE_BYTES = 0xffff_ffff;
const MAX_ITEMS = 0xffff;
const VERSION_DEFLATE = 20;
const FLAG_UTF8_NAMES = 0x0800;
const METHOD_DEFLATE = 8;
/** 1 January 1980, the first day the format knows: real dates would make equal contents differ. */
const DOS_DATE = 0x0021;

/** The bytes of an archive. `level` as in zlib. Throws when it would pass the limits of the plain format. */
export function zip(items: readonly ZipItem[], level = 9): Uint8Array<ArrayBuffer> {
  if (items.length > MAX_ITEMS) throw new RangeError('too many files for a plain archive');
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of items) {
    const nameBytes = Buffer.from(name, 'utf8');
    const packed = deflateRawSync(data, { level });
    const common = commonFields(nameBytes, data, packed);
    files.push(fields([0x04034b50, 4]), common, nameBytes, packed);
    directory.push(
      fields([0x02014b50, 4], [VERSION_DEFLATE, 2]),
      common,
      // Comment length, disk, internal attributes, external attributes, offset of the local header.
      fields([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]),
      nameBytes,
    );
    offset += 4 + common.length + nameBytes.length + packed.length;
    if (offset > MAX_ARCHIVE_BYTES) throw new RangeError('too many bytes for a plain archive');
  }
  const central = Buffer.concat(directory);
  const count = items.length;
  const end = fields([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [central.length, 4], [offset, 4], [0, 2]);
  return new Uint8Array(Buffer.concat([...files, central, end]));
}

/** The part that local and central headers have in common, up to the length of the extra field. */
function commonFields(name: Buffer, data: Uint8Array, packed: Buffer): Buffer {
  return fields(
    [VERSION_DEFLATE, 2],
    [FLAG_UTF8_NAMES, 2],
    [METHOD_DEFLATE, 2],
    [0, 2],
    [DOS_DATE, 2],
    [crc32(data), 4],
    [packed.length, 4],
    [data.length, 4],
    [name.length, 2],
    [0, 2],
  );
}

/** Little-endian integers one after the other, given as [value, size in bytes]. */
function fields(...parts: readonly (readonly [value: number, size: 2 | 4])[]): Buffer {
  const bytes = Buffer.alloc(parts.reduce((sum, [, size]) => sum + size, 0));
  let at = 0;
  for (const [value, size] of parts) at = bytes.writeUIntLE(value, at, size);
  return bytes;
}
