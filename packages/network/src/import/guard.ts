// The formula guard of lists, where a number is a number: a signed one must stay one for the spreadsheet.
import { guard as guardText, unguard as unguardText } from '@tongche/exports/table';

const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

export function guard(text: string): string {
  return NUMBER.test(text) ? text : guardText(text);
}

export function unguard(text: string): string {
  return NUMBER.test(text.slice(1)) ? text : unguardText(text);
}
