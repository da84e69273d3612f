// The operator's people: who may sign in to the staff page, and as what. Passwords never stand in a list.
import type { Name } from '../model.ts';
import { listCsv } from './list-write.ts';
import type { ListRow } from './list-write.ts';
import { readList } from './lists.ts';
import type { ListRead, ListSpec } from './lists.ts';
import type { Row } from './row.ts';
import type { Source } from './source.ts';

export type StaffRole = 'driver' | 'station' | 'admin';

export type RosterEntry = {
  /** Sign-in name, unique. */
  readonly account: string;
  readonly name: Name;
  readonly role: StaffRole;
  /** Where the person reports for work. */
  readonly depot?: string;
};

export const SPEC: ListSpec = {
  file: 'roster.csv',
  columns: [
    { key: 'account', words: ['账号', '帐号', '登录名', '工号', '用户名', 'user', 'login'] },
    { key: 'name_zh', words: ['姓名', '中文姓名', '名字', 'name'], prose: true },
    { key: 'name_en', words: ['英文姓名', '英文名', '拼音', 'english name'], prose: true },
    { key: 'role', words: ['角色', '岗位', '职务', '身份'] },
    { key: 'depot', words: ['车队', '场站', '部门', '所属车队', '单位', 'department'], prose: true },
  ],
  needed: [['account'], ['role'], ['name_zh', 'name_en']],
};
const ROLE_WORDS: Readonly<Record<string, StaffRole>> = {
  driver: 'driver',
  司机: 'driver',
  驾驶员: 'driver',
  乘务员: 'driver',
  station: 'station',
  站务: 'station',
  站务员: 'station',
  车站: 'station',
  admin: 'admin',
  administrator: 'admin',
  管理员: 'admin',
};
/** The wire's own limit of an account. */
const MAX_ACCOUNT_CHARS = 64;
const MAX_NAME_CHARS = 100;

export async function readRoster(source: Source): Promise<ListRead<RosterEntry>> {
  const entries = new Map<string, RosterEntry>();
  const read = (row: Row): void => {
    const account = row.required('account');
    const role = ROLE_WORDS[row.required('role').toLowerCase()];
    const zh = row.text('name_zh') || row.text('name_en');
    const depot = row.text('depot');
    if (account.length > MAX_ACCOUNT_CHARS) row.fail('account', 'too-large');
    if (row.has('role') && role === undefined) row.fail('role', 'unknown-value');
    if (zh === '') row.fail('name_zh', 'missing-value');
    for (const column of ['name_zh', 'name_en', 'depot'])
      if (row.text(column).length > MAX_NAME_CHARS) row.fail(column, 'too-large');
    if (entries.has(account)) row.fail('account', 'duplicate');
    if (!row.ok() || role === undefined) return;
    const name = { zh, en: row.text('name_en') || zh };
    entries.set(account, { account, name, role, ...(depot === '' ? {} : { depot }) });
  };
  return readList(source, SPEC, read, () => entries.values());
}

export const ROSTER_HEADER: readonly string[] = SPEC.columns.map(({ key }) => key);

export function rosterRows(entries: readonly RosterEntry[]): readonly ListRow[] {
  return entries.map(({ account, name, role, depot }) => [account, name.zh, name.en, role, depot ?? '']);
}

export function rosterCsv(entries: readonly RosterEntry[]): string {
  return listCsv(ROSTER_HEADER, rosterRows(entries));
}
