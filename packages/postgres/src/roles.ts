// Roles and databases on the embedded engine: one database per process, owned by its role, closed to every other.
import type { Log } from '@tongche/runtime';
import { connect } from './database.ts';
import type { Database } from './database.ts';

export interface DatabaseRole {
  readonly database: string;
  readonly role: string;
  /** Random, of the characters base64url has, at least 16. */
  readonly password: string;
}

const namePattern = /^[a-z_][a-z0-9_]{0,62}$/;
const passwordPattern = /^[A-Za-z0-9_-]{16,128}$/;

function checkedName(name: string): string {
  if (!namePattern.test(name)) throw new RangeError(`${name} is no name for a role or database`);
  return `"${name}"`;
}

export async function grantConnect(
  admin: Database,
  { database, role }: { readonly database: string; readonly role: string },
): Promise<void> {
  await admin.query(`grant connect on database ${checkedName(database)} to ${checkedName(role)}`);
}

/** Two processes may do this at once: what exists already is no error. */
const alreadyThere = new Set(['42710', '42P04', '23505']);

async function create(admin: Database, statement: string): Promise<void> {
  try {
    await admin.query(statement);
  } catch (error) {
    if (!alreadyThere.has((error as { code?: string }).code ?? '')) throw error;
  }
}

export async function ensureDatabase(
  admin: Database,
  adminUrl: (database: string) => string,
  { database, role, password }: DatabaseRole,
  log: Log,
): Promise<void> {
  const [quotedDatabase, quotedRole] = [checkedName(database), checkedName(role)];
  // The text of such statements cannot take parameters; the pattern leaves nothing to escape.
  if (!passwordPattern.test(password)) throw new RangeError('a password is 16 to 128 characters of base64url');
  const found = await admin.one(`select 1 as found from pg_roles where rolname = $1`, [role]);
  if (found === undefined) await create(admin, `create role ${quotedRole}`);
  await admin.query(
    `alter role ${quotedRole} with login nosuperuser nocreatedb nocreaterole noreplication password '${password}'`,
  );
  // Any role may connect to any database until this is taken away, also to those nobody uses.
  for (const common of ['postgres', 'template1']) {
    await admin.query(`revoke connect, temporary on database ${common} from public`);
  }
  const exists = await admin.one(`select 1 as found from pg_database where datname = $1`, [database]);
  if (exists === undefined) await create(admin, `create database ${quotedDatabase} owner ${quotedRole}`);
  await admin.query(`revoke all on database ${quotedDatabase} from public`);
  await admin.query(`grant connect, temporary, create on database ${quotedDatabase} to ${quotedRole}`);
  const inside = connect({ url: adminUrl(database), max: 1, name: 'admin', log });
  try {
    await inside.query('revoke all on schema public from public');
  } finally {
    await inside.end();
  }
}
