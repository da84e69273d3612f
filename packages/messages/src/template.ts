// A template is a text with gaps, and for each gap what may stand in it. The kinds decide what the linter allows: there is
// no kind for a plate, a line, a stop, a clock time or anything about the case, so none of them can be filled in.
import type { Wording } from './message.ts';

/** What a gap holds. Day and part of the day are the finest time a message may tell. */
export type GapKind =
  /** '11' of 18 November, one or two digits. */
  | 'month'
  /** '18' in a Chinese date, 'the 18th' never: one or two digits. */
  | 'day-of-month'
  /** '上午', 'morning'. */
  | 'part-of-day'
  /** '18 November': where a language does not write a date in digits. */
  | 'date'
  /** The authority's own name. */
  | 'authority'
  /** The number that verifies the message. */
  | 'hotline'
  /** Characters that stand on the notice page too. */
  | 'check-code'
  /** Address of the recipient's own notice page. */
  | 'link'
  /** One-time code. */
  | 'one-time-code'
  | 'minutes';

export type Purpose =
  /** To a fellow rider of a case. */
  | 'exposure'
  /** One-time code of an enrolment. */
  | 'one-time-code';

export interface Template {
  readonly key: string;
  /** Grows with each change of the text; messages sent name the version they were made of. */
  readonly version: number;
  readonly language: 'zh-CN' | 'en';
  readonly purpose: Purpose;
  /** As the recipient reads it, gaps in braces: `您于{month}月`. */
  readonly text: string;
  readonly gaps: Readonly<Record<string, GapKind>>;
}

/** A piece of a template's text: words, or the name of a gap. */
export type Piece = { readonly words: string } | { readonly gap: string };

const GAP = /\{([a-z][A-Za-z0-9]*)\}/g;

/** Cuts a text at its gaps. Braces that are no gap stay words. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(GAP)) {
    if (match.index > at) pieces.push({ words: text.slice(at, match.index) });
    pieces.push({ gap: match[1] ?? '' });
    at = match.index + match[0].length;
  }
  if (at < text.length) pieces.push({ words: text.slice(at) });
  return pieces;
}

/** Names of the gaps, in order, each once. */
export function gapsOf(text: string): readonly string[] {
  return [...new Set(piecesOf(text).flatMap((piece) => ('gap' in piece ? [piece.gap] : [])))];
}

/** What a value of each kind looks like; a value that does not fit is a mistake of ours, never sent. */
const SHAPES: Readonly<Record<GapKind, RegExp>> = {
  month: /^(1[0-2]|[1-9])$/,
  'day-of-month': /^(3[01]|[12]\d|[1-9])$/,
  'part-of-day': /^[\p{L} ]{1,20}$/u,
  date: /^\d{1,2} [A-Z][a-z]{2,8}$/,
  authority: /^[^【】[\]{}\p{C}]{1,60}$/u,
  hotline: /^\+?[\d -]{3,17}$/,
  'check-code': /^[0-9A-Z·]{4}$/,
  link: /^https?:\/\/\S{4,400}$/,
  'one-time-code': /^\d{4,8}$/,
  minutes: /^[1-9]\d?$/,
};

/**
 * Fills a template. Throws RangeError, naming the gap but never the value, when a value is missing, is for no gap, or
 * does not look like its kind.
 */
export function fill(template: Template, values: Readonly<Record<string, string>>): Wording {
  for (const name of Object.keys(values)) {
    if (template.gaps[name] === undefined) throw new RangeError(`"${template.key}" has no gap "${name}"`);
  }
  const kept: Record<string, string> = {};
  const text = piecesOf(template.text)
    .map((piece) => {
      if ('words' in piece) return piece.words;
      const kind = template.gaps[piece.gap];
      const value = values[piece.gap];
      if (kind === undefined || value === undefined || !SHAPES[kind].test(value)) {
        throw new RangeError(`"${template.key}" needs a fitting value for "${piece.gap}"`);
      }
      kept[piece.gap] = value;
      return value;
    })
    .join('');
  return { template: template.key, version: template.version, values: kept, text };
}
