// The people of a simulated day, made up: numbers whose masked form is their own, so that a masked list can be compared with
// the plan without revealing anybody.
import { maskDocument, maskPhone, parseSubject, unwrap } from '@tongche/protocol';
import { numberOf } from '../replay/numbers.ts';
import type { Draws } from './draws.ts';
import type { Rider } from './model.ts';
import type { DayParameters } from './parameters.ts';

const surnames = ['王', '李', '张', '刘', '陈', '杨', '赵', '黄', '周', '吴', '徐', '孙', '胡', '朱', '高', '林'];
const given = [
  '晓',
  '建',
  '梓',
  '雨',
  '思',
  '志',
  '秀',
  '浩',
  '佳',
  '子',
  '明',
  '海',
  '静',
  '文',
  '宁',
  '平',
  '云',
  '兰',
];
const checkCharacters = '0123456789X';
/** Districts of identity numbers; which ones does not matter. */
const districts = ['110105', '310115', '440305', '510107'];
/** Masked identity numbers show seven characters: enough of them differ, and a draw that repeats is drawn again. */
const maxDraws = 1_000;

function nameOf(draws: Draws): string {
  return draws.pick(surnames) + draws.pick(given) + (draws.happens(0.8) ? draws.pick(given) : '');
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

function documentOf(draws: Draws, used: Set<string>): string {
  for (let draw = 0; draw < maxDraws; draw += 1) {
    const born = `${1930 + draws.below(35)}${pad(1 + draws.below(12), 2)}${pad(1 + draws.below(28), 2)}`;
    const digits = `${draws.pick(districts)}${born}${pad(draws.below(1_000), 3)}`;
    const check = Array.from(checkCharacters).find((one) => parseSubject('cn-id', digits + one).ok) ?? '';
    const document = digits + check;
    const masked = maskedDocument(document);
    if (used.has(masked)) continue;
    used.add(masked);
    return document;
  }
  throw new Error('no free document left to draw');
}

function maskedDocument(document: string): string {
  return maskDocument('cn-id', unwrap(parseSubject('cn-id', document)));
}

/** How a list shows a rider. */
export function maskOf(rider: Rider): string {
  return rider.kind === 'phone' ? maskPhone(rider.digits) : maskedDocument(rider.document);
}

/** The case is always the first: somebody with a phone who is registered everywhere. */
export function makeRiders(draws: Draws, parameters: DayParameters): readonly Rider[] {
  const used = new Set<string>();
  return Array.from({ length: parameters.riders }, (_, riderId): Rider => {
    const name = nameOf(draws);
    if (riderId > 0 && draws.happens(parameters.phonelessShare)) {
      // Relatives' numbers lie behind those of the riders and of the crew.
      return { riderId, kind: 'assisted', document: documentOf(draws, used), reach: numberOf(reachOf(riderId)), name };
    }
    const isFirstTime = riderId > 0 && draws.happens(parameters.firstTimeShare);
    return { riderId, kind: 'phone', digits: numberOf(riderId), name, isFirstTime };
  });
}

/** Numbers of a plan: riders, then crews' own phones, then relatives of those without one. */
export const MAX_RIDERS = 200_000;

export function crewNumber(shiftNo: number): string {
  return numberOf(MAX_RIDERS + shiftNo);
}

function reachOf(riderId: number): number {
  return 2 * MAX_RIDERS + riderId;
}
