// How fast each kind of provider may be used: data, because providers change it. Their own counters are the law; ours
// keep us from running into them, since some providers lock an account that does.
//
// Sources: Aliyun "flow control of message frequency" (help.aliyun.com 3044319); Tencent "frequency limits" and SendSms
// (cloud.tencent.com document/product/382/36791 and 382/55981). Calendar days there are sliding 24 hours here: stricter.

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** What is counted together: everything; one number; one number and template; one number and the same text. */
export type CountedBy = 'all' | 'number' | 'number-template' | 'number-text';

export interface Rate {
  readonly by: CountedBy;
  readonly max: number;
  readonly windowMs: number;
  /** One-time codes or notices only; both when absent. */
  readonly of?: 'code' | 'notice';
}

export type ProviderKind = 'smpp' | 'tencent' | 'aliyun' | 'smtp' | 'wechat';

const codes: readonly Rate[] = [
  { by: 'number', of: 'code', max: 1, windowMs: minute },
  { by: 'number', of: 'code', max: 5, windowMs: hour },
  { by: 'number', of: 'code', max: 10, windowMs: day },
];
const notices: readonly Rate[] = [{ by: 'number-template', of: 'notice', max: 50, windowMs: day }];
/** The same words to the same number: networks take it for a fault and drop it. */
const duplicates: Rate = { by: 'number-text', max: 1, windowMs: 30 * second };

export const ratesOf: Readonly<Record<ProviderKind, readonly Rate[]>> = {
  // A message centre's rate is the contract's: throughputPerS and windowSize of its configuration.
  smpp: [],
  tencent: [{ by: 'all', max: 3_000, windowMs: second }, ...codes, ...notices, duplicates],
  aliyun: [{ by: 'all', max: 5_000, windowMs: second }, ...codes, ...notices, duplicates],
  // Relays answer 4xx when they have enough.
  smtp: [duplicates],
  // Each message uses up a permission that the recipient gave; WeChat counts those.
  wechat: [],
};

/** One-time codes are our templates whose key begins so. */
export function isCodeTemplate(template: string): boolean {
  return template === 'code' || template.startsWith('code-');
}
