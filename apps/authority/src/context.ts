// What every view needs: who is signed in, the language with its texts, and how to report what went wrong.
import type { CaseworkSession } from '@tongche/contract';
import { dayText, nameText, timeText } from '@tongche/ui';
import { ApiError } from '@tongche/ui';
import { SignError } from './sign.ts';
import type { Language, Say } from './words.ts';

export interface Context {
  readonly session: CaseworkSession;
  readonly language: Language;
  readonly t: Say;
  /** One line about a failure, in the reader's language. */
  readonly explain: (error: unknown) => string;
}

export function makeContext(session: CaseworkSession, language: Language, t: Say): Context {
  return {
    session,
    language,
    t,
    explain: (error) => {
      if (error instanceof ApiError) return error.texts[language];
      if (error instanceof SignError) return t(error.problem);
      return String(error);
    },
  };
}

const locale = (context: Context) => (context.language === 'zh' ? 'zh-CN' : 'en');

/** `11月18日 08:12`, `18 Nov 08:12`. */
export function momentText(context: Context, ms: number): string {
  return `${dayText(ms, locale(context), context.session.zone)} ${timeText(ms, context.session.zone)}`;
}
/** `11-18 08:12`: narrow, for tables. */
export function narrowMoment(context: Context, ms: number): string {
  const parts = new Intl.DateTimeFormat('en-CA', { month: '2-digit', day: '2-digit', timeZone: context.session.zone });
  return `${parts.format(ms)} ${timeText(ms, context.session.zone)}`;
}
export function clockText(context: Context, ms: number): string {
  return timeText(ms, context.session.zone);
}
export function shortDay(context: Context, ms: number): string {
  return dayText(ms, locale(context), context.session.zone);
}
export function named(context: Context, name: { readonly zh: string; readonly en: string } | null): string {
  return name === null ? '' : nameText(name, locale(context));
}
/** `04:12` from milliseconds, or `0.8 s` below a minute. */
export function spanText(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return `${String(minutes).padStart(2, '0')}:${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')}`;
}

export function percent(share: number): string {
  return `${Math.min(99, Math.max(1, Math.round(share * 100)))} %`;
}
