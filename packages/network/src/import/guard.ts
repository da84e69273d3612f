// Cells that a spreadsheet would take for a formula. Written with an apostrophe before them, read with one fewer: what
// goes out comes back the same, and no character is ever dropped. The rule is the same for CSV and XLSX, so a list may
// pass from one to the other. Source: OWASP, "CSV Injection".

/** Full-width signs too: some office programs take them for the half-width ones. Spaces hide none of them. */
const FORMULA = /^[\s']*[=+\-@\t\r\n＝＋－＠]/;
const GUARDED = /^'[\s']*[=+\-@\t\r\n＝＋－＠]/;
/** A number is a number; and a signed one must stay one for the spreadsheet. */
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

export function guard(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

export function unguard(text: string): string {
  if (!text.startsWith("'")) return text;
  return GUARDED.test(text) && !NUMBER.test(text.slice(1)) ? text.slice(1) : text;
}
