// Holds a text to the rules of what may be said to a fellow rider. The words to look for are taken from notices of 2020
// and 2021 that named people, vehicles and minutes, or alarmed at night.
import { finding } from './findings.ts';
import type { Finding, Rule } from './findings.ts';
import { gapsOf, piecesOf } from './template.ts';
import type { GapKind, Template } from './template.ts';

/** As many UTF-16 units as fit ten joined parts; longer ones are dropped by networks and not read by people. */
export const MAX_TEXT_CHARS = 670;

const LETTER = 'A-HJ-NP-Z';
const PROVINCE = '京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新';

/** Digits in words. */
const NUMERAL = '〇零一二三四五六七八九十百两兩';
/** Nothing to see, or a space inside a Chinese word: both part a word for a machine but not for its reader. */
const UNSEEN = /[\p{Cf}\p{M}]/gu;
const INNER_SPACE = /(?<=\p{sc=Han})\s+(?=\p{sc=Han})/gu;

/** Words of a text that break a rule, whatever the purpose. */
const FORBIDDEN: readonly (readonly [Rule, RegExp])[] = [
  // 某某, 张某, 男, 45岁, 病例3, 确诊, 阳性, patient Smith, case no. 12, tested positive
  [
    'case-identity',
    /[\p{sc=Han}]某(?!些|种|个|一)|患者|病人|病例|[确確][诊診]|[阳陽]性|感染者|[无無]症[状狀]|流[调調]|[男女]性?[，,、 ]|\d{1,3}\s?岁|籍贯|户籍|住址|职业/u,
  ],
  [
    'case-identity',
    /\bpatient\b|\bcase\s*(no|number|#|\d)|\btested positive\b|\binfected\b|\b(male|female)\b|\byears? old\b|\bnationality\b/iu,
  ],
  ['vehicle', new RegExp(`[${PROVINCE}][${LETTER}][·• ]?[${LETTER}\\d]{4,6}`, 'u')],
  [
    'vehicle',
    /\d+\s*路|[A-Z]?\d+[号號][线線]|地[铁鐵]|站[上下][车車]|\d+\s*[号號]?[车車][厢廂]|\d+排|座位|[车車]牌|航班|[车車]次|\b[GDCKTZ]\d{1,4}\b/u,
  ],
  // 二十七路, 三号线, 五号车厢; not 一路平安
  [
    'vehicle',
    new RegExp(
      `(?:[${NUMERAL}]{2,}|[二三四五六七八九十])路(?!人|口)|[${NUMERAL}]+(?:[号號][线線]|[号號]?[车車][厢廂]|排)`,
      'u',
    ),
  ],
  ['vehicle', /\b(line|route|bus|train|car|seat|row)\s*(no\.?|number)?\s*[A-Z]?\d+/iu],
  [
    'clock-time',
    /\d{1,2}\s*[:：]\s*\d{2}|\d{1,2}\s*[点时](\d{1,2}\s*分|半|许|左右)?(?!间|段|候)|\b\d{1,2}\s*(a\.?m\.?|p\.?m\.?|o'clock)(?![a-z])/iu,
  ],
  // 下午三点, 八点半, 十点二十分; not 以下三点, 有一点
  [
    'clock-time',
    new RegExp(
      `(?:凌晨|[清早]晨|[早晚]上|[上中下]午|傍晚|夜里|夜間|夜间|晚)[${NUMERAL}]+[点點时時]|[${NUMERAL}]+[点點](?:半|[整钟鐘]|[${NUMERAL}]{2,}分)`,
      'u',
    ),
  ],
  // Anything of eleven digits or more is a person's number; the hotline is a gap.
  ['personal-number', /(?:\d[ -]?){11,}[\dXx]?/u],
  ['link-in-text', /https?:\/\/|www\.|\b[a-z0-9-]+\.(cn|com|net|org|gov)\b/iu],
  ['threat', /否则|后果自负|追究|处罚|违法|强制|\bor else\b|\bpenalt|\bprosecut|\bpunish|\bby law\b/iu],
];

/** What stands in words that must not, whoever sends them. */
export function forbidden(text: string): readonly Finding[] {
  const found = new Map<Rule, Finding>();
  const seen = text.normalize('NFKC').replaceAll(UNSEEN, '');
  const joined = seen.replaceAll(INNER_SPACE, '');
  for (const [rule, pattern] of FORBIDDEN) {
    const match = pattern.exec(seen) ?? pattern.exec(joined);
    if (match !== null && !found.has(rule)) found.set(rule, finding(rule, match[0].trim()));
  }
  return [...found.values()];
}

/** The sender stands first: 【…】 in Chinese, […] elsewhere, and the name is a gap filled from the configuration. */
const SIGNATURE = { 'zh-CN': /^【\{([A-Za-z]+)\}】/u, en: /^\[\{([A-Za-z]+)\}\]/u } as const;

function kindsIn(template: Template): ReadonlySet<GapKind> {
  return new Set(gapsOf(template.text).flatMap((name) => template.gaps[name] ?? []));
}

function isSigned({ language, text, gaps }: Template): boolean {
  const name = SIGNATURE[language].exec(text)?.[1];
  return name !== undefined && gaps[name] === 'authority';
}

function lintGaps({ text, gaps }: Template): readonly Finding[] {
  const used = gapsOf(text);
  const unknown = used.filter((name) => gaps[name] === undefined).map((name) => finding('unknown-gap', name));
  const unused = Object.keys(gaps)
    .filter((name) => !used.includes(name))
    .map((name) => finding('unused-gap', name));
  return [...unknown, ...unused];
}

function lintExposure(template: Template): readonly Finding[] {
  const { text, language } = template;
  const kinds = kindsIn(template);
  const findings: Finding[] = [];
  if (!isSigned(template) || !kinds.has('hotline') || !kinds.has('check-code')) {
    findings.push(finding('sender-unverifiable'));
  }
  if (!(language === 'zh-CN' ? /不是诊断|非诊断/u : /not a diagnosis/iu).test(text))
    findings.push(finding('no-diagnosis-word'));
  if (!(language === 'zh-CN' ? /异议|申诉/u : /object|dispute/iu).test(text)) findings.push(finding('no-objection'));
  return findings;
}

/** A one-time code says whose it is and that nobody asks for it; it cannot carry a check code of its own. */
function lintCode(template: Template): readonly Finding[] {
  return isSigned(template) ? [] : [finding('sender-unverifiable')];
}

/** Everything that is wrong with a template; empty when nothing is. */
export function lint(template: Template): readonly Finding[] {
  const words = piecesOf(template.text)
    .map((piece) => ('words' in piece ? piece.words : ' '))
    .join('');
  const length = words.length > MAX_TEXT_CHARS ? [finding('too-long')] : [];
  const own = template.purpose === 'exposure' ? lintExposure(template) : lintCode(template);
  return [...forbidden(words), ...lintGaps(template), ...own, ...length];
}

/** Last look at a filled text before it is queued: what stands in the gaps is watched too. `known`: what may be there, the hotline. */
export function lintText(text: string, known: readonly string[]): readonly Finding[] {
  let rest = text.replaceAll(/https?:\/\/\S+/gu, ' ');
  for (const words of known) rest = rest.replaceAll(words, ' ');
  const length = text.length > MAX_TEXT_CHARS ? [finding('too-long')] : [];
  return [...forbidden(rest), ...length];
}

/** Hours in which nothing that can wait is sent, at the least; Chengdu's message of half past two woke 82,000 people. */
const QUIET_FROM_HOUR = 22;
const QUIET_TO_HOUR = 8;

/** Whether quiet hours [fromHour, toHour) of the local day cover the night. */
export function lintQuietHours(quiet: { readonly fromHour: number; readonly toHour: number }): readonly Finding[] {
  const { fromHour, toHour } = quiet;
  const isQuiet = (hour: number): boolean =>
    fromHour <= toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour;
  for (let hour = QUIET_FROM_HOUR; hour !== QUIET_TO_HOUR; hour = (hour + 1) % 24) {
    if (!isQuiet(hour)) return [finding('quiet-hours', `${hour}:00`)];
  }
  return [];
}
