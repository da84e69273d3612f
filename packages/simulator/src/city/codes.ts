// The printed codes of the demo city. Real codes are random; these follow from the seed, so that a demonstration can be
// repeated and tests can name them.
import type { CityCode, CodePurpose, Unit } from '@tongche/network';
import { encodeCode, makeShortCode, SHORT_CODE_COUNT } from '@tongche/protocol';
import { drawBytes, drawInt } from './draw.ts';

const CODE_BYTES = 8;
/** A few thousand codes out of half a thousand million meet now and then, never this often in a row. */
const MAX_DRAWS = 100;

/** Every unit has a code for riders; every vehicle one for its crew, on a train only the first carriage. */
export function demoCodes(seed: number, units: readonly Unit[]): readonly CityCode[] {
  const used = new Set<string>();
  return units.flatMap(({ unitId, carriageNo = 1 }) =>
    (carriageNo === 1 ? (['passenger', 'crew'] as const) : (['passenger'] as const)).map((purpose) => ({
      code8: encodeCode(Uint8Array.from(drawBytes(seed, `code|${unitId}|${purpose}`).subarray(0, CODE_BYTES))),
      shortCode: freeShortCode(seed, unitId, purpose, used),
      unitId,
      purpose,
    })),
  );
}

function freeShortCode(seed: number, unitId: string, purpose: CodePurpose, used: Set<string>): string {
  for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
    const code = makeShortCode(drawInt(seed, `short|${unitId}|${purpose}|${draw}`, SHORT_CODE_COUNT));
    if (used.has(code)) continue;
    used.add(code);
    return code;
  }
  throw new Error('no free short code left to draw');
}
