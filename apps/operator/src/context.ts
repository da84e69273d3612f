// What every view needs: who is signed in, the language with its texts, the address, and how to say what went wrong.
import type { LineRef, StaffSession, UnitRef } from '@tongche/contract';
import { ApiError, nameText, plateText, timeText } from '@tongche/ui';
import { dateOf, momentOf } from './format.ts';
import type { Language, Say } from './words.ts';

export interface Context {
  readonly session: StaffSession;
  readonly language: Language;
  readonly t: Say;
  /** One line about a failure, in the reader's language. */
  readonly explain: (error: unknown) => string;
}

export function makeContext(session: StaffSession, language: Language, t: Say): Context {
  return {
    session,
    language,
    t,
    explain: (error) => (error instanceof ApiError ? error.texts[language] : t('broken')),
  };
}

const locale = ({ language }: Context): string => (language === 'zh' ? 'zh-CN' : 'en');

export function nameOf(context: Context, name: { readonly zh: string; readonly en: string } | null): string {
  return name === null ? '' : nameText(name, locale(context));
}
export function unitName(context: Context, unit: UnitRef): string {
  return unit.plate === null ? nameOf(context, unit.label) : plateText(unit.plate);
}
export function lineName(context: Context, line: LineRef | null): string {
  return line === null ? context.t('noLine') : line.shortName || nameOf(context, line.name);
}
export function clockOf({ session }: Context, ms: number, seconds = false): string {
  return timeText(ms, session.zone, seconds);
}
export function momentText({ session, language }: Context, ms: number | null): string {
  return ms === null ? '—' : momentOf(ms, language, session.zone);
}
export function dayName({ language }: Context, date: string): string {
  return dateOf(date, language);
}
