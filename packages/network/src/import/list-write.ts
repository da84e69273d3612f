// Writes lists so that they can be read again: CSV, the rows to mend, and spreadsheets. Cells that a spreadsheet would
// run as a formula are guarded (`guard.ts`).
import writeExcel from 'write-excel-file/node';
import { csvText } from '@tongche/exports/table';
import { guard } from './guard.ts';
import { ERROR_COLUMN } from './lists.ts';
import type { RejectedRow } from './row.ts';

export type ListCell = string | number;
export type ListRow = readonly ListCell[];

/** A list as CSV. `bom` is for files that people open in Excel. */
export function listCsv(
  header: readonly string[],
  rows: readonly ListRow[],
  { bom = false }: { readonly bom?: boolean } = {},
): string {
  return csvText(
    header.map(guard),
    rows.map((row) => row.map(guarded)),
    { bom },
  );
}

function guarded(cell: ListCell): ListCell {
  return typeof cell === 'number' ? cell : guard(cell);
}

/**
 * The rejected rows under their own header, with a last column `error` that says what to mend: "plate: bad-plate". The
 * mended file is read like any other; that column is ignored. `file` is named with the old line where it is given.
 */
export function rejectedCsv(header: readonly string[], rejected: readonly RejectedRow[], file?: string): string {
  const rows = rejected.map(({ cells, errors, line }) => {
    const faults = errors.map(({ column, reason }) => (column === '' ? reason : `${column}: ${reason}`)).join('; ');
    return [...header.map((_, at) => cells[at] ?? ''), file === undefined ? faults : `${file}:${line} ${faults}`];
  });
  return listCsv([...header, ERROR_COLUMN], rows, { bom: true });
}

const WIDE_COLUMN = 18;

/** A workbook with one sheet: a bold header that stays in view, texts as texts (0123 stays), numbers as numbers. */
export async function tableXlsx(header: readonly string[], rows: readonly ListRow[]): Promise<Uint8Array<ArrayBuffer>> {
  const text = (cell: string): string => xmlText(guard(cell));
  const sheet = [
    header.map((name) => ({ value: text(name), type: String, fontWeight: 'bold' as const })),
    ...rows.map((row) =>
      row.map((cell) => {
        if (cell === '') return null;
        return typeof cell === 'number'
          ? { value: cell, type: Number }
          : { value: text(cell), type: String, format: '@' };
      }),
    ),
  ];
  const options = { sheet: 'Sheet1', stickyRowsCount: 1, columns: header.map(() => ({ width: WIDE_COLUMN })) };
  return new Uint8Array(await writeExcel(sheet, options).toBuffer());
}

/** Letters that XML cannot hold, or that the writer would drop, as ECMA-376 22.9.2.19 (ST_Xstring) writes them. */
function xmlText(text: string): string {
  // The writer keeps texts as keys of a plain object, which has keys of its own: "valueOf", "constructor".
  if (text in Object.prototype) return escapeUnit(text.charCodeAt(0)) + text.slice(1);
  let escaped = '';
  for (const letter of text.replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')) {
    escaped += isXmlText(letter.codePointAt(0) ?? 0) ? letter : unitsOf(letter).map(escapeUnit).join('');
  }
  return escaped;
}

function isXmlText(code: number): boolean {
  const control = (code < 0x20 && code !== 0x09 && code !== 0x0a) || (code >= 0x7f && code <= 0x9f);
  const halved = code >= 0xd800 && code <= 0xdfff;
  const noLetter = (code >= 0xfdd0 && code <= 0xfdef) || code === 0xfffd || (code & 0xfffe) === 0xfffe;
  return !control && !halved && !noLetter;
}

function unitsOf(letter: string): readonly number[] {
  return Array.from({ length: letter.length }, (_, at) => letter.charCodeAt(at));
}

function escapeUnit(unit: number): string {
  return `_x${unit.toString(16).toUpperCase().padStart(4, '0')}_`;
}
