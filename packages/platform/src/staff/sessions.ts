// Signing in: password against scrypt, a random cookie whose hash is stored. Writes must come from our own page.
import { createHash } from 'node:crypto';
import { Refusal } from '@tongche/contract';
import { toBase64Url } from '@tongche/protocol';
import { verifyPassword } from '@tongche/runtime';
import type { Platform } from '../platform.ts';
import { deleteSession, insertSession, staffByAccount, staffOfSession } from '../store/staff.ts';
import type { StaffRow } from '../store/staff.ts';

const tokenBytes = 32;

/** What is needed of a request. */
export interface Asked {
  readonly cookies: Readonly<Record<string, string | undefined>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

interface CookieRules {
  readonly path: string;
  readonly httpOnly: boolean;
  readonly sameSite: 'strict';
  readonly secure: boolean;
  readonly maxAge?: number;
}

/** What is needed of an answer. */
interface Answering {
  setCookie(name: string, value: string, rules: CookieRules): unknown;
  clearCookie(name: string, rules: CookieRules): unknown;
}

export interface Sessions {
  signIn(reply: Answering, account: string, password: string): Promise<StaffRow>;
  signOut(request: Asked, reply: Answering): Promise<void>;
  /** Who asks. Throws Refusal 'not-signed-in'. */
  staff(request: Asked): Promise<StaffRow>;
  /** Who asks, when it is an admin. Throws Refusal 'not-signed-in' or 'forbidden'. */
  admin(request: Asked): Promise<StaffRow>;
  /** Throws Refusal 'wrong-origin' when a browser says the request comes from another site's page. */
  checkOrigin(request: Asked): void;
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export function sessions(platform: Platform): Sessions {
  const { config, db, clock, random } = platform;
  const secure = config.mode === 'production';
  const name = secure ? '__Host-staff' : 'staff';
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;

  async function staff(request: Asked): Promise<StaffRow> {
    const token = request.cookies[name];
    const found = token === undefined ? undefined : await staffOfSession(db, hashOf(token), clock.now());
    if (found === undefined) throw new Refusal('not-signed-in');
    return found;
  }

  return {
    staff,
    async admin(request) {
      const found = await staff(request);
      if (found.role !== 'admin') throw new Refusal('forbidden');
      return found;
    },
    async signIn(reply, account, password) {
      const found = await staffByAccount(db, account);
      if (!(await verifyPassword(password, found?.password)) || found === undefined) {
        throw new Refusal('wrong-credentials');
      }
      const token = toBase64Url(random(tokenBytes));
      await insertSession(db, hashOf(token), found.staffId, clock.now() + config.staffSessionMs);
      void reply.setCookie(name, token, { ...cookie, maxAge: Math.floor(config.staffSessionMs / 1000) });
      const { password: _hash, ...signedIn } = found;
      return signedIn;
    },
    async signOut(request, reply) {
      const token = request.cookies[name];
      if (token !== undefined) await deleteSession(db, hashOf(token));
      void reply.clearCookie(name, cookie);
    },
    checkOrigin({ headers }) {
      const { origin } = headers;
      const site = headers['sec-fetch-site'];
      if (site !== undefined && site !== 'same-origin') throw new Refusal('wrong-origin');
      if (origin === undefined) return;
      // The demonstration is reached under any name of its machine; there the host asked for is the measure.
      const own = secure ? new URL(config.publicUrl).host : headers.host;
      if (typeof origin !== 'string' || !URL.canParse(origin) || new URL(origin).host !== own)
        throw new Refusal('wrong-origin');
    },
  };
}
