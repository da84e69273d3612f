// Number plates of mainland vehicles: one normal form for storing and comparing, one printed form for reading.
// Shapes after GA 36-2018: province, letter of the issuing office, then five characters, or six on new-energy vehicles.
import type { Result } from './result.ts';

/** The 31 provinces, autonomous regions and municipalities that issue plates, in the standard's order. */
export const PROVINCES = '京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新';

/**
 * - `ordinary`: 粤B12345 (most taxis and coaches)
 * - `new-energy-large`: 粤B12345D (most city buses); the letter comes last
 * - `new-energy-small`: 粤BD12345 (electric taxis); the letter comes first
 * - `special`: 粤B1234学, 粤Z1234港
 */
export type PlateKind = 'ordinary' | 'new-energy-large' | 'new-energy-small' | 'special';

/** `text` is the normal form: no separators, half-width capitals. */
export type Plate = {
  readonly text: string;
  readonly kind: PlateKind;
  readonly province: string;
  readonly office: string;
  readonly serial: string;
};

/** Longest text looked at; a plate with every separator people put in stays far below. */
const MAX_INPUT = 32;

// The letters I and O are not issued in serials, so there they can only be misread 1 and 0.
const SERIAL_SHAPES: readonly (readonly [PlateKind, RegExp])[] = [
  ['new-energy-large', /^[0-9]{5}[A-HJK]$/],
  ['new-energy-small', /^[A-HJK][0-9A-HJ-NP-Z][0-9]{4}$/],
  ['ordinary', /^[0-9A-HJ-NP-Z]{5}$/],
  ['special', /^[0-9A-HJ-NP-Z]{4}[学警港澳挂]$/],
];

/**
 * Reads a plate as people and files write it: 粤B12345D, 粤B·12345D, "粤b 12345d", full-width letters, and, where
 * `prefix` ("粤B") is given, a bare serial (`01620D`) as fleet lists have it. Refuses with `bad-plate`.
 */
export function parsePlate(text: string, prefix?: string): Result<Plate, 'bad-plate'> {
  if (text.length > MAX_INPUT) return { ok: false, code: 'bad-plate' };
  const bare = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s·•・‧∙⋅.。\-‐-―_]/gu, '');
  const full = prefix !== undefined && !PROVINCES.includes(bare.charAt(0)) ? prefix + bare : bare;
  const province = full.charAt(0);
  const office = full.charAt(1);
  if (province === '' || !PROVINCES.includes(province) || !/^[A-HJ-Z]$/.test(office)) {
    return { ok: false, code: 'bad-plate' };
  }
  const serial = full.slice(2).replace(/I/g, '1').replace(/O/g, '0');
  for (const [kind, shape] of SERIAL_SHAPES) {
    if (shape.test(serial)) {
      return { ok: true, value: { text: province + office + serial, kind, province, office, serial } };
    }
  }
  return { ok: false, code: 'bad-plate' };
}

/** The printed form of a plate in normal form: 粤B·12345D. */
export function formatPlate(text: string): string {
  return `${text.slice(0, 2)}·${text.slice(2)}`;
}
