// How text that a person typed or pasted is folded before it is parsed.

/** Full-width forms become ASCII; invisible format characters (phones paste them around contact numbers) vanish. */
export function foldTyped(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .trim();
}

/** As foldTyped, without spaces, dashes of any kind, dots and slashes. */
export function foldSeparators(text: string): string {
  return foldTyped(text).replaceAll(/[\s\p{Pd}\u2212.·/]/gu, '');
}
