// Lists of codes printed elsewhere or exported before, and of other QR codes of the city that stand for them.
import type { CityCode } from '@tongche/network';
import { readAliases, readCodes } from '@tongche/network/import';
import type { AliasRow } from '@tongche/network/import';
import { MINUTE_MS, parseShortCode } from '@tongche/protocol';
import { contentDigest, MAX_CONTENT_CHARS, normalContent } from '../codes/alias.ts';
import { cityOfRows } from '../city/city.ts';
import type { City } from '../city/city.ts';
import { readCityRows, readUnits, writeCodes } from '../store/city.ts';
import { allAliases, putAliases } from '../store/codes.ts';
import type { Sql } from '../store/sql.ts';
import { compare } from './change.ts';
import { listDraft } from './draft.ts';
import type { ImportContext, Plan, Reader } from './draft.ts';

const codeForm = ({ shortCode, unitId, purpose }: CityCode): string => JSON.stringify([shortCode, unitId, purpose]);

/** Living codes as an import names them. */
export function codesOfCity(city: City, nowMs: number): readonly CityCode[] {
  return city.codes.flatMap((code) => {
    const unit = city.unitAt(code, nowMs);
    if (code.revokedMs !== null || unit === undefined) return [];
    const { code8, shortCode, purpose } = code;
    return [{ code8, shortCode, purpose, unitId: unit.unitId }];
  });
}

async function planCodes(sql: Sql, codes: readonly CityCode[], { nowMs }: ImportContext): Promise<Plan> {
  const city = cityOfRows(await readCityRows(sql));
  const { change, put } = compare({
    what: 'codes',
    before: new Map(codesOfCity(city, nowMs).map((code) => [code.code8, codeForm(code)])),
    after: codes,
    keyOf: ({ code8 }) => code8,
    formOf: codeForm,
  });
  return {
    changes: [change],
    async write(tx) {
      // Rides know their minute only: a moved code counts from the minute's beginning.
      await writeCodes(tx, put, Math.floor(nowMs / MINUTE_MS) * MINUTE_MS);
      return {};
    },
  };
}

export const readCodesDraft: Reader = async (source, context, sql) => {
  const city = cityOfRows(await readCityRows(sql));
  const unitIds = new Set((await readUnits(sql)).map(({ unitId }) => unitId));
  const read = await readCodes(source, unitIds, ({ code8, shortCode, purpose }) => {
    const short = parseShortCode(shortCode);
    if (!short.ok || short.value !== shortCode) return { column: 'short_code', reason: 'bad-code' };
    const known = city.code(code8);
    if (known === undefined) {
      return city.codeByShort(shortCode) === undefined ? undefined : { column: 'short_code', reason: 'conflict' };
    }
    if (known.shortCode !== shortCode) return { column: 'short_code', reason: 'conflict' };
    if (known.purpose !== purpose) return { column: 'purpose', reason: 'conflict' };
    // A number out of use stays so: nobody knows where its sticker is.
    return known.revokedMs === null ? undefined : { column: 'code', reason: 'conflict' };
  });
  return listDraft(read, {
    keep: { role: 'codes', body: () => undefined },
    plan: (tx) => planCodes(tx, read.rows, context),
  });
};

/** The code a row means: named itself, or the oldest living passenger code of the unit. */
function codeIdOf(city: City, row: AliasRow, nowMs: number): number | undefined {
  const unitId = 'unitId' in row ? row.unitId : undefined;
  const codes = 'code' in row ? [city.code(row.code)] : city.codesOf(row.unitId);
  const living = codes.filter(
    (code) =>
      code !== undefined &&
      code.revokedMs === null &&
      code.purpose === 'passenger' &&
      (unitId === undefined || city.unitAt(code, nowMs)?.unitId === unitId),
  );
  return living.map((code) => code?.codeId ?? 0).sort((a, b) => a - b)[0];
}

export const readAliasesDraft: Reader = async (source, context, sql) => {
  const { nowMs } = context;
  const city = cityOfRows(await readCityRows(sql));
  const seen = new Set<string>();
  const read = await readAliases(source, undefined, (row) => {
    const content = normalContent(row.content);
    if (content.length > MAX_CONTENT_CHARS) return { column: 'content', reason: 'too-large' };
    if (seen.has(content)) return { column: 'content', reason: 'duplicate' };
    seen.add(content);
    if (codeIdOf(city, row, nowMs) !== undefined) return undefined;
    return { column: 'code' in row ? 'code' : 'unit_id', reason: 'unknown-reference' };
  });
  return listDraft(read, {
    async plan(tx) {
      const known = await allAliases(tx);
      const aliases = read.rows.flatMap((row) => {
        const codeId = codeIdOf(city, row, nowMs);
        const content = normalContent(row.content);
        return codeId === undefined ? [] : [{ content, codeId, digest: contentDigest(content) }];
      });
      const { change, put } = compare({
        what: 'aliases',
        before: new Map(known.map(({ content, codeId }) => [content, String(codeId)])),
        after: aliases,
        keyOf: ({ content }) => content,
        formOf: ({ codeId }) => String(codeId),
      });
      return {
        changes: [change],
        async write(to) {
          await putAliases(to, put, nowMs);
          return {};
        },
      };
    },
  });
};
