// Opens what operators send (CSV in any usual encoding, a spreadsheet, either of them gzipped) as rows of texts.
// What a file is, its bytes say; names lie.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { parseCsv } from './csv.ts';
import { decodeText, sniffDelimiter, sniffText } from './encoding.ts';
import { unguard } from './guard.ts';
import { openSource } from './source.ts';
import type { Source } from './source.ts';
import { TableFault } from './table-fault.ts';
import { readFirstSheet } from './xlsx-read.ts';

/** Stops of ten large cities; also the bound on what a gzipped file may unpack to. */
const MAX_TEXT_BYTES = 512 * 1024 ** 2;
/** A workbook lies in memory whole. */
const MAX_WORKBOOK_BYTES = 32 * 1024 ** 2;

export type RecordSink = {
  /** Before the first row. */
  onFound(found: SourceNotes): void;
  /** Cells of one row, the header first; formula guards are taken off. */
  onRecord(cells: readonly string[], line: number): void;
  onSkipped(line: number): void;
};

/**
 * What the reader found out about the file, as words: `read-as: gb18030`, `delimiter: semicolon`, `first-sheet-of: 3`.
 * `damaged`: a U+FFFD in a cell stands for bytes that were no letter.
 */
export type SourceNotes = { readonly notes: readonly string[]; readonly damaged: boolean };

const DELIMITER_NAMES: Readonly<Record<string, string>> = { ';': 'semicolon', '\t': 'tab' };

/** Reads all rows. Throws `TableFault` for what is no table; rejects when the source cannot be read. */
export async function readRecords(source: Source, sink: RecordSink): Promise<void> {
  const unguarded: RecordSink = {
    ...sink,
    onRecord: (cells, line) => sink.onRecord(cells.map(unguard), line),
  };
  const start = await firstBytes(await openUnpacked(source, MAX_TEXT_BYTES));
  // PK: a ZIP archive. D0 CF 11 E0: a workbook of before 2007.
  if (start.startsWith('504b0304')) return readWorkbook(source, unguarded);
  if (start.startsWith('d0cf11e0')) throw new TableFault('unreadable-file');
  return readText(source, unguarded);
}

async function readWorkbook(source: Source, sink: RecordSink): Promise<void> {
  const { rows, sheets } = await readFirstSheet(await buffer(await openUnpacked(source, MAX_WORKBOOK_BYTES)));
  sink.onFound({ notes: sheets > 1 ? [`first-sheet-of: ${sheets}`] : [], damaged: false });
  for (const [index, cells] of rows.entries()) {
    if (cells.some((cell) => cell.trim() !== '')) sink.onRecord(cells, index + 1);
  }
}

async function readText(source: Source, sink: RecordSink): Promise<void> {
  const kind = await sniffText(await openUnpacked(source, MAX_TEXT_BYTES));
  // No text holds a zero byte, except in the letters of UTF-16.
  if (kind.encoding.startsWith('utf-16') ? false : kind.head.includes(0)) throw new TableFault('unreadable-file');
  const delimiter = sniffDelimiter(kind);
  const notes: string[] = [];
  if (kind.encoding !== 'utf-8') notes.push(`read-as: ${kind.encoding}`);
  const named = DELIMITER_NAMES[delimiter];
  if (named !== undefined) notes.push(`delimiter: ${named}`);
  sink.onFound({ notes, damaged: kind.damaged });
  const bytes = await openUnpacked(source, MAX_TEXT_BYTES);
  const plain = kind.encoding === 'utf-8' && !kind.damaged;
  let first = true;
  await parseCsv(plain ? bytes : Readable.from(decodeText(bytes, kind.encoding)), {
    delimiter,
    onRecord(cells, line) {
      // Excel's note to itself about the delimiter.
      const told = first && /^sep=$/i.test(cells[0] ?? '');
      first = false;
      if (!told) sink.onRecord(cells, line);
    },
    onSkipped: (line) => sink.onSkipped(line),
  });
}

/** The bytes of a source, unpacked where they are gzipped. The stream fails with `TableFault` beyond `maxBytes`. */
async function openUnpacked(source: Source, maxBytes: number): Promise<Readable> {
  const packed = (await firstBytes(openSource(source))).startsWith('1f8b');
  const raw = openSource(source);
  if (!packed) return Readable.from(limited(raw, maxBytes), { objectMode: false });
  const gunzip = createGunzip();
  raw.once('error', (fault) => gunzip.destroy(fault));
  gunzip.once('close', () => raw.destroy());
  return Readable.from(limited(raw.pipe(gunzip), maxBytes), { objectMode: false });
}

async function* limited(stream: Readable, maxBytes: number): AsyncGenerator<Uint8Array> {
  let total = 0;
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk);
      total += bytes.length;
      if (total > maxBytes) throw new TableFault('too-large');
      yield bytes;
    }
  } catch (fault) {
    // zlib's own complaints: the packing is damaged.
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
    throw code.startsWith('Z_') ? new TableFault('unreadable-file') : fault;
  }
}

/** Hexadecimal of the first four bytes, fewer where there are no more. */
async function firstBytes(stream: Readable): Promise<string> {
  let start = Buffer.alloc(0);
  for await (const chunk of stream) {
    start = Buffer.concat([start, Buffer.from(chunk)]);
    if (start.length >= 4) break;
  }
  return start.subarray(0, 4).toString('hex');
}
