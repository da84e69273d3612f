// Right-to-left letters and direction controls stay in a cell, but what they do ends with it: otherwise a name could turn
// round how the cells after it are shown. Source: Unicode UAX #9, sections 2.4 (isolates) and 3.3.2 (paragraphs, scopes).

const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';
const POP_EMBEDDING = '\u202c';
const CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** Blocks of scripts that run from right to left. */
const RTL_LETTERS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** A paragraph ends every scope by itself. */
const PARAGRAPH_ENDS = new RegExp(String.raw`[\n\r\x1c-\x1e\x85\u2029]`, 'u');

interface Scopes {
  /** Openers not closed by the end, outermost first. */
  readonly open: readonly ('isolate' | 'embedding')[];
  /** Isolate closers without an opener. */
  readonly stray: number;
}

function scopesOf(paragraph: string): Scopes {
  const open: ('isolate' | 'embedding')[] = [];
  let stray = 0;
  for (const letter of paragraph) {
    if (/[\u2066-\u2068]/u.test(letter)) open.push('isolate');
    else if (/[\u202a\u202b\u202d\u202e]/u.test(letter)) open.push('embedding');
    else if (letter === POP_EMBEDDING && open.at(-1) === 'embedding') open.pop();
    else if (letter === POP_ISOLATE) {
      const at = open.lastIndexOf('isolate');
      if (at < 0) stray += 1;
      // Embeddings left open inside are closed with it; those before the first isolate stay.
      else open.length = at;
    }
  }
  return { open, stray };
}

/**
 * The text between isolate marks where it holds direction controls, or, with `letters`, right-to-left letters. Strays that
 * would close our isolate early are met with as many more openers. The text itself is not changed.
 */
export function isolate(text: string, { letters = false }: { readonly letters?: boolean } = {}): string {
  if (!CONTROLS.test(text) && !(letters && RTL_LETTERS.test(text))) return text;
  const paragraphs = text.split(PARAGRAPH_ENDS);
  const first = scopesOf(paragraphs[0] ?? '');
  const before = FIRST_STRONG_ISOLATE.repeat(first.stray + 1);
  if (paragraphs.length === 1) {
    const isolates = first.open.filter((one) => one === 'isolate').length;
    return before + text + POP_ISOLATE.repeat(isolates + 1);
  }
  const last = scopesOf(paragraphs.at(-1) ?? '');
  const after = last.open.toReversed().map((one) => (one === 'isolate' ? POP_ISOLATE : POP_EMBEDDING));
  return before + text + after.join('');
}
