// Cells that a spreadsheet would take for a formula. Written with an apostrophe before them, read with one fewer: what
// goes out comes back the same, and no character is ever dropped. The rule is the same for every kind of file, so that a
// list may pass from one to the other. Source: OWASP, "CSV Injection".

/** Spaces, controls, quotes, and whatever shows as nothing: none of them hides what comes behind it. */
const HIDES = String.raw`[\s\p{Cc}\p{Default_Ignorable_Code_Point}\p{Cf}\u2800"'\x60´‘’‚‛“”„‟‹›«»＂＇]*`;
/**
 * Full-width, small, raised and lowered signs too, and the true minus: compatibility normalisation makes the half-width
 * ones of them, and some office programs do that while they read.
 */
const STARTS = String.raw`[=+\-@\t\r\n＝＋－＠﹢﹣﹦﹫−⁺⁻⁼₊₋₌]`;
const FORMULA = new RegExp(`^${HIDES}${STARTS}`, 'u');
const GUARDED = new RegExp(`^'${HIDES}${STARTS}`, 'u');
/** Long ones would lose digits, those with an E or a dash would become powers and dates. */
const NUMBER_LIKE = /^\s*\d[\d\s.,:/+\-eE]*$/u;

/** The text with an apostrophe before it where a spreadsheet would run it. */
export function guard(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** What `guard` was given. */
export function unguard(text: string): string {
  return GUARDED.test(text) ? text.slice(1) : text;
}

/** Would a spreadsheet take this text for a number or a date, and show something else? */
export function isNumberLike(text: string): boolean {
  return NUMBER_LIKE.test(text);
}
