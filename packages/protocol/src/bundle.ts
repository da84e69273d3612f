// The signed bundle of a day: to whom a phone seals its rides, where it posts them, and from when to when.
import { fromBase64Url, toBase64Url } from './base64.ts';
import { concat, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';
import { MINUTE_MS } from './day.ts';
import { isPoint } from './p256.ts';
import { envelopeInfo, MAX_MINUTE } from './record.ts';
import { err, ok, unwrap } from './result.ts';
import type { Result } from './result.ts';
import { isInteger, isRecord, isText } from './shape.ts';
import type { FullSuite, Suite } from './suite.ts';

/** As it travels: keys and signatures in base64url. */
export interface UnsignedBundle {
  readonly authority: {
    readonly iss: number;
    readonly name: { readonly zh: string; readonly en: string };
    readonly zone: string;
  };
  readonly day: number;
  readonly keyId: string;
  readonly suite: 1;
  /** 65 bytes: the day's envelope key. */
  readonly pkEnv: string;
  /** First instant of the local day, and of the next one. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly platformUrl: string;
  /** 65 bytes: the operator's relay key. */
  readonly relayPk: string;
}

export interface DayBundle extends UnsignedBundle {
  /** 64 bytes each over canonicalBundle: Ed25519, and ECDSA P-256, which browsers verify without a library. */
  readonly signatures: { readonly ed25519: string; readonly p256: string };
}

const MAX_TEXT = 200;

/** The bytes that are signed: "day-bundle/1|" and the canonical JSON without signatures. */
export function canonicalBundle(bundle: UnsignedBundle): Bytes {
  const { authority, day, keyId, suite, pkEnv, notBeforeMs, notAfterMs, platformUrl, relayPk } = bundle;
  const { iss, name, zone } = authority;
  const signed = {
    authority: { iss, name: { zh: name.zh, en: name.en }, zone },
    day,
    keyId,
    suite,
    pkEnv,
    notBeforeMs,
    notAfterMs,
    platformUrl,
    relayPk,
  };
  return concat(utf8('day-bundle/1|'), utf8(canonicalJson(signed)));
}

export async function signBundle(
  suite: FullSuite,
  bundle: UnsignedBundle,
  keys: { readonly ed25519Sk: Bytes; readonly p256Sk: Bytes },
): Promise<DayBundle> {
  const bytes = canonicalBundle(bundle);
  const ed25519 = toBase64Url(await suite.signEd25519(keys.ed25519Sk, bytes));
  const p256 = toBase64Url(await suite.signP256(keys.p256Sk, bytes));
  return { ...bundle, signatures: { ed25519, p256 } };
}

export type BundleRefusal = 'bad-bundle' | 'bad-signature';

/**
 * Checks the shape, the keys and one signature. With the P-256 key of the authority any suite will do (phones); with the
 * Ed25519 key a full one (servers).
 */
export async function verifyBundle(
  suite: Suite,
  bundle: unknown,
  key: { readonly p256: Bytes },
): Promise<Result<DayBundle, BundleRefusal>>;
export async function verifyBundle(
  suite: FullSuite,
  bundle: unknown,
  key: { readonly ed25519: Bytes },
): Promise<Result<DayBundle, BundleRefusal>>;
export async function verifyBundle(
  suite: Suite & Partial<Pick<FullSuite, 'verifyEd25519'>>,
  bundle: unknown,
  key: { readonly p256?: Bytes; readonly ed25519?: Bytes },
): Promise<Result<DayBundle, BundleRefusal>> {
  const parsed = parseBundle(bundle);
  if (!parsed.ok) return parsed;
  const bytes = canonicalBundle(parsed.value);
  const { p256, ed25519 } = parsed.value.signatures;
  const verified =
    key.p256 === undefined
      ? await suite.verifyEd25519?.(key.ed25519 ?? new Uint8Array(0), bytes, unwrap(fromBase64Url(ed25519)))
      : await suite.verifyP256(key.p256, bytes, unwrap(fromBase64Url(p256)));
  return verified === true ? parsed : err('bad-signature');
}

/** The shape of a bundle, its points on the curve included; says nothing about signatures. Unknown fields are dropped. */
export function parseBundle(value: unknown): Result<DayBundle, 'bad-bundle'> {
  if (!isRecord(value) || !isRecord(value['authority']) || !isRecord(value['signatures'])) return err('bad-bundle');
  const { day, keyId, suite, pkEnv, notBeforeMs, notAfterMs, platformUrl, relayPk } = value;
  const { iss, name, zone } = value['authority'];
  const { ed25519, p256 } = value['signatures'];
  if (!isInteger(iss, 0, 0xffff) || !isInteger(day, 0, 0xffff) || suite !== 1) return err('bad-bundle');
  if (!isRecord(name) || !isText(name['zh'], MAX_TEXT) || !isText(name['en'], MAX_TEXT))
    return err('bad-bundle', 'name');
  if (!isText(zone, MAX_TEXT) || !isText(keyId, MAX_TEXT) || !isText(platformUrl, MAX_TEXT)) return err('bad-bundle');
  if (
    !isInteger(notBeforeMs, 0, Number.MAX_SAFE_INTEGER) ||
    !isInteger(notAfterMs, notBeforeMs, Number.MAX_SAFE_INTEGER)
  )
    return err('bad-bundle', 'times');
  if (!isPointText(pkEnv) || !isPointText(relayPk)) return err('bad-bundle', 'keys');
  if (!isSignatureText(ed25519) || !isSignatureText(p256)) return err('bad-bundle', 'signatures');
  const authority = { iss, name: { zh: name['zh'], en: name['en'] }, zone };
  const signatures = { ed25519, p256 };
  return ok({ authority, day, keyId, suite, pkEnv, notBeforeMs, notAfterMs, platformUrl, relayPk, signatures });
}

function isPointText(value: unknown): value is string {
  const bytes = isText(value, MAX_TEXT) ? fromBase64Url(value) : undefined;
  return bytes?.ok === true && isPoint(bytes.value);
}

function isSignatureText(value: unknown): value is string {
  const bytes = isText(value, MAX_TEXT) ? fromBase64Url(value) : undefined;
  return bytes?.ok === true && bytes.value.length === 64;
}

/** The HPKE info of every envelope of this bundle. */
export function bundleInfo(bundle: UnsignedBundle): Bytes {
  return envelopeInfo({ authority: bundle.authority.iss, day: bundle.day, keyId: bundle.keyId });
}

/** The minute of the bundle's day an instant lies in, 0..1499. */
export function minuteOf(bundle: UnsignedBundle, ms: number): Result<number, 'outside-day'> {
  const minute = Math.floor((ms - bundle.notBeforeMs) / MINUTE_MS);
  return ms < bundle.notBeforeMs || ms >= bundle.notAfterMs || minute > MAX_MINUTE ? err('outside-day') : ok(minute);
}
