// People for tests, made up from a seed: numbers, names and documents that look real and belong to nobody on purpose.
import { createHash } from 'node:crypto';

export interface Person {
  /** E.164 digits: 86 and eleven more. */
  readonly digits: string;
  readonly name: string;
  /** 18 characters with a right check character. */
  readonly idNumber: string;
  readonly passport: string;
  /** An address of its own, as a phone on the internet has. */
  readonly address: string;
}

const surnames = ['欧阳', '司徒', '王', '李', '张', '刘', '陈', '杨', '赵', '黄'];
const givenNames = ['晓婷', '建国', '梓涵', '雨桐', '思远', '志强', '秀英', '浩然', '佳怡', '子轩'];
const latinNames = ['Wilhelmina', 'Thaddeus', 'Oluwaseun', 'Krzysztof', 'Guadalupe'];

/** Whole numbers below `bound`, the same for the same seed. */
export function seededInts(seed: string): (bound: number) => number {
  let counter = 0;
  return (bound) => {
    counter += 1;
    return createHash('sha256').update(`${seed}|${counter}`).digest().readUIntBE(0, 6) % bound;
  };
}

/** The check character of GB 11643-1999 behind 17 digits. */
function withCheck(digits: string): string {
  const sum = Array.from(digits).reduce((total, digit, index) => total + Number(digit) * (2 ** (17 - index) % 11), 0);
  return digits + ('10X98765432'[sum % 11] ?? '');
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

/** Prefixes are such that no number is part of a time in milliseconds of these years. */
export function makePeople(count: number, seed: string): readonly Person[] {
  const draw = seededInts(seed);
  const pick = (from: readonly string[]): string => from[draw(from.length)] ?? '';
  const used = new Set<string>();
  return Array.from({ length: count }, (_, index) => {
    let digits = '';
    do digits = `861${pick(['3', '5', '8', '9'])}${pad(draw(1e9), 9)}`;
    while (used.has(digits));
    used.add(digits);
    const born = `19${pad(50 + draw(50), 2)}${pad(1 + draw(12), 2)}${pad(1 + draw(28), 2)}`;
    const han = `${pick(surnames)}${pick(givenNames)}${pick(givenNames)}`;
    return {
      digits,
      name: index % 3 === 0 ? `${pick(latinNames)} ${String.fromCharCode(65 + draw(26))}${pad(draw(1e4), 4)}` : han,
      idNumber: withCheck(`${pick(['110105', '440305', '310115', '510107'])}${born}${pad(draw(1000), 3)}`),
      passport: `E${String.fromCharCode(65 + draw(26))}${pad(draw(1e7), 7)}`,
      address: `10.${64 + draw(64)}.${draw(256)}.${1 + draw(254)}`,
    };
  });
}
