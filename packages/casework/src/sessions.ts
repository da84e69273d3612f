// Sign-in and sessions: an HttpOnly cookie with a random token, of which only the hash is stored.
import { createHash, randomBytes } from 'node:crypto';
import { Refusal } from '@tongche/contract';
import type { Database } from '@tongche/postgres';
import { type Clock, verifyPassword } from '@tongche/runtime';
import { dropSession, findStaff, putSession, sessionMember, type StaffMember } from './store/staff.ts';

/** A shift of 12 hours; afterwards staff sign in again. */
export const sessionLifeMs = 12 * 3_600_000;
const tokenBytes = 32;
/** Wrong passwords for one account before it rests, so that guessing is slow and nobody is locked out for long. */
const triesPerWindow = 10;
const triesWindowMs = 15 * 60_000;
/** Distinct accounts remembered as being tried at a time; older ones are forgotten first. */
const triedAccounts = 10_000;

export interface Sessions {
  readonly cookieName: string;
  signIn(account: string, password: string): Promise<{ token: string; member: StaffMember }>;
  /** The member behind a cookie; refuses with `not-signed-in`. */
  require(token: string | undefined): Promise<StaffMember>;
  signOut(token: string | undefined): Promise<void>;
}

function hashOf(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}

export function openSessions(db: Database, clock: Clock, production: boolean): Sessions {
  const tries = new Map<string, { count: number; untilMs: number }>();

  function countTry(account: string): void {
    const nowMs = clock.now();
    const entry = tries.get(account);
    if (entry === undefined || entry.untilMs <= nowMs) {
      if (tries.size >= triedAccounts) tries.delete(tries.keys().next().value ?? '');
      tries.set(account, { count: 1, untilMs: nowMs + triesWindowMs });
      return;
    }
    entry.count += 1;
    if (entry.count > triesPerWindow)
      throw new Refusal('rate-limited', { retryAfterS: Math.ceil((entry.untilMs - nowMs) / 1000) });
  }

  return {
    cookieName: production ? '__Host-casework' : 'casework',
    async signIn(account, password) {
      countTry(account);
      const found = await findStaff(db, account);
      if (!(await verifyPassword(password, found?.password)) || found === undefined)
        throw new Refusal('wrong-credentials');
      tries.delete(account);
      const token = randomBytes(tokenBytes).toString('base64url');
      const nowMs = clock.now();
      await putSession(db, { tokenHash: hashOf(token), person: account, nowMs, expiresMs: nowMs + sessionLifeMs });
      return { token, member: found.member };
    },
    async require(token) {
      const member = token === undefined ? undefined : await sessionMember(db, hashOf(token), clock.now());
      if (member === undefined) throw new Refusal('not-signed-in');
      return member;
    },
    async signOut(token) {
      if (token !== undefined) await dropSession(db, hashOf(token));
    },
  };
}
