// The few things the pages do to the document. Text only: nothing here can become markup.
import { chooseLanguage, translate } from '@tongche/ui';
import type { Dictionary } from '@tongche/ui';
import type { Settings } from '../ride/model.ts';

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows which element its page has
export function $<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no #${id} on this page`);
  return element as T;
}

export const show = (id: string, on: boolean): void => void ($(id).hidden = !on);
export const text = (id: string, content: string): void => {
  const element = $(id);
  if (element.textContent !== content) element.textContent = content;
};

export function on(id: string, event: string, work: (event: Event) => void): void {
  $(id).addEventListener(event, work);
}

export interface Words {
  readonly language: string;
  readonly t: (key: string, values?: Readonly<Record<string, string | number>>) => string;
}

/** A choice that is no secret (language, large text): kept where it is there before the first paint. */
export function remembered(key: string, value?: string): string | undefined {
  try {
    if (value !== undefined) localStorage.setItem(key, value);
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return value;
  }
}

/** The server fills this block when it serves the page. */
export function settingsOf(): Settings {
  return JSON.parse($('settings').textContent) as Settings;
}

/** The words of the chosen language, as far as they are loaded; `fixed` stands in every text. */
export function wordsOf(
  loaded: Readonly<Record<string, Dictionary>>,
  offered: readonly string[],
  fixed: (language: string) => Readonly<Record<string, string | number>> = () => ({}),
): Words {
  const language = chooseLanguage(offered, [remembered('language') ?? '', ...navigator.languages]);
  const dictionary = { ...loaded['zh-CN'], ...loaded[language] };
  document.documentElement.lang = loaded[language] === undefined ? 'zh-CN' : language;
  const always = fixed(language);
  return { language, t: (key, values) => translate(dictionary, key, { ...always, ...values }) };
}

/** What the page says in its own language, by the key of each element. */
export function writtenTexts(): Dictionary {
  const written: Record<string, string> = {};
  document.querySelectorAll<HTMLElement>('[data-t]').forEach((element) => {
    written[element.dataset['t'] ?? ''] = element.textContent;
  });
  return written;
}

/** Fills every element that names a text. */
export function fillTexts(w: Words): void {
  document.querySelectorAll<HTMLElement>('[data-t]').forEach((element) => {
    element.textContent = w.t(element.dataset['t'] ?? '');
  });
  document.title = w.t('title');
}
