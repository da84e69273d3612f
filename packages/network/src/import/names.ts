// Chinese and English names out of a feed's own texts and its translations.
import type { Name } from '../model.ts';
import type { Feed } from './feed.ts';

export type NameOf = (table: string, field: string, recordId: string, text: string) => Name;

/** Best first. Simplified Chinese is what the product's pages use. */
const CHINESE = [/^zh-(hans-)?cn$/, /^zh-hans/, /^zh-sg$/, /^zh$/, /^zh-/] as const;
const ENGLISH = [/^en$/, /^en-/] as const;

/** A look-up of names: by record, else by value, else the text itself in both languages. */
export function namesOf(feed: Feed): NameOf {
  const byKey = new Map<string, { readonly language: string; readonly text: string }[]>();
  for (const { table, field, language, text, recordId, value } of feed.translations) {
    const key = recordId !== '' ? key4('id', table, field, recordId) : key4('value', table, field, value);
    const entry = { language: language.toLowerCase(), text };
    const entries = byKey.get(key);
    if (entries === undefined) byKey.set(key, [entry]);
    else entries.push(entry);
  }
  const own = feed.lang.toLowerCase();
  return (table, field, recordId, text) => {
    const translations = [
      ...(byKey.get(key4('id', table, field, recordId)) ?? []),
      ...(byKey.get(key4('value', table, field, text)) ?? []),
      ...(byKey.get(key4('value', '', '', text)) ?? []),
      { language: own, text },
    ].filter((entry) => entry.text !== '');
    const pick = (ranks: readonly RegExp[]): string => {
      for (const rank of ranks) {
        const found = translations.find(({ language }) => rank.test(language));
        if (found !== undefined) return found.text;
      }
      return text;
    };
    return { zh: pick(CHINESE), en: pick(ENGLISH) };
  };
}

function key4(kind: string, table: string, field: string, id: string): string {
  return JSON.stringify([kind, table, field, id]);
}
