// A bench's drivers: accounts, sessions and shifts straight in the store, since signing in hashes a password, and the process
// that holds their screens.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Database } from '@tongche/postgres';
import type { ScreenOf, ScreensCommand, ScreensReport } from '../load/messages.ts';

const main = join(import.meta.dirname, '../load/screens.ts');
const dayMs = 86_400_000;

/** A driver on each of the first `count` vehicles, signed in since a minute. `codes` are theirs, base64url. */
export async function seatDrivers(db: Database, codes: readonly string[], count: number): Promise<readonly ScreenOf[]> {
  const tokens = Array.from({ length: count }, () => randomBytes(32).toString('base64url'));
  const nowMs = Date.now();
  const rows = await db.query<{ bus: number; shiftId: number }>(
    `with given as (
       select * from unnest($1::int[], $2::bytea[], $3::bytea[]) t(bus, token_hash, code8)
     ), account as (
       insert into staff_account (account, name_zh, name_en, role, password)
       select 'driver-' || bus, '司机', 'Driver', 'driver', 'none' from given returning staff_id, account
     ), signed as (
       insert into staff_session (token_hash, staff_id, expires_ms)
       select token_hash, staff_id, $4 from given join account on account = 'driver-' || bus
     ), taken as (
       insert into shift (staff_id, unit_id, code_id, started_ms)
       select staff_id, 'bus-' || bus, code_id, $5
         from given join account on account = 'driver-' || bus join code using (code8)
       returning shift_id, unit_id
     )
     select replace(unit_id, 'bus-', '')::int as bus, shift_id as "shiftId" from taken`,
    [
      tokens.map((_, bus) => bus),
      tokens.map((token) => createHash('sha256').update(token).digest()),
      codes.slice(0, count).map((code) => Buffer.from(code, 'base64url')),
      nowMs + dayMs,
      nowMs - 60_000,
    ],
  );
  return rows.map(({ bus, shiftId }) => ({ bus, shiftId, token: tokens[bus] ?? '' })).sort((a, b) => a.bus - b.bus);
}

export interface Screens {
  readonly pid: number;
  ask<Kind extends ScreensReport['kind']>(
    command: ScreensCommand,
    kind: Kind,
  ): Promise<Extract<ScreensReport, { readonly kind: Kind }>>;
  close(): Promise<void>;
}

export function startScreens(): Screens {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid ?? -1,
    ask(command, kind) {
      return new Promise((resolve, reject) => {
        const fail = (): void => reject(new Error('the screens have ended'));
        child.once('exit', fail);
        child.once('message', (report) => {
          child.off('exit', fail);
          const said = report as ScreensReport;
          if (said.kind !== kind) reject(new Error(`${said.kind} where ${kind} was expected`));
          // Said so by its kind.
          else resolve(said as Extract<ScreensReport, { readonly kind: typeof kind }>);
        });
        // Without somebody to tell, a channel that is closed would end the bench, and leave behind what it has started.
        child.send(command, (error) => error !== null && reject(error));
      });
    },
    async close() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
