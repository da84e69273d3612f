// Draft of a public notice about one run: line, plate, from stop to stop, a span of half an hour at least. It is written from
// the fields named here and from nothing else; no person, seat, date of illness or exact time can reach it.
import { clockWords, dateWords, localTime } from './calendar.ts';
import type { Name } from './types.ts';

export interface NoticeFacts {
  readonly authority: Name;
  /** Where to register afterwards and to check that the notice is genuine. */
  readonly hotline: string;
  readonly line: Name | null;
  readonly plate: string | null;
  readonly fromStop: Name;
  readonly toStop: Name;
  readonly fromMs: number;
  readonly toMs: number;
  readonly zone: string;
  /** Passengers besides the case, at the least: registered ones, or more where somebody counted. */
  readonly othersAtLeast: number;
}

export type Notice =
  | { readonly kind: 'draft'; readonly text: Name }
  | { readonly kind: 'withheld'; readonly reason: Withheld; readonly text: Name };

/**
 * `single-other`: at most one other passenger is certain, who would know the case by the notice, or be known by it.
 * `nothing-to-name`: neither line nor plate. `personal`: a field holds what looks like a number or address of a person.
 */
export type Withheld = 'single-other' | 'nothing-to-name' | 'personal';

const WITHHELD: Readonly<Record<Withheld, Name>> = {
  'single-other': {
    zh: '不生成公告：确定的同车乘客不超过一人，公告可能暴露个人身份；请逐一联系，或先核实车上人数。',
    en: 'No notice: at most one other passenger is certain, and a notice could give a person away. Call them, or find out first how many were aboard.',
  },
  'nothing-to-name': {
    zh: '不生成公告：线路和车牌均不明。',
    en: 'No notice: neither the line nor the plate is known.',
  },
  personal: {
    zh: '不生成公告：某项内容疑似个人号码或地址，请更正后重试。',
    en: 'No notice: a field holds what looks like a personal number or address; correct it and try again.',
  },
};

const LEAST_OTHERS = 2;
const STEP_MIN = 10;
const LEAST_SPAN_MIN = 30;
/** Mobile numbers, documents (15 digits, or 17 and a check character), addresses of mail: however they are spaced. */
const PERSONAL = [/(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)/, /(?<!\d)(?:\d{15}|\d{17}[\dXx])(?!\d)/, /@/];

function looksPersonal(text: string): boolean {
  const closed = text.normalize('NFKC').replace(/[\s\p{Pd}·.]/gu, '');
  return PERSONAL.some((pattern) => pattern.test(closed));
}

/** Minutes of the first day: outward to full ten minutes, then wider until it is half an hour. */
function widened(
  fromMs: number,
  toMs: number,
  zone: string,
): { readonly day: number; readonly from: number; readonly to: number } {
  const { day, minute } = localTime(fromMs, zone);
  const lasts = Math.max(Math.ceil((toMs - fromMs) / 60_000), 0);
  const from = Math.floor(minute / STEP_MIN) * STEP_MIN;
  const to = Math.ceil((minute + lasts) / STEP_MIN) * STEP_MIN;
  if (to - from >= LEAST_SPAN_MIN) return { day, from, to };
  // Earlier first: a notice that begins too late misses those who got on before.
  const earlier = Math.max(from - STEP_MIN, 0);
  return { day, from: earlier, to: Math.max(to, earlier + LEAST_SPAN_MIN) };
}

function withheld(reason: Withheld): Notice {
  return { kind: 'withheld', reason, text: WITHHELD[reason] };
}

/** Vehicle words: "M133路（车牌粤B12345D）". */
function vehicleWords(line: Name | null, plate: string | null): Name {
  if (line === null) return { zh: `车牌为${plate}的车辆`, en: `the vehicle with the plate ${plate}` };
  if (plate === null) return line;
  return { zh: `${line.zh}（车牌${plate}）`, en: `${line.en} (plate ${plate})` };
}

/** The draft, or why there is none. A person reads and signs it before anybody sees it. */
export function noticeOf(facts: NoticeFacts): Notice {
  const { authority, hotline, line, plate, fromStop, toStop, zone } = facts;
  if (line === null && plate === null) return withheld('nothing-to-name');
  const texts = [authority, fromStop, toStop, ...(line === null ? [] : [line])].flatMap(({ zh, en }) => [zh, en]);
  if ([...texts, hotline, plate ?? ''].some(looksPersonal)) return withheld('personal');
  if (facts.othersAtLeast < LEAST_OTHERS) return withheld('single-other');
  const { day, from, to } = widened(facts.fromMs, facts.toMs, zone);
  const [date, vehicle] = [dateWords(day), vehicleWords(line, plate)];
  const [start, end] = [clockWords(from), clockWords(to)];
  return {
    kind: 'draft',
    text: {
      zh:
        `${authority.zh}公告：${date.zh} ${start} 至 ${end} 乘坐${vehicle.zh}、途经${fromStop.zh}至${toStop.zh}区段的乘客，` +
        `如当时未登记乘车，请致电 ${hotline} 补登，并留意自身健康；如有发热、咳嗽，请佩戴口罩就医。` +
        `本公告不是诊断。核实真伪或有异议，请致电 ${hotline}。`,
      en:
        `${authority.en}: if you were on ${vehicle.en} between ${fromStop.en} and ${toStop.en} on ${date.en} from ${start} to ${end} ` +
        `and did not register the ride, please call ${hotline}, and watch your health; with fever or cough wear a mask and see a doctor. ` +
        `This is not a diagnosis. To verify this notice or to object, call ${hotline}.`,
    },
  };
}
