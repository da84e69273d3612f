// What providers allow in a template they have to approve, and the check of a template written for one of them.
// Sources: Tencent Cloud SMS, "Template" FAQ and body template review standards (document 382/13301, 382/39023);
// Alibaba Cloud SMS, template specifications (help.aliyun.com, "短信模板规范"); both read in November 2026. WeChat:
// subscription message fields ("订阅消息参数值内容限制").
import { finding } from './findings.ts';
import type { Finding, Rule } from './findings.ts';
import { forbidden } from './lint.ts';
import { gapsOf, piecesOf } from './template.ts';
import type { GapKind, Piece, Template } from './template.ts';

export type TemplateProvider = 'tencent' | 'aliyun';

interface ProviderRules {
  /** Characters of the whole template, variables as they are written. */
  readonly maxChars: number;
  /** Characters of a variable's value. */
  readonly maxGapChars: number;
  /** The same in messages abroad, which are in English. */
  readonly maxGapCharsAbroad: number;
  readonly maxCodeChars: number;
  /** A variable may stand only once in a template. */
  readonly gapsOnce: boolean;
}

export const PROVIDER_RULES: Readonly<Record<TemplateProvider, ProviderRules>> = {
  // Notification variables are cut to six characters on the mainland; a code has at most six digits.
  tencent: { maxChars: 500, maxGapChars: 6, maxGapCharsAbroad: 35, maxCodeChars: 6, gapsOnce: false },
  aliyun: { maxChars: 500, maxGapChars: 35, maxGapCharsAbroad: 35, maxCodeChars: 6, gapsOnce: true },
};

/** Longest value of a kind; a kind that is not here is never a variable of an approved template. */
const LONGEST: Readonly<Partial<Record<GapKind, number>>> = {
  month: 2,
  'day-of-month': 2,
  'part-of-day': 2,
  date: 12,
  hotline: 17,
  'check-code': 4,
  'one-time-code': 6,
  minutes: 2,
};

/** 'early morning' */
const LONGEST_PART_ABROAD = 13;

/** A provider's text holds the number for questions and the address of the page as words: no variable has room for them. */
const FIXED_HERE: ReadonlySet<Rule> = new Set(['personal-number', 'link-in-text']);

function saysTooMuch(pieces: readonly Piece[]): readonly Finding[] {
  const words = pieces.map((piece) => ('words' in piece ? piece.words : ' ')).join('');
  return forbidden(words).filter(({ rule }) => !FIXED_HERE.has(rule));
}

/**
 * Checks the text that stands with a provider, gaps in braces by our names. It is filled from the values of `template`,
 * so it may have some of its gaps and no other; the provider's signature replaces the authority's name, and a fixed
 * address of the notice page replaces the link.
 */
export function lintProviderTemplate(provider: TemplateProvider, text: string, template: Template): readonly Finding[] {
  const rules = PROVIDER_RULES[provider];
  const pieces = piecesOf(text);
  const findings: Finding[] = [...saysTooMuch(pieces)];
  if (text.length > rules.maxChars) findings.push(finding('provider-length'));
  if (/[【】]/u.test(text)) findings.push(finding('provider-brackets'));
  const words = pieces.flatMap((piece) => ('words' in piece ? [piece.words] : [])).join(' ');
  if (!/[\p{L}\p{N}]/u.test(words)) {
    findings.push(finding('provider-only-gaps'));
  }
  const touches = pieces.some((piece, at) => {
    const next = pieces[at + 1];
    return 'gap' in piece && next !== undefined && 'gap' in next;
  });
  if (touches) findings.push(finding('provider-gaps-touch'));
  const named = pieces.flatMap((piece) => ('gap' in piece ? [piece.gap] : []));
  if (rules.gapsOnce && new Set(named).size < named.length) findings.push(finding('provider-gap-twice'));
  for (const name of gapsOf(text)) findings.push(...lintGap(rules, template, name));
  if (template.purpose === 'one-time-code' && !/验证码|校验码|动态码|\bcode\b/iu.test(words)) {
    findings.push(finding('provider-code-word'));
  }
  return findings;
}

function lintGap(rules: ProviderRules, { gaps, language }: Template, name: string): readonly Finding[] {
  const kind = gaps[name];
  if (kind === undefined) return [finding('provider-unknown-gap', name)];
  if (kind === 'link') return [finding('provider-link', name)];
  const isAbroad = language !== 'zh-CN';
  const longest = isAbroad && kind === 'part-of-day' ? LONGEST_PART_ABROAD : LONGEST[kind];
  const ofNotice = isAbroad ? rules.maxGapCharsAbroad : rules.maxGapChars;
  const room = kind === 'one-time-code' ? rules.maxCodeChars : ofNotice;
  return longest === undefined || longest > room ? [finding('provider-gap-long', name)] : [];
}

/** Longest value of a field of a WeChat subscription message, by the kind its name begins with. */
const WECHAT_FIELDS: readonly (readonly [RegExp, number])[] = [
  [/^thing\d{1,2}$/, 20],
  [/^character_string\d{1,2}$/, 32],
  [/^phone_number\d{1,2}$/, 17],
  [/^(date|time)\d{1,2}$/, 24],
  [/^phrase\d{1,2}$/, 5],
  [/^number\d{1,2}$/, 32],
];

/** Checks the fields of a subscription template, each a text with gaps by our names. */
export function lintWechatFields(fields: Readonly<Record<string, string>>, template: Template): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [field, text] of Object.entries(fields)) {
    const room = WECHAT_FIELDS.find(([name]) => name.test(field))?.[1];
    if (room === undefined) {
      findings.push(finding('provider-unknown-field', field));
      continue;
    }
    findings.push(...saysTooMuch(piecesOf(text)));
    let longest = 0;
    for (const piece of piecesOf(text)) {
      if ('words' in piece) longest += piece.words.length;
      else {
        const kind = template.gaps[piece.gap];
        if (kind === undefined) findings.push(finding('provider-unknown-gap', piece.gap));
        else if (kind === 'link') findings.push(finding('provider-link', piece.gap));
        else longest += LONGEST[kind] ?? Infinity;
      }
    }
    if (longest > room) findings.push(finding('provider-gap-long', field));
  }
  return findings;
}
