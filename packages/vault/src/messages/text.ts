// What a message says: when (day and part of the day), what to do, whom to call, how to check that it is genuine. Never
// which line or plate, never who the case is, and nothing that sounds like a diagnosis or an order.
import type { Name } from '@tongche/contract';

/** A text message holds this many UTF-16 units, or this many in each part of a longer one. */
const UNITS_ALONE = 70;
const UNITS_A_PART = 67;

/** Templates staff may choose from. */
export const TEMPLATES = ['fellow-rider'] as const;

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

const PARTS: readonly { readonly untilHour: number; readonly zh: string; readonly en: string }[] = [
  { untilHour: 6, zh: '凌晨', en: 'early morning' },
  { untilHour: 12, zh: '上午', en: 'morning' },
  { untilHour: 14, zh: '中午', en: 'afternoon' },
  { untilHour: 18, zh: '下午', en: 'afternoon' },
  { untilHour: 24, zh: '晚上', en: 'evening' },
];

/** '11月18日上午' and 'the morning of 18 November': coarse on purpose. */
export function coarseTime(ms: number, zone: string): Name {
  const hourText = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' }).format(ms);
  const part = PARTS.find(({ untilHour }) => Number(hourText) < untilHour) ?? { zh: '', en: 'day' };
  const zhDay = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, month: 'numeric', day: 'numeric' })
    .formatToParts(ms)
    .flatMap(({ type, value }) => (type === 'month' || type === 'day' ? [value] : []));
  const enDay = new Intl.DateTimeFormat('en-GB', { timeZone: zone, month: 'long', day: 'numeric' }).format(ms);
  return { zh: `${zhDay[0] ?? ''}月${zhDay[1] ?? ''}日${part.zh}`, en: `the ${part.en} of ${enDay}` };
}

export function messageText(facts: MessageFacts): Name {
  const { authority, phone, link, checkCode } = facts;
  const time = coarseTime(facts.rideMs, facts.zone);
  return {
    zh:
      `【${authority.zh}】您于${time.zh}乘坐的公共交通工具上，后经核实有一名需要关注的乘客。` +
      `请自即日起减少与他人接触、监测体温，如有发热、咳嗽请佩戴口罩就医；工作人员可能与您联系。` +
      `本通知不是诊断。详情及异议：${link} 核对码${checkCode}。不收费、不索要验证码，可拨打${phone}核实。`,
    en:
      `[${authority.en}] A passenger who needs attention was on public transport you took in ${time.en}. ` +
      `Please limit contact with others and watch your temperature; with fever or cough wear a mask and see a doctor. ` +
      `Staff may call you. This is not a diagnosis. Details and objections: ${link} Check code ${checkCode}. ` +
      `Free of charge, nobody asks for codes; call ${phone} to verify.`,
  };
}

/** How many parts a text is sent in: Chinese texts and links go out in UCS-2. */
export function partsOf(text: string): number {
  return text.length <= UNITS_ALONE ? 1 : Math.ceil(text.length / UNITS_A_PART);
}

const CHINESE_SPEAKING = /^(86|852|853|886)/;

/** The text for a number, in the language its country mostly reads. */
export function textFor(address: string, text: Name): string {
  return CHINESE_SPEAKING.test(address) ? text.zh : text.en;
}
