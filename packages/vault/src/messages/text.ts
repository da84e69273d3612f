// What a message says: when (day and part of the day), what to do, whom to call, how to check that it is genuine. Never
// which line or plate, never who the case is, and nothing that sounds like a diagnosis or an order.
import type { Name } from '@tongche/contract';
import { fill, gapsOf, lintText, TEMPLATES } from '@tongche/messages';
import type { Template, Wording } from '@tongche/messages';

/** Templates staff may choose from. */
export const TEMPLATE_IDS = ['fellow-rider'] as const;

export interface MessageFacts {
  readonly authority: Name;
  /** The authority's own number: to ask and to verify. */
  readonly phone: string;
  /** When the shared ride began. */
  readonly rideMs: number;
  readonly zone: string;
  readonly link: string;
  /** Four characters that stand on the notice page too. */
  readonly checkCode: string;
}

/** No character that is read as another, none of the letters trains are named by (G345), no M and no W: 30PM is a time, WWW. an address. */
const CHECK_ALPHABET = '23456789ABEFHJNPQRSVXY';
const CHECK_CHARACTERS = 4;

/** Four characters by which a message and its notice page are known to belong together. */
export function checkCodeOf(digest: Uint8Array): string {
  const characters = digest.subarray(0, CHECK_CHARACTERS);
  return Array.from(characters, (byte) => CHECK_ALPHABET[byte % CHECK_ALPHABET.length]).join('');
}

const PARTS: readonly { readonly untilHour: number; readonly zh: string; readonly en: string }[] = [
  { untilHour: 6, zh: '凌晨', en: 'early morning' },
  { untilHour: 12, zh: '上午', en: 'morning' },
  { untilHour: 14, zh: '中午', en: 'afternoon' },
  { untilHour: 18, zh: '下午', en: 'afternoon' },
  { untilHour: 24, zh: '晚上', en: 'evening' },
];

/** Month, day and part of the day as the templates take them: coarse on purpose. */
export function coarseTime(ms: number, zone: string) {
  const hourText = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' }).format(ms);
  const part = PARTS.find(({ untilHour }) => Number(hourText) < untilHour) ?? { zh: '', en: 'day' };
  const numbers = new Map(
    new Intl.DateTimeFormat('zh-CN', { timeZone: zone, month: 'numeric', day: 'numeric' })
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  const date = new Intl.DateTimeFormat('en-GB', { timeZone: zone, month: 'long', day: 'numeric' }).format(ms);
  return {
    zh: { month: numbers.get('month') ?? '', day: numbers.get('day') ?? '', part: part.zh },
    en: { date, part: part.en },
  };
}

interface OwnText {
  readonly version: number;
  readonly text: string;
}
/** Texts of the city's own, where it has some. */
export interface OwnTexts {
  readonly zh?: OwnText;
  readonly en?: OwnText;
}
export interface ExposureTemplates {
  readonly zh: Template;
  readonly en: Template;
}

/** The templates in force: the product's, with the city's own words where there are some. */
export function exposureTemplates(own: OwnTexts = {}): ExposureTemplates {
  const { zh, en } = TEMPLATES.exposure;
  return { zh: { ...zh, ...own.zh }, en: { ...en, ...own.en } };
}

/** The values a template has gaps for. */
function used(template: Template, values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const gaps = new Set(gapsOf(template.text));
  return Object.fromEntries(Object.entries(values).filter(([name]) => gaps.has(name)));
}

/** The message in both languages. Throws RangeError when what came out breaks a rule of the linter: a fault, not a refusal. */
export function wordings(
  facts: MessageFacts,
  templates: ExposureTemplates = TEMPLATES.exposure,
): { readonly zh: Wording; readonly en: Wording } {
  const { authority, phone: hotline, link, checkCode: check } = facts;
  const time = coarseTime(facts.rideMs, facts.zone);
  const { zh, en } = templates;
  const both = {
    zh: fill(zh, used(zh, { ...time.zh, authority: authority.zh, hotline, link, check })),
    en: fill(en, used(en, { ...time.en, authority: authority.en, hotline, link, check })),
  };
  for (const { template, text } of Object.values(both)) {
    const rules = lintText(text, [hotline, authority.zh, authority.en]).map(({ rule }) => rule);
    if (rules.length > 0) throw new RangeError(`"${template}" came out against ${rules.join(', ')}`);
  }
  return both;
}

const CHINESE_SPEAKING = /^(86|852|853|886)/;

/** The wording for a number, in the language its country mostly reads. */
export function wordingFor(address: string, { zh, en }: ReturnType<typeof wordings>): Wording {
  return CHINESE_SPEAKING.test(address) ? zh : en;
}
