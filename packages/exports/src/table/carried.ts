// What no file of texts can carry, made visible instead of lost.

/** NUL ends a text for many readers; a half of a surrogate pair has no bytes in any encoding. */
const UNCARRIED = /\0|\p{Cs}/gu;

/** The text with NUL and lone surrogates written as JSON writes them: \u0000, \ud83d. Everything else stays. */
export function carried(text: string): string {
  return text.replace(UNCARRIED, (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0'));
}
