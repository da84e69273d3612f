// Lists of codes: the printed ones with their units, and a city's older QR contents that are to count as one of them.
import type { CityCode, CodePurpose, UnitId } from '../model.ts';
import { listCsv } from './list-write.ts';
import type { ListRow } from './list-write.ts';
import { readList } from './lists.ts';
import type { ListRead, ListSpec, RowCheck } from './lists.ts';
import type { Row } from './row.ts';
import type { Source } from './source.ts';

export const CODES: ListSpec = {
  file: 'codes.csv',
  columns: [
    { key: 'code', words: ['二维码', '二维码编号', '码', 'code8'] },
    { key: 'short_code', words: ['短码', '短号', '手输码', '校验短码'] },
    { key: 'unit_id', words: ['车辆编号', '单元编号', '登记单元', '编号', 'unit'] },
    { key: 'purpose', words: ['用途', '类型', '使用者'] },
  ],
  needed: [['code'], ['short_code'], ['unit_id'], ['purpose']],
};
const PURPOSE_WORDS: Readonly<Record<string, CodePurpose>> = {
  passenger: 'passenger',
  乘客: 'passenger',
  乘车: 'passenger',
  crew: 'crew',
  司乘: 'crew',
  工作人员: 'crew',
  员工: 'crew',
};

/** The printed codes. The check character of the short code is looked at where codes are taken in, by `check`. */
export async function readCodes(
  source: Source,
  unitIds?: ReadonlySet<string>,
  check?: RowCheck<CityCode>,
): Promise<ListRead<CityCode>> {
  const codes = new Map<string, CityCode>();
  const shortCodes = new Set<string>();
  const read = (row: Row): void => {
    const code8 = readCode(row);
    const shortCode = row.required('short_code').toUpperCase();
    const unitId = row.required('unit_id');
    const purpose = PURPOSE_WORDS[row.required('purpose').toLowerCase()];
    if (shortCode !== '' && !/^[0-9A-Z]{7}$/.test(shortCode)) row.fail('short_code', 'bad-code');
    if (row.has('purpose') && purpose === undefined) row.fail('purpose', 'unknown-value');
    if (unitIds !== undefined && unitId !== '' && !unitIds.has(unitId)) row.fail('unit_id', 'unknown-reference');
    if (codes.has(code8)) row.fail('code', 'duplicate');
    if (shortCodes.has(shortCode)) row.fail('short_code', 'duplicate');
    if (!row.ok() || purpose === undefined) return;
    const code: CityCode = { code8, shortCode, unitId, purpose };
    const fault = check?.(code);
    if (fault !== undefined) return row.fail(fault.column, fault.reason);
    shortCodes.add(shortCode);
    codes.set(code8, code);
  };
  return readList(source, CODES, read, () => codes.values());
}

/** 64 bits in 11 characters leave the lowest two bits of the last one 0: one code has one text. */
function readCode(row: Row): string {
  const code = row.required('code');
  if (code !== '' && !/^[\w-]{10}[AEIMQUYcgkosw048]$/.test(code)) row.fail('code', 'bad-code');
  return code;
}

export const CODES_HEADER: readonly string[] = CODES.columns.map(({ key }) => key);

export function codesRows(codes: readonly CityCode[]): readonly ListRow[] {
  return codes.map(({ code8, shortCode, unitId, purpose }) => [code8, shortCode, unitId, purpose]);
}

export function codesCsv(codes: readonly CityCode[]): string {
  return listCsv(CODES_HEADER, codesRows(codes));
}

/** What an older QR code holds, letter by letter, and what it is to stand for: a code, or a unit's own code. */
export type AliasRow =
  | { readonly content: string; readonly code: string }
  | { readonly content: string; readonly unitId: UnitId };

export const ALIASES: ListSpec = {
  file: 'aliases.csv',
  columns: [
    { key: 'content', words: ['内容', '二维码内容', '原码内容', '原二维码', '链接', 'url', 'qr content'], prose: true },
    { key: 'code', words: ['二维码', '二维码编号', '码', 'code8'] },
    { key: 'unit_id', words: ['车辆编号', '单元编号', '登记单元', '编号', 'unit'] },
  ],
  needed: [['content'], ['code', 'unit_id']],
};
/** The most a QR code holds in letters (ISO/IEC 18004, version 40-L, alphanumeric). */
const MAX_CONTENT_CHARS = 4_296;

/** Aliases. A row with both names a code and, for people, its unit: the code counts. */
export async function readAliases(
  source: Source,
  unitIds?: ReadonlySet<string>,
  check?: RowCheck<AliasRow>,
): Promise<ListRead<AliasRow>> {
  const aliases = new Map<string, AliasRow>();
  const read = (row: Row): void => {
    const content = row.required('content');
    const unitId = row.text('unit_id');
    if (content.length > MAX_CONTENT_CHARS) row.fail('content', 'too-large');
    if (aliases.has(content)) row.fail('content', 'duplicate');
    const code = row.has('code') ? readCode(row) : '';
    if (code === '' && unitId === '') row.fail('unit_id', 'missing-value');
    if (unitIds !== undefined && unitId !== '' && !unitIds.has(unitId)) row.fail('unit_id', 'unknown-reference');
    if (!row.ok()) return;
    const alias: AliasRow = code === '' ? { content, unitId } : { content, code };
    const fault = check?.(alias);
    if (fault === undefined) aliases.set(content, alias);
    else row.fail(fault.column, fault.reason);
  };
  return readList(source, ALIASES, read, () => aliases.values());
}

export const ALIASES_HEADER: readonly string[] = ALIASES.columns.map(({ key }) => key);

export function aliasesRows(aliases: readonly AliasRow[]): readonly ListRow[] {
  return aliases.map((alias) =>
    'code' in alias ? [alias.content, alias.code, ''] : [alias.content, '', alias.unitId],
  );
}

export function aliasesCsv(aliases: readonly AliasRow[]): string {
  return listCsv(ALIASES_HEADER, aliasesRows(aliases));
}
