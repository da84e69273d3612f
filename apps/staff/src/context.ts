// What every view needs: the language and its texts.
import type { Key, Language } from './words.ts';

export interface Context {
  readonly language: Language;
  readonly t: (key: Key, values?: Readonly<Record<string, string | number>>) => string;
}
