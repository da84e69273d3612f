// New codes with numbers nobody can guess: 64 random bits, and a short code that is free in this city.
import type { CodePurpose } from '@tongche/network';
import { encodeCode, makeShortCode, SHORT_CODE_COUNT } from '@tongche/protocol';
import type { Random } from '@tongche/runtime';
import { insertBindings, insertCodes } from '../store/codes.ts';
import type { NewCode } from '../store/codes.ts';
import type { Sql } from '../store/sql.ts';

const codeBytes = 8;
const drawBytes = 4;
const draws = 2 ** 32;
/** Draws at or above this would make some short codes likelier than others. */
const fairBelow = draws - (draws % SHORT_CODE_COUNT);
/** Each round only redraws what collided; with half of all short codes taken, 64 rounds fail once in 2^64. */
const maxRounds = 64;

export function randomShortCode(random: Random): string {
  for (;;) {
    const draw = new DataView(Uint8Array.from(random(drawBytes)).buffer).getUint32(0);
    if (draw < fairBelow) return makeShortCode(draw % SHORT_CODE_COUNT);
  }
}

export interface Wanted {
  readonly unitId: string | null;
  readonly purpose: CodePurpose;
}
export interface MadeCode {
  readonly codeId: number;
  readonly code8: string;
}

/** Makes a code for each wish and binds it from `fromMs` on, within the caller's transaction. In the order of the wishes. */
export async function makeCodes(
  tx: Sql,
  random: Random,
  wanted: readonly Wanted[],
  issued: { readonly batchId: number | null; readonly issuedMs: number; readonly fromMs: number },
): Promise<readonly MadeCode[]> {
  const made: (MadeCode | undefined)[] = wanted.map(() => undefined);
  for (let round = 0; round < maxRounds; round += 1) {
    const open = wanted.flatMap((wish, index) => (made[index] === undefined ? [{ ...wish, index }] : []));
    if (open.length === 0) break;
    const codes = open.map((wish): NewCode => ({
      ...wish,
      code8: Uint8Array.from(random(codeBytes)),
      shortCode: randomShortCode(random),
    }));
    const ids = await insertCodes(tx, codes, issued);
    for (const [at, codeId] of ids.entries()) {
      const [wish, code] = [open[at], codes[at]];
      if (codeId === undefined || wish === undefined || code === undefined) continue;
      made[wish.index] = { codeId, code8: encodeCode(Uint8Array.from(code.code8)) };
    }
  }
  const all = made.flatMap((one) => (one === undefined ? [] : [one]));
  if (all.length < wanted.length) throw new Error('no free short codes are left');
  await insertBindings(
    tx,
    all.flatMap(({ codeId }, at) => {
      const unitId = wanted[at]?.unitId ?? null;
      return unitId === null ? [] : [{ codeId, unitId }];
    }),
    issued.fromMs,
  );
  return all;
}
