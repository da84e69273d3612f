// What this package's own tests share: the three suites side by side, and a demo authority's bundle. Not part of the face.
import { toBase64Url } from './base64.ts';
import { signBundle } from './bundle.ts';
import type { DayBundle } from './bundle.ts';
import { dayStartMs } from './day.ts';
import { nobleSuite } from './noble.ts';
import { nodeSuite } from './node.ts';
import type { KeyPair, Suite } from './suite.ts';
import { webCryptoSuite } from './webcrypto.ts';

export const browserSuite: Suite = webCryptoSuite(globalThis.crypto);

export const suites: readonly (readonly [string, Suite])[] = [
  ['noble', nobleSuite],
  ['node', nodeSuite],
  ['webcrypto', browserSuite],
];

export const fullSuites = [
  ['noble', nobleSuite],
  ['node', nodeSuite],
] as const;

export const ZONE = 'Asia/Shanghai';
export const DAY = 20_575;

export interface DemoAuthority {
  readonly bundle: DayBundle;
  readonly envelope: KeyPair;
  readonly relay: KeyPair;
  readonly p256: KeyPair;
  readonly ed25519: KeyPair;
}

export async function demoAuthority(): Promise<DemoAuthority> {
  const [envelope, relay, p256] = [
    await nodeSuite.generateKeyPair(),
    await nodeSuite.generateKeyPair(),
    await nodeSuite.generateKeyPair(),
  ];
  const ed25519 = await nodeSuite.generateEd25519KeyPair();
  const unsigned = {
    authority: { iss: 1, name: { zh: '示范市疾控中心', en: 'Demo City CDC' }, zone: ZONE },
    day: DAY,
    keyId: 'k20575',
    suite: 1 as const,
    pkEnv: toBase64Url(envelope.pk),
    notBeforeMs: dayStartMs(DAY, ZONE),
    notAfterMs: dayStartMs(DAY + 1, ZONE),
    platformUrl: 'https://rides.example',
    relayPk: toBase64Url(relay.pk),
  };
  const bundle = await signBundle(nodeSuite, unsigned, { ed25519Sk: ed25519.sk, p256Sk: p256.sk });
  return { bundle, envelope, relay, p256, ed25519 };
}
