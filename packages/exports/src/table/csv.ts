// Writes CSV (RFC 4180). Cells come as they shall stand: who writes what strangers typed guards it first.

/** Without it Excel takes UTF-8 for the letters of the machine's country. */
const BYTE_ORDER_MARK = '\uFEFF';

export type CsvCell = string | number;

export interface CsvStyle {
  /** Between cells; a comma when absent. */
  readonly separator?: ',' | ';';
  /** LF when absent. */
  readonly lineEnd?: '\n' | '\r\n';
  /** For files that people open in Excel. */
  readonly bom?: boolean;
  /** Every cell in quotes instead of those that must be. */
  readonly quoteAll?: boolean;
}

/** A CSV text with a header line. */
export function csvText(
  header: readonly string[],
  rows: readonly (readonly CsvCell[])[],
  { separator = ',', lineEnd = '\n', bom = false, quoteAll = false }: CsvStyle = {},
): string {
  const lines = [header, ...rows].map(
    (row) => row.map((cell) => field(String(cell), separator, quoteAll)).join(separator) + lineEnd,
  );
  return (bom ? BYTE_ORDER_MARK : '') + lines.join('');
}

function field(text: string, separator: string, quoteAll: boolean): string {
  const mustQuote = quoteAll || text.includes(separator) || /^\s|["\r\n]|\s$/.test(text);
  return mustQuote ? `"${text.replaceAll('"', '""')}"` : text;
}
