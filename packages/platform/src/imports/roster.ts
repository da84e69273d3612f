// The operator's people. New accounts get a password that is shown once; those of others stay as they are.
import type { Name } from '@tongche/network';
import { listCsv, readRoster } from '@tongche/network/import';
import { SHORT_ALPHABET } from '@tongche/protocol';
import { bytesFrom, hashPassword } from '@tongche/runtime';
import { allStaff, insertStaff, renameStaff } from '../store/staff.ts';
import type { StaffRole } from '../store/staff.ts';
import { compare, formsOf } from './change.ts';
import { listDraft } from './draft.ts';
import type { Reader } from './draft.ts';

interface RosterRow {
  readonly account: string;
  readonly name: Name;
  readonly role: StaffRole;
}

/** Three groups of four of 29 characters: 58 bits, read out or typed once. */
const groups = 3;
const groupChars = 4;
/** Bytes above this would make some characters likelier. */
const fairBelow = 256 - (256 % SHORT_ALPHABET.length);

function firstPassword(): string {
  const random = bytesFrom();
  let text = '';
  while (text.length < groups * groupChars) {
    const [byte = 255] = random(1);
    if (byte < fairBelow) text += SHORT_ALPHABET.charAt(byte % SHORT_ALPHABET.length);
  }
  return text.match(new RegExp(`.{${groupChars}}`, 'g'))?.join('-') ?? text;
}

const formOf = ({ name, role }: RosterRow): string => JSON.stringify([name.zh, name.en, role]);

export const readRosterDraft: Reader = async (source) => {
  const read = await readRoster(source);
  return listDraft(read, {
    async plan(sql) {
      const staff = await allStaff(sql);
      const known = new Set(staff.map(({ account }) => account));
      const { change, put } = compare<RosterRow>({
        what: 'accounts',
        before: formsOf(staff, ({ account }) => account, formOf),
        after: read.rows,
        keyOf: ({ account }) => account,
        formOf,
      });
      return {
        changes: [change],
        async write(tx) {
          const fresh = put
            .filter(({ account }) => !known.has(account))
            .map(({ account, name, role }) => ({ account, name, role, password: firstPassword() }));
          // One after another: a password hash takes 16 MB for a moment.
          for (const row of fresh) await insertStaff(tx, { ...row, password: await hashPassword(row.password) });
          for (const row of put) if (known.has(row.account)) await renameStaff(tx, row);
          if (fresh.length === 0) return {};
          const rows = fresh.map(({ account, name, role, password }) => [account, name.zh, role, password]);
          return { passwordsCsv: listCsv(['account', 'name_zh', 'role', 'password'], rows, { bom: true }) };
        },
      };
    },
  });
};
