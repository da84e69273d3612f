// Runs inside Chromium, on the browser's own WebCrypto. Everything in and out is JSON, bytes as hexadecimal.
import { fromBase64Url } from '../../packages/protocol/src/base64.ts';
import { fromHex, toHex, utf8 } from '../../packages/protocol/src/bytes.ts';
import type { Bytes } from '../../packages/protocol/src/bytes.ts';
import { verifyBundle } from '../../packages/protocol/src/bundle.ts';
import { sealNote } from '../../packages/protocol/src/note.ts';
import { openRelay, sealRelay } from '../../packages/protocol/src/relay.ts';
import { unwrap } from '../../packages/protocol/src/result.ts';
import { makeRide } from '../../packages/protocol/src/ride.ts';
import type { Suite } from '../../packages/protocol/src/suite.ts';
import { HPKE_VECTOR, NOT_POINTS, N, GX, GY, X_ZERO, ZERO } from '../../packages/protocol/src/testing-vectors.ts';
import { decodeWallet } from '../../packages/protocol/src/wallet.ts';
import { webCryptoSuite } from '../../packages/protocol/src/webcrypto.ts';

const suite: Suite = webCryptoSuite(globalThis.crypto);
const NOTHING: Bytes = new Uint8Array(0);

function hex(text: string): Bytes {
  return unwrap(fromHex(text));
}

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    const value = await work;
    return typeof value === 'object' && value !== null && 'code' in value ? String(value.code) : JSON.stringify(value);
  } catch (error) {
    return error instanceof Error ? `throws ${error.name}` : 'throws';
  }
}

/** The vector of RFC 9180 A.3.1, sealed and opened. */
async function vector(): Promise<unknown> {
  const { info, aad, plaintext, exports, pkRm: pk, skRm: sk, skEm } = HPKE_VECTOR;
  const sealed = await suite.hpkeSeal({ pk, info, aad, plaintext, exports, ephemeral: { sk: skEm } });
  const opened = unwrap(await suite.hpkeOpen({ sk, enc: sealed.enc, info, aad, ct: sealed.ct, exports }));
  const changed = sealed.ct.slice();
  changed[3] = (changed[3] ?? 0) ^ 1;
  return {
    enc: toHex(sealed.enc),
    ct: toHex(sealed.ct),
    exported: sealed.exported.map(toHex),
    plaintext: toHex(opened.plaintext),
    openedExports: opened.exported.map(toHex),
    changed: await outcome(suite.hpkeOpen({ sk, enc: sealed.enc, info, aad, ct: changed })),
  };
}

/** What the browser says to each false point: as an encapsulated key, as a recipient's key, as a signer's key. */
async function falsePoints(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { sk } = await suite.generateKeyPair();
  const answers: Record<string, readonly string[]> = {};
  for (const [kind, point] of Object.entries(NOT_POINTS)) {
    answers[kind] = [
      await outcome(suite.hpkeOpen({ sk, enc: point, info: NOTHING, aad: NOTHING, ct: new Uint8Array(16) })),
      await outcome(suite.hpkeSeal({ pk: point, info: NOTHING, aad: NOTHING, plaintext: NOTHING })),
      await outcome(suite.verifyP256(point, NOTHING, new Uint8Array(64))),
    ];
  }
  return answers;
}

/** Edge points that are keys, with a scalar of three, and scalars that are none. */
async function edges(): Promise<unknown> {
  const sk = hex(`${'00'.repeat(31)}03`);
  const sealed = [];
  for (const pk of [hex(`04${ZERO}${X_ZERO}`), hex(`04${GX}${GY}`)]) {
    const made = await suite.hpkeSeal({ pk, info: NOTHING, aad: NOTHING, plaintext: NOTHING, ephemeral: { sk } });
    sealed.push([toHex(made.enc), toHex(made.ct)]);
  }
  const enc = hex(`04${GX}${GY}`);
  const open = async (scalar: Bytes) =>
    outcome(suite.hpkeOpen({ sk: scalar, enc, info: NOTHING, aad: NOTHING, ct: new Uint8Array(16) }));
  return { sealed, scalars: [await open(hex(ZERO)), await open(hex(N))] };
}

export interface RideOrder {
  readonly bundle: unknown;
  readonly signP256: string;
  readonly wallet: unknown;
  readonly code: string;
  readonly boardedMs: number;
  readonly phone: string;
  readonly name: string;
}

/** What the passenger page does with a scan: checks the bundle, seals the ride, a stop note and its way through the relay. */
async function ride(order: RideOrder): Promise<unknown> {
  const bundle = unwrap(await verifyBundle(suite, order.bundle, { p256: hex(order.signP256) }));
  const walletDay = unwrap(decodeWallet(order.wallet)).days.find((one) => one.day === bundle.day);
  if (walletDay === undefined) throw new Error('no such day in the wallet');
  const made = await makeRide(suite, {
    bundle,
    walletDay,
    slotIndex: 9,
    code: hex(order.code),
    boardedMs: order.boardedMs,
    queued: false,
    party: 1,
    contact: {
      flags: { companion: false, assisted: false },
      kind: 'phone',
      subject: BigInt(order.phone),
      reach: 0n,
      name: order.name,
      openid: '',
    },
  });
  const { day, tag, adm, noteKey } = made;
  const stops = { boardLo: 1, boardHi: 2, alightLo: 8, alightHi: 9, minuteLo: 505, minuteHi: 506 };
  const ct32 = await sealNote(suite, noteKey, { day, tag, idx: 0 }, { basis: 'off-tap', ...stops });
  const relayPk = unwrap(fromBase64Url(bundle.relayPk));
  const relayed = await sealRelay(suite, relayPk, { kind: 'note', day, tag, key16: adm, idx: 0, ct32 });
  return { record: toHex(made.record), check: made.check, noteKey: toHex(noteKey), relayed: toHex(relayed) };
}

/** Opens in the browser what another suite sealed. */
async function openSealed(message: {
  readonly sk: string;
  readonly enc: string;
  readonly ct: string;
}): Promise<string> {
  const opened = await suite.hpkeOpen({
    sk: hex(message.sk),
    enc: hex(message.enc),
    info: utf8('info'),
    aad: utf8('aad'),
    ct: hex(message.ct),
  });
  return opened.ok ? toHex(opened.value.plaintext) : opened.code;
}

async function openRelayed(sk: string, bytes: string): Promise<string> {
  const opened = await openRelay(suite, hex(sk), hex(bytes));
  return opened.ok ? opened.value.kind : opened.code;
}

export const battery = { vector, falsePoints, edges, ride, openSealed, openRelayed };
Object.assign(globalThis, { battery });
