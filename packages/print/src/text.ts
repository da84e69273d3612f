// Making names fit: smaller down to a limit, then onto more lines, then cut with an ellipsis. Plates are never cut.
import type { Face } from './fonts.ts';

export interface Fitted {
  readonly lines: readonly string[];
  /** Type size in mm. */
  readonly size: number;
}

export interface Room {
  readonly width: number;
  readonly size: number;
  readonly minSize: number;
  /** At most this many lines. */
  readonly lines?: number;
}

const ellipsis = '…';
/** Steps of shrinking: eight sizes between the largest and the smallest. */
const steps = 8;
/** These may not begin a line. */
const closing = '，。、；：？！）」』》】…·,.;:?!)';

/** Leaves out what the font cannot draw, so that nobody sees empty boxes. */
export function drawable(face: Face, text: string): string {
  let kept = '';
  for (const character of text.normalize('NFC')) {
    if (character === '\n') kept += character;
    else if (/\s/u.test(character)) kept += ' ';
    else if (face.has(character)) kept += character;
  }
  return kept.replace(/ {2,}/g, ' ').trim();
}

/** Where a line may end: after a space, and around every Chinese character. */
function pieces(text: string): readonly string[] {
  const found =
    text.match(/[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+\s*|\s+/gu) ??
    [];
  const joined: string[] = [];
  for (const piece of found) {
    const last = joined.length - 1;
    if (last >= 0 && closing.includes(piece.charAt(0))) joined[last] += piece;
    else joined.push(piece);
  }
  return joined;
}

/** Lines as they must break (`\n`) and as they have to, with the spaces at which they broke. */
function broken(face: Face, text: string, width: number, size: number): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(face, line, width, size));
}

function wrap(face: Face, text: string, width: number, size: number): readonly string[] {
  return broken(face, text, width, size).map((line) => line.trimEnd());
}

function wrapLine(face: Face, text: string, width: number, size: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces(text)) {
    if (line !== '' && face.width((line + piece).trimEnd()) * size > width) {
      lines.push(line);
      line = '';
    }
    line += piece;
  }
  if (line.trim() !== '') lines.push(line);
  return lines;
}

/** The longest beginning that fits with an ellipsis after it. */
function cut(face: Face, text: string, width: number, size: number): string {
  if (face.width(text) * size <= width) return text;
  const characters = Array.from(text);
  while (characters.length > 0 && face.width(characters.join('').trimEnd() + ellipsis) * size > width) characters.pop();
  return characters.join('').trimEnd() + ellipsis;
}

/** Fits text into a room; an empty text gives no lines. */
export function fit(face: Face, raw: string, room: Room): Fitted {
  const text = drawable(face, raw);
  const { width, size, minSize, lines: most = 1 } = room;
  if (text === '') return { lines: [], size };
  for (let step = 0; step <= steps; step += 1) {
    const tried = size - ((size - minSize) * step) / steps;
    const lines = wrap(face, text, width, tried);
    const fits = lines.length <= most && lines.every((line) => face.width(line) * tried <= width);
    if (fits) return { lines, size: tried };
  }
  const lines = broken(face, text, width, minSize);
  const kept = lines.slice(0, most - 1).map((line) => cut(face, line.trimEnd(), width, minSize));
  const rest = lines
    .slice(most - 1)
    .join('')
    .trimEnd();
  return { lines: [...kept, cut(face, rest, width, minSize)], size: minSize };
}
