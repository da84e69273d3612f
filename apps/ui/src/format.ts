// How times, days and plates are written for people, in the authority's time zone whatever the phone says.

export type Language = 'zh-CN' | 'en' | (string & {});
export interface Named {
  readonly zh: string;
  readonly en: string;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function parts(ms: number, language: Language, zone: string, options: Intl.DateTimeFormatOptions): string {
  const key = language + zone + JSON.stringify(options);
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat(language, { timeZone: zone, ...options });
    formatters.set(key, formatter);
  }
  return formatter.format(ms);
}

/** '08:12', or '08:12:33' with seconds. 24 hours everywhere. */
export function timeText(ms: number, zone: string, seconds = false): string {
  return parts(ms, 'en-GB', zone, { hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}) });
}

/** '11月20日', '20 Nov'. */
export function dayText(ms: number, language: Language, zone: string): string {
  const locale = language === 'en' ? 'en-GB' : language;
  return parts(ms, locale, zone, { month: language === 'en' ? 'short' : 'long', day: 'numeric' });
}

/** '11月20日 星期五', 'Friday 20 Nov'. */
export function dateText(ms: number, language: Language, zone: string): string {
  const weekday = parts(ms, language, zone, { weekday: 'long' });
  const day = dayText(ms, language, zone);
  return language === 'en' ? `${weekday} ${day}` : `${day} ${weekday}`;
}

/** '粤B·12345D': the dot of a mainland plate after the office letter; anything else as it is. */
export function plateText(plate: string): string {
  return plate.replace(/^(\p{Script=Han}[A-Z])[·•\s]?(?=[A-Z0-9])/u, '$1·');
}

/** The name in the reader's language: Chinese for Chinese, English for everybody else, and whichever there is. */
export function nameText(name: Named, language: Language): string {
  return language.startsWith('zh') ? name.zh || name.en : name.en || name.zh;
}
