// The wording of stickers and posters. Neutral about the vehicle, so that buses, ferries and halls share it.
import type { Name, Sticker } from './sticker.ts';
import type { Template } from './geometry.ts';

export interface Words {
  readonly title: Name;
  /** How to register, in three words. */
  readonly steps: readonly [Name, Name, Name];
  readonly first: Name;
  readonly noPhone: Name;
  readonly privacy: Name;
  readonly address: Name;
  readonly hotline: Name;
  readonly typed: Name;
}

const privacy: Name = {
  zh: '只登记手机号，不定位；手机上加密，到期自动销毁。',
  en: 'Phone number only, no location. Sealed on your phone, destroyed on time.',
};
const address: Name = { zh: '扫码后请确认网址', en: 'Check the address after scanning' };

const hotline: Name = { zh: '热线', en: 'Hotline' };

const helper = {
  bus: { zh: '司机', en: 'the driver' },
  coach: { zh: '司机', en: 'the driver' },
  taxi: { zh: '司机', en: 'the driver' },
  ferry: { zh: '船员', en: 'the crew' },
  carriage: { zh: '工作人员', en: 'our staff' },
  station: { zh: '工作人员', en: 'our staff' },
} as const satisfies Record<NonNullable<Sticker['kind']>, Name>;

const usualKind = {
  'bus-90x120': 'bus',
  'taxi-60x80': 'taxi',
  'window-50x50': 'carriage',
  'station-a5': 'station',
  'station-a4': 'station',
} as const satisfies Record<Template, NonNullable<Sticker['kind']>>;

function passengerWords(asked: Name): Words {
  return {
    title: { zh: '扫码登记', en: 'Scan to check in' },
    steps: [
      { zh: '扫码', en: 'Scan' },
      { zh: '登记', en: 'Check in' },
      { zh: '出示', en: 'Show' },
    ],
    first: { zh: '首次填手机号，\n以后一扫即可', en: 'Phone number once,\nthen just scan' },
    noPhone: { zh: `没有手机？请${asked.zh}代登记`, en: `No phone? Ask ${asked.en}` },
    privacy,
    address,
    hotline,
    typed: { zh: '无法扫码，请输入车辆编号', en: 'or type this number' },
  };
}

const crewWords: Words = {
  title: { zh: '司乘人员专用', en: 'Crew only' },
  steps: [
    { zh: '扫码', en: 'Scan' },
    { zh: '登记', en: 'Check in' },
    { zh: '上岗', en: 'On duty' },
  ],
  first: { zh: '每班上岗前登记一次', en: 'Once before each shift' },
  noPhone: { zh: '乘客请勿扫此码', en: 'Passengers: not this code' },
  privacy,
  address,
  hotline,
  typed: { zh: '无法扫码，请输入车辆编号', en: 'or type this number' },
};

export function wordsFor(template: Template, sticker: Pick<Sticker, 'kind' | 'purpose'>): Words {
  if (sticker.purpose === 'crew') return crewWords;
  return passengerWords(helper[sticker.kind ?? usualKind[template]]);
}

/** The carriage's name, unless the label already says its number. */
export function carriageBeside({ carriageNo, label }: Pick<Sticker, 'carriageNo' | 'label'>): Name | undefined {
  const isSaid = carriageNo === undefined || new RegExp(`(^|\\D)${carriageNo}(\\D|$)`).test(label.zh);
  return isSaid ? undefined : carriageName(carriageNo);
}

/** Place in the train as passengers say it. */
export function carriageName(carriageNo: number): Name {
  return { zh: `${carriageNo} 车`, en: `Car ${carriageNo}` };
}
