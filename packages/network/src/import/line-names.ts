// Lines by the names people write for them: "m105", "M105路" and "Ｍ105" are one line.
import type { Line } from '../model.ts';
import { plainText } from './row.ts';

export type NamedLine = Pick<Line, 'id' | 'shortName' | 'name'>;

/** The common part of a line's names: capitals, no spaces, no final 路, 线 or 线路; a metro's 号线 stays. */
export function lineKey(text: string): string {
  return plainText(text)
    .toUpperCase()
    .replace(/\s+/g, '')
    .replace(/(?<!号)(?:线路|[路线])$/, '');
}

/**
 * Finds a line by its id, else by a name: first as it is written, then without what stands in brackets. Where two lines
 * share a name, the first one listed.
 */
export function lineFinder(lines: readonly NamedLine[]): (text: string) => string | undefined {
  const ids = new Set(lines.map(({ id }) => id));
  const byKey = new Map<string, string>();
  const add = (key: string, id: string): void => {
    if (key !== '' && !byKey.has(key)) byKey.set(key, id);
  };
  for (const { id, shortName, name } of lines) {
    for (const text of [shortName, name.zh, name.en]) add(lineKey(text), id);
  }
  for (const { id, shortName } of lines) add(lineKey(withoutBrackets(shortName)), id);
  return (text) =>
    ids.has(text) ? text : (byKey.get(lineKey(text)) ?? byKey.get(lineKey(withoutBrackets(plainText(text)))));
}

function withoutBrackets(text: string): string {
  return text.replace(/\([^()]*\)/g, '');
}
