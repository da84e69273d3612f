// Passwords of staff accounts: scrypt with a random salt, parameters stored beside the hash.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** RFC 7914 parameters: 16 MiB and about 50 ms on one core of a small server. */
const cost = { N: 2 ** 14, r: 8, p: 1 } as const;
const keyBytes = 32;
const saltBytes = 16;

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, keyBytes, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** `scrypt$<salt>$<key>`, both base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  return `scrypt$${salt.toString('base64url')}$${(await derive(password, salt)).toString('base64url')}`;
}

/** Constant time for every account: an unknown one (`stored` undefined) costs the same and is refused. */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [scheme, salt, key] = (stored ?? '').split('$');
  const known = scheme === 'scrypt' && salt !== undefined && key !== undefined;
  const expected = known ? Buffer.from(key, 'base64url') : Buffer.alloc(keyBytes);
  const got = await derive(password, known ? Buffer.from(salt, 'base64url') : Buffer.alloc(saltBytes));
  return known && expected.length === got.length && timingSafeEqual(expected, got);
}
