// The console's texts by key, in the reader's language.
import { en } from './words-en.ts';
import { zh } from './words-zh.ts';

export type Language = 'zh' | 'en';
export type Key = keyof typeof zh;
export type Words = { readonly [Each in Key]: string };
export type Say = (key: Key, values?: Readonly<Record<string, string | number>>) => string;
const dictionaries: Readonly<Record<Language, Words>> = { zh, en };

/** Text of a key with `{name}` replaced. */
export function words(language: Language): Say {
  const dictionary = dictionaries[language];
  return (key, values = {}) =>
    dictionary[key].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

export function firstLanguage(): Language {
  const kept = localStorage.getItem('casework-language');
  if (kept === 'zh' || kept === 'en') return kept;
  return navigator.language.startsWith('zh') ? 'zh' : 'en';
}
