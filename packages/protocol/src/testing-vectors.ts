// Fixed values of the standards, for this package's tests and for the same tests inside a browser. Not part of the face.
import { fromHex, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { unwrap } from './result.ts';

export function hex(text: string): Bytes {
  return unwrap(fromHex(text));
}

/** RFC 9180 appendix A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode, first message. */
export const HPKE_VECTOR = {
  info: hex('4f6465206f6e2061204772656369616e2055726e'),
  skEm: hex('4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb'),
  enc: '04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4',
  pkRm: hex(
    '04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0',
  ),
  skRm: hex('f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2'),
  aad: hex('436f756e742d30'),
  plaintext: hex('4265617574792069732074727574682c20747275746820626561757479'),
  ct: '5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434',
  exports: [
    { context: new Uint8Array(0), length: 32 },
    { context: hex('00'), length: 32 },
    { context: utf8('TestContext'), length: 32 },
  ],
  exported: [
    '5e9bc3d236e1911d95e65b576a8a86d478fb827e8bdfe77b741b289890490d4d',
    '6cff87658931bda83dc857e6353efe4987a201b849658d9b047aab4cf216e796',
    'd8f1ea7942adbba7412c6d431c62d01371ea476b823eb697e1f6e6cae1dab85a',
  ],
};

/** Field prime and group order of P-256. */
export const P = 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff';
export const N = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
// The point with x = 0: y is a square root of b.
export const X_ZERO = '66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4';
// The base point (SEC 2).
export const GX = '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296';
export const GY = '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5';
export const ZERO = '00'.repeat(32);

/** Each category of the Wycheproof ECDH-P256 vectors that is not a point: every suite refuses all of them. */
export const NOT_POINTS: Readonly<Record<string, Bytes>> = {
  empty: new Uint8Array(0),
  'infinity as one byte': hex('00'),
  'infinity padded': hex('00'.repeat(65)),
  'infinity as zeros': hex(`04${ZERO}${ZERO}`),
  'compressed even': hex(`02${GX}`),
  'compressed odd': hex(`03${GX}`),
  'hybrid even': hex(`06${GX}${GY}`),
  'hybrid odd': hex(`07${GX}${GY}`),
  'unknown prefix': hex(`05${GX}${GY}`),
  'raw coordinates': hex(GX + GY),
  'one byte short': hex(`04${GX}${GY}`).slice(0, 64),
  'one byte long': hex(`04${GX}${GY}00`),
  'x alone': hex(`04${GX}`),
  'coordinates swapped': hex(`04${GY}${GX}`),
  'y off by one': hex(`04${GX}${GY.slice(0, -1)}4`),
  'y of another curve': hex(`04${GX}${'11'.repeat(32)}`),
  'y zero': hex(`04${GX}${ZERO}`),
  'x zero with a wrong y': hex(`04${ZERO}${'00'.repeat(31)}01`),
  'x equal to p': hex(`04${P}${X_ZERO}`),
  'x above p': hex(`04${'ff'.repeat(32)}${X_ZERO}`),
  'y equal to p': hex(`04${GX}${P}`),
  'a point of P-384 cut': hex(`04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38${GY}`),
};
