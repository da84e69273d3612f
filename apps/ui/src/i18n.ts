// Dictionaries: one flat JSON file per language and app; `{name}` in a text is replaced.

export type Dictionary = Readonly<Record<string, string>>;

/** The text of a key with its `{holes}` filled. A missing key shows itself, so that tests and people see it. */
export function translate(
  dictionary: Dictionary,
  key: string,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return (dictionary[key] ?? key).replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}

/** The first language of the reader's that there is, by full tag and then by its first part; else the first there is. */
export function chooseLanguage(offered: readonly string[], wanted: readonly string[]): string {
  for (const tag of wanted) {
    const primary = tag.split('-')[0];
    const found = offered.find((o) => o === tag) ?? offered.find((o) => o.split('-')[0] === primary);
    if (found !== undefined) return found;
  }
  return offered[0] ?? 'zh-CN';
}
