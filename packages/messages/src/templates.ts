// The texts of the product. A test holds each of them to the linter; a city with texts of its own does the same.
import type { Purpose, Template } from './template.ts';

const exposureZh: Template = {
  key: 'fellow-rider',
  version: 2,
  language: 'zh-CN',
  purpose: 'exposure',
  text:
    '【{authority}】您于{month}月{day}日{part}乘坐的公共交通工具上，后经核实有一名需要关注的乘客。' +
    '请自即日起减少与他人接触、监测体温，如有发热、咳嗽请佩戴口罩就医；工作人员可能与您联系。' +
    '本通知不是诊断。详情及异议：{link} 核对码{check}。不收费、不索要验证码，可拨打{hotline}核实。',
  gaps: {
    authority: 'authority',
    month: 'month',
    day: 'day-of-month',
    part: 'part-of-day',
    link: 'link',
    check: 'check-code',
    hotline: 'hotline',
  },
};

const exposureEn: Template = {
  key: 'fellow-rider-en',
  version: 2,
  language: 'en',
  purpose: 'exposure',
  text:
    '[{authority}] A passenger who needs attention was on public transport you took in the {part} of {date}. ' +
    'Please limit contact with others and watch your temperature; with fever or cough wear a mask and see a doctor. ' +
    'Staff may call you. This is not a diagnosis. Details and objections: {link} Check code {check}. ' +
    'Free of charge, nobody asks for codes; call {hotline} to verify.',
  gaps: {
    authority: 'authority',
    part: 'part-of-day',
    date: 'date',
    link: 'link',
    check: 'check-code',
    hotline: 'hotline',
  },
};

const codeZh: Template = {
  key: 'code',
  version: 1,
  language: 'zh-CN',
  purpose: 'one-time-code',
  text: '【{authority}】乘车登记验证码 {code}，{minutes} 分钟内有效。工作人员不会索要验证码，请勿告诉他人。',
  gaps: { authority: 'authority', code: 'one-time-code', minutes: 'minutes' },
};

const codeEn: Template = {
  key: 'code-en',
  version: 1,
  language: 'en',
  purpose: 'one-time-code',
  text: '[{authority}] Your ride check-in code is {code}, valid for {minutes} minutes. Nobody from our staff will ask for it.',
  gaps: { authority: 'authority', code: 'one-time-code', minutes: 'minutes' },
};

/** By purpose and language. */
export const TEMPLATES = {
  exposure: { zh: exposureZh, en: exposureEn },
  'one-time-code': { zh: codeZh, en: codeEn },
} as const satisfies Record<Purpose, { readonly zh: Template; readonly en: Template }>;

/** All of them, by their keys. */
export const TEMPLATES_BY_KEY: ReadonlyMap<string, Template> = new Map(
  Object.values(TEMPLATES)
    .flatMap(({ zh, en }) => [zh, en])
    .map((template) => [template.key, template]),
);
