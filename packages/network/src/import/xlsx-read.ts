// The first sheet of an XLSX workbook as rows of texts. The workbook is unpacked here, under limits, before the library
// sees it: a few kilobytes can be made to unpack to gigabytes, and one cell far out to a table of billions.
import { buffer } from 'node:stream/consumers';
import { readSheet } from 'read-excel-file/node';
import yauzl from 'yauzl';
import { TableFault } from './table-fault.ts';
import { withZeros, zeroStyles } from './xlsx-zeros.ts';
import { zip } from './zip-write.ts';
import type { ZipItem } from './zip-write.ts';

/** A list of 100,000 vehicles with ten columns unpacks to about 60 MB. */
const MAX_UNPACKED_BYTES = 96 * 1024 ** 2;
/** Parts of the workbook: sheets, styles, and what is skipped: pictures, themes, printer settings. */
const MAX_PARTS = 2_000;
/** The same for people and for machines: more belongs into CSV. */
export const MAX_SHEET_ROWS = 200_000;
/** Excel's own limit is 16,384; no list has a hundred. */
const MAX_SHEET_COLUMNS = 256;
/** The library makes the table rectangular. */
const MAX_SHEET_CELLS = 5_000_000;

/** What the library reads of a workbook. */
const PARTS =
  /^xl\/(?:workbook\.xml|_rels\/workbook\.xml\.rels|sharedStrings\.xml|styles\.xml|worksheets\/[^/]+\.xml)$/i;

export type Sheet = { readonly rows: readonly (readonly string[])[]; readonly sheets: number };

/** Throws `TableFault`: `unreadable-file` for what is no workbook or is damaged, `too-large` beyond the limits. */
export async function readFirstSheet(bytes: Uint8Array): Promise<Sheet> {
  try {
    const parts = await unpack(bytes);
    if (!parts.some(({ name }) => name === 'xl/workbook.xml')) throw new TableFault('unreadable-file');
    const sheets = parts.filter(({ name }) => name.startsWith('xl/worksheets/'));
    const styles = zeroStyles(textOf(parts.find(({ name }) => name === 'xl/styles.xml')));
    const checked = parts.map((part) => {
      if (!part.name.startsWith('xl/worksheets/')) return part;
      const xml = textOf(part);
      checkSheet(xml);
      return { name: part.name, data: Buffer.from(withZeros(xml, styles)) };
    });
    // Packed anew, so that the library reads exactly the parts that were looked at.
    const table = await readSheet(Buffer.from(zip(checked, 1)), 1, { parseNumber: numberText, trim: false });
    const rows = table.map((row) => row.map(cellText));
    // One long text may be named by every cell.
    const chars = rows.reduce((sum, row) => sum + row.reduce((length, text) => length + text.length, 0), 0);
    if (chars > MAX_UNPACKED_BYTES) throw new TableFault('too-large');
    return { rows, sheets: sheets.length };
  } catch (fault) {
    throw fault instanceof TableFault ? fault : new TableFault('unreadable-file');
  }
}

function textOf(part: ZipItem | undefined): string {
  return part === undefined ? '' : Buffer.from(part.data).toString('utf8');
}

async function unpack(bytes: Uint8Array): Promise<readonly ZipItem[]> {
  // Sizes are checked while unpacking: a part that is longer than it says makes the stream fail.
  const archive = await yauzl.fromBufferPromise(Buffer.from(bytes), { lazyEntries: true, validateEntrySizes: true });
  const parts: ZipItem[] = [];
  let seen = 0;
  let total = 0;
  for await (const entry of archive.eachEntry()) {
    seen += 1;
    if (seen > MAX_PARTS) throw new TableFault('too-large');
    if (!PARTS.test(entry.fileName)) continue;
    total += entry.uncompressedSize;
    if (total > MAX_UNPACKED_BYTES) throw new TableFault('too-large');
    parts.push({ name: entry.fileName, data: await buffer(await archive.openReadStreamPromise(entry)) });
  }
  return parts;
}

/** Refuses a sheet whose cells lie further out than a list goes. */
function checkSheet(xml: string): void {
  // Comments, CDATA and entities could hide a cell from the expression below. No office program writes them here.
  if (xml.includes('<!') || xml.lastIndexOf('<?') > 0) throw new TableFault('unreadable-file');
  let maxRow = 0;
  let maxColumn = 0;
  for (const [tag] of xml.matchAll(/<(?:\w+:)?(?:row|c)(?=[\s/>])(?:"[^"]*"|'[^']*'|[^"'>])*>/g)) {
    const at = /\sr\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(tag);
    if (at === null) continue;
    const place = /^([A-Z]{0,3})(\d{1,7})$/.exec(at[1] ?? at[2] ?? '');
    if (place === null) throw new TableFault('unreadable-file');
    maxRow = Math.max(maxRow, Number(place[2]));
    maxColumn = Math.max(maxColumn, columnNumber(place[1] ?? ''));
  }
  const far = maxRow > MAX_SHEET_ROWS || maxColumn > MAX_SHEET_COLUMNS || maxRow * maxColumn > MAX_SHEET_CELLS;
  if (far) throw new TableFault('too-large');
}

/** A is 1, Z 26, AA 27; '' 0. */
function columnNumber(letters: string): number {
  let number = 0;
  for (const letter of letters) number = number * 26 + letter.charCodeAt(0) - 64;
  return number;
}

/** Cells keep 15 digits; what lies beyond is noise of the binary fraction that nobody sees. */
function numberText(stored: string): string {
  const value = Number(stored);
  return Number.isFinite(value) ? String(Number(value.toPrecision(15))) : stored;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return dateText(value);
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  return typeof value === 'string' ? value : '';
}

/** 2026-11-20, 2026-11-20 08:05:00, or 08:05:00 for a time without a day. */
function dateText(date: Date): string {
  const seconds = Math.round(date.getTime() / 1000);
  const text = new Date(seconds * 1000).toISOString();
  const time = text.slice(11, 19);
  // Times without a day are fractions of the day before 1 January 1900.
  if (date.getUTCFullYear() < 1900) return time;
  return time === '00:00:00' ? text.slice(0, 10) : `${text.slice(0, 10)} ${time}`;
}
