// A generated list of contacts, hostile names among them. Nobody in it exists: numbers are counted up, names made of parts.
import type { ExportContact, ExportExposure, ExportInput, ExportPerson } from '../src/index.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** 18 November 2026, 08:00 in Shanghai. */
const morningMs = Date.UTC(2026, 10, 18, 0);
const zone = 'Asia/Shanghai';
const followUpUntilDay = Date.UTC(2026, 10, 28) / 86_400_000;

export const bus: ExportExposure = {
  means: 'bus',
  line: { zh: 'M133路', en: 'M133' },
  plate: '粤B12345D',
  unit: { zh: '粤B12345D', en: '粤B12345D' },
  runKey: 'T-0805-1',
  fromStop: { zh: '深圳湾口岸', en: 'Shenzhen Bay Port' },
  toStop: { zh: '科技园', en: 'Hi-Tech Park' },
  fromMs: morningMs + 5 * minuteMs,
  toMs: morningMs + 27 * minuteMs,
  minutes: 21.4,
  probability: 0.97,
  row: null,
};
const carriage: ExportExposure = {
  means: 'carriage',
  line: { zh: '4号线', en: 'Line 4' },
  plate: null,
  unit: { zh: '0412车 3号车厢', en: 'Train 0412, carriage 3' },
  runKey: null,
  fromStop: null,
  toStop: null,
  fromMs: morningMs + 34 * hourMs,
  toMs: morningMs + 34 * hourMs + 12 * minuteMs,
  minutes: 6.2,
  probability: 0.31,
  row: null,
};
const taxi: ExportExposure = {
  ...bus,
  means: 'taxi',
  line: null,
  plate: '粤BD00001',
  unit: { zh: '粤BD00001', en: '粤BD00001' },
  runKey: null,
  fromStop: null,
  toStop: null,
  row: 2,
};

export const nobody: ExportPerson = { name: '', sex: null, birthDate: null, document: null, phone: '', address: '' };

export const plain: ExportContact = {
  id: 'c1',
  person: nobody,
  tier: 'close',
  probability: 0.97,
  minutes: 21.4,
  eem: 18.2,
  band: 'B',
  throughId: null,
  exposures: [bus],
  firstMs: bus.fromMs,
  lastMs: bus.toMs,
  followUpUntilDay,
  status: 'listed',
  remark: '',
  verified: true,
};

/** A resident identity number with its check digit (GB 11643-1999); the place in it does not exist. */
export function madeUpId(birthday: string, order: number): string {
  const body = `999999${birthday}${String(order).padStart(3, '0')}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, at) => total + weight * Number(body[at]), 0);
  return body + '10X98765432'[sum % 11];
}

function phone(no: number): string {
  return `86199${String(no).padStart(8, '0')}`;
}

function rider(no: number, changes: Partial<ExportContact>, person: Partial<ExportPerson> = {}): ExportContact {
  return { ...plain, id: `c${no}`, ...changes, person: { ...nobody, phone: phone(no), ...person } };
}

/** Names and remarks that must come through, whatever a spreadsheet would make of them. */
export const HOSTILE = [
  '=HYPERLINK("http://127.0.0.1/?"&A1;"ok")',
  '+8613800138000',
  '-2+3',
  '@SUM(A1:A9)',
  '\tTAB',
  '\rCR',
  '\nLF',
  '＝1＋1',
  '＠all',
  "\u200b\u00a0=cmd|'/C calc'!A0",
  '"=1+1"',
  'a;b,c\t"d"\r\ne',
  'أحمد',
  'abc\u202e\u202dfdp.exe',
  'x\u2069\u2069y',
  '🚌👩‍👩‍👧‍👦 𠮷野',
  'half \ud83d pair \0 nul',
];

export const input: ExportInput = {
  caseNo: 'HJ-2026/001 测试',
  pathogen: 'covid-19',
  atMs: morningMs + 60 * hourMs,
  zone,
  contacts: [
    rider(1, {}),
    rider(
      2,
      { status: 'reached', remark: '已隔离；自述"无症状"' },
      { name: '张三丰', document: { kind: 'cn-id', number: madeUpId('19900307', 13) }, address: '演示区样例路1号' },
    ),
    rider(
      3,
      { status: 'handed-over', exposures: [bus, carriage], lastMs: carriage.toMs },
      { name: 'Anna Maria Sample', document: { kind: 'passport', number: '12E456789' }, phone: '4915100000000' },
    ),
    rider(
      4,
      { tier: 'verify', probability: 0.12, minutes: 1.5, eem: null, band: null, exposures: [carriage] },
      { document: { kind: 'card', number: '000000012345' }, phone: '' },
    ),
    rider(5, { tier: 'general', exposures: [taxi], followUpUntilDay: null, status: 'withdrawn' }),
    rider(
      6,
      { tier: 'staff', status: 'observed', band: 'A', eem: 64 },
      { name: '司机甲', sex: 'female', birthDate: '1985-12-31' },
    ),
    rider(7, { tier: 'secondary', throughId: 'c2', verified: false }, { name: '𠮷野桜子' }),
    ...HOSTILE.map((name, at) => rider(20 + at, { remark: name, status: 'not-reached' }, { name, address: name })),
  ],
};
