// Columns of many rows as one-dimensional arrays in PostgreSQL's binary format (array_send): what a statement with
// unnest takes. Nothing is turned into text here and read back there, which is most of what a batch costs otherwise.

const headerBytes = 20;
const emptyBytes = 12;
const lengthBytes = 4;
/** What stands for the length of a NULL. */
const nullLength = -1;

/** Object identifiers of the element types, fixed by pg_type. */
const oids = { bytea: 17, char: 18, int2: 21, int4: 23, uuid: 2950 } as const;

function begin(oid: number, count: number, bodyBytes: number, hasNull: boolean): Buffer {
  if (count === 0) {
    const empty = Buffer.alloc(emptyBytes);
    empty.writeInt32BE(oid, 8);
    return empty;
  }
  const out = Buffer.allocUnsafe(headerBytes + bodyBytes);
  out.writeInt32BE(1, 0);
  out.writeInt32BE(hasNull ? 1 : 0, 4);
  out.writeInt32BE(oid, 8);
  out.writeInt32BE(count, 12);
  // Arrays of PostgreSQL count from one.
  out.writeInt32BE(1, 16);
  return out;
}

type IntOf<Row> = (row: Row) => number | null;

function intArray<Row>(rows: readonly Row[], valueOf: IntOf<Row>, oid: number, size: 2 | 4): Buffer {
  let nulls = 0;
  for (const row of rows) if (valueOf(row) === null) nulls += 1;
  const out = begin(oid, rows.length, rows.length * lengthBytes + (rows.length - nulls) * size, nulls > 0);
  let at = headerBytes;
  for (const row of rows) {
    const value = valueOf(row);
    at = out.writeInt32BE(value === null ? nullLength : size, at);
    if (value === null) continue;
    at = size === 2 ? out.writeInt16BE(value, at) : out.writeInt32BE(value, at);
  }
  return out;
}

/** smallint[]; a value outside 16 signed bits throws RangeError. */
export function int2Array<Row>(rows: readonly Row[], valueOf: IntOf<Row>): Buffer {
  return intArray(rows, valueOf, oids.int2, 2);
}

/** int[]; a value outside 32 signed bits throws RangeError. */
export function int4Array<Row>(rows: readonly Row[], valueOf: IntOf<Row>): Buffer {
  return intArray(rows, valueOf, oids.int4, 4);
}

/** "char"[]: one byte each. */
export function charArray<Row>(rows: readonly Row[], valueOf: (row: Row) => number): Buffer {
  const out = begin(oids.char, rows.length, rows.length * (lengthBytes + 1), false);
  let at = headerBytes;
  for (const row of rows) {
    at = out.writeInt32BE(1, at);
    at = out.writeUInt8(valueOf(row), at);
  }
  return out;
}

/** bytea[] of values of one length, each written in place by `write`. */
export function byteaArray<Row>(
  rows: readonly Row[],
  length: number,
  write: (row: Row, into: Buffer, at: number) => void,
): Buffer {
  const out = begin(oids.bytea, rows.length, rows.length * (lengthBytes + length), false);
  let at = headerBytes;
  for (const row of rows) {
    at = out.writeInt32BE(length, at);
    write(row, out, at);
    at += length;
  }
  return out;
}

/** bytea[] of values of any lengths. */
export function bytesArray(values: readonly Uint8Array[]): Buffer {
  const bytes = values.reduce((sum, value) => sum + value.length, 0);
  const out = begin(oids.bytea, values.length, values.length * lengthBytes + bytes, false);
  let at = headerBytes;
  for (const value of values) {
    at = out.writeInt32BE(value.length, at);
    out.set(value, at);
    at += value.length;
  }
  return out;
}

const uuidBytes = 16;

/** uuid[] of values that stand one behind the other, 16 bytes each, in several parts. */
export function packedUuidArray(parts: readonly Uint8Array[]): Buffer {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  if (parts.some(({ length }) => length % uuidBytes !== 0)) throw new RangeError('a uuid has 16 bytes');
  const out = begin(oids.uuid, bytes / uuidBytes, (bytes / uuidBytes) * (lengthBytes + uuidBytes), false);
  let at = headerBytes;
  for (const part of parts) {
    for (let from = 0; from < part.length; from += uuidBytes) {
      at = out.writeInt32BE(uuidBytes, at);
      for (let i = 0; i < uuidBytes; i += 1) out[at + i] = part[from + i] ?? 0;
      at += uuidBytes;
    }
  }
  return out;
}

/** uuid[] of 16 bytes each. */
export function uuidArray<Row>(rows: readonly Row[], bytesOf: (row: Row) => Uint8Array): Buffer {
  const out = begin(oids.uuid, rows.length, rows.length * (lengthBytes + uuidBytes), false);
  let at = headerBytes;
  for (const row of rows) {
    const bytes = bytesOf(row);
    if (bytes.length !== uuidBytes) throw new RangeError('a uuid has 16 bytes');
    at = out.writeInt32BE(uuidBytes, at);
    for (let i = 0; i < uuidBytes; i += 1) out[at + i] = bytes[i] ?? 0;
    at += uuidBytes;
  }
  return out;
}
