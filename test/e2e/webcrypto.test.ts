// The WebCrypto suite where passengers run it: in Chromium, against the standard's vector, the false points and the other suites.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checkSync, contactTagSync, hmacKey, issueWalletSync, nodeSuite } from '@tongche/protocol/node';
import {
  bundleInfo,
  dayStartMs,
  decodeRecord,
  encodeWallet,
  equalBytes,
  fromHex,
  nobleSuite,
  openNote,
  openRecord,
  openRelay,
  sealRelay,
  signBundle,
  toBase64Url,
  toHex,
  unwrap,
  utf8,
} from '@tongche/protocol';
import type { Bytes, DayBundle, KeyPair } from '@tongche/protocol';
import type { Browser, Page } from 'playwright-core';
import { GX, GY, HPKE_VECTOR, NOT_POINTS, X_ZERO, ZERO } from '../../packages/protocol/src/testing-vectors.ts';
import { launchBrowser, withoutBrowser } from '../kit/browser.ts';
import { serveModules } from '../kit/modules.ts';
import type { ModuleServer } from '../kit/modules.ts';
import type { RideOrder, battery as Battery } from './webcrypto-page.ts';

const ZONE = 'Asia/Shanghai';
const DAY = 20_575;
const PHONE = 8613912345678n;

interface Authority {
  readonly bundle: DayBundle;
  readonly envelope: KeyPair;
  readonly relay: KeyPair;
  readonly signP256: Bytes;
}

async function makeAuthority(): Promise<Authority> {
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
  return { bundle, envelope, relay, signP256: p256.pk };
}

function hex(text: string): Bytes {
  return unwrap(fromHex(text));
}

describe('WebCrypto in Chromium', { skip: withoutBrowser() }, () => {
  let server: ModuleServer;
  let browser: Browser;
  let page: Page;

  before(async () => {
    server = await serveModules();
    browser = await launchBrowser();
    page = await browser.newPage();
    await page.goto(server.url);
    await page.addScriptTag({ url: '/test/e2e/webcrypto-page.ts', type: 'module' });
    await page.waitForFunction('globalThis.battery !== undefined', undefined, { timeout: 20_000 });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Calls a function of the page by name; arguments and answer travel as JSON. */
  async function inPage<Name extends keyof typeof Battery>(
    name: Name,
    ...args: Parameters<(typeof Battery)[Name]>
  ): Promise<Awaited<ReturnType<(typeof Battery)[Name]>>> {
    return page.evaluate<Awaited<ReturnType<(typeof Battery)[Name]>>>(
      `globalThis.battery.${name}(...${JSON.stringify(args)})`,
    );
  }

  test('the page is a secure context with the browser’s own cryptography', async () => {
    assert.equal(await page.evaluate('isSecureContext'), true);
    assert.match(String(await page.evaluate('crypto.subtle.deriveBits.toString()')), /native code/);
  });

  test('seals and opens the vector of RFC 9180 A.3.1', async () => {
    assert.deepEqual(await inPage('vector'), {
      enc: HPKE_VECTOR.enc,
      ct: HPKE_VECTOR.ct,
      exported: HPKE_VECTOR.exported,
      plaintext: toHex(HPKE_VECTOR.plaintext),
      openedExports: HPKE_VECTOR.exported,
      changed: 'open-failed',
    });
  });

  test('refuses each kind of false point wherever a point is taken', async () => {
    const answers = await inPage('falsePoints');
    const expected = Object.keys(NOT_POINTS).map((kind) => [kind, ['bad-point', 'throws RangeError', 'false']]);
    assert.deepEqual(answers, Object.fromEntries(expected));
  });

  test('computes the same as the other suites at the edges, and refuses scalars that are none', async () => {
    const sk = hex(`${'00'.repeat(31)}03`);
    const empty = new Uint8Array(0);
    const sealed = [];
    for (const pk of [hex(`04${ZERO}${X_ZERO}`), hex(`04${GX}${GY}`)]) {
      const made = await nobleSuite.hpkeSeal({ pk, info: empty, aad: empty, plaintext: empty, ephemeral: { sk } });
      sealed.push([toHex(made.enc), toHex(made.ct)]);
    }
    const seen = (await inPage('edges')) as { readonly sealed: unknown; readonly scalars: readonly string[] };
    assert.deepEqual(seen.sealed, sealed);
    for (const answer of seen.scalars) assert.match(answer, /^throws /);
  });

  test('a ride sealed in the browser is opened by the authority, and its tag proves the phone', async () => {
    const { bundle, envelope, relay, signP256 } = await makeAuthority();
    const kTag = hmacKey(nodeSuite.randomBytes(32));
    const kAdm = hmacKey(nodeSuite.randomBytes(32));
    const wallet = issueWalletSync([{ day: DAY, kTag, kAdm }], { iss: 1, phone: PHONE, walletNo: 6 });
    const code = nodeSuite.randomBytes(8);
    const order: RideOrder = {
      bundle,
      signP256: toHex(signP256),
      wallet: encodeWallet(wallet),
      code: toHex(code),
      boardedMs: bundle.notBeforeMs + 480 * 60_000,
      phone: String(PHONE),
      name: '张小三',
    };
    const made = (await inPage('ride', order)) as Record<'record' | 'noteKey' | 'relayed', string> & {
      readonly check: unknown;
    };

    const record = unwrap(decodeRecord(hex(made.record)));
    assert.deepEqual(record.code, code);
    assert.deepEqual(made.check, checkSync({ tag: record.tag, code, day: DAY, minute: 480 }));
    const opened = unwrap(await openRecord(nodeSuite, { sk: envelope.sk, info: bundleInfo(bundle), record }));
    assert.equal(opened.contact.subject, PHONE);
    assert.equal(opened.contact.name, '张小三');
    assert.ok(equalBytes(contactTagSync(kTag, { iss: 1, contact: opened.contact }), record.tag));
    const stranger = { ...opened.contact, subject: PHONE + 1n };
    assert.ok(
      !equalBytes(contactTagSync(kTag, { iss: 1, contact: stranger }), record.tag),
      'another phone is not proved',
    );

    const message = unwrap(await openRelay(nodeSuite, relay.sk, hex(made.relayed)));
    assert.ok(message.kind === 'note');
    assert.deepEqual(message.key16, record.adm);
    const note = unwrap(await openNote(nodeSuite, opened.noteKey, { day: DAY, tag: record.tag, idx: 0 }, message.ct32));
    assert.deepEqual([note.basis, note.boardLo, note.alightHi], ['off-tap', 1, 9]);
  });

  test('a bundle that somebody changed seals nothing', async () => {
    const { bundle, signP256 } = await makeAuthority();
    const evil = await makeAuthority();
    const order = {
      bundle: { ...bundle, pkEnv: evil.bundle.pkEnv },
      signP256: toHex(signP256),
      wallet: { walletNo: 0, days: [] },
      code: '00'.repeat(8),
      boardedMs: bundle.notBeforeMs,
      phone: String(PHONE),
      name: '',
    };
    await assert.rejects(inPage('ride', order), /bad-signature/);
  });

  test('opens what node and noble seal', async () => {
    for (const suite of [nodeSuite, nobleSuite]) {
      const { sk, pk } = await suite.generateKeyPair();
      const options = { pk, info: utf8('info'), aad: utf8('aad'), plaintext: utf8('同车') };
      const { enc, ct } = await suite.hpkeSeal(options);
      const message = { sk: toHex(sk), enc: toHex(enc), ct: toHex(ct) };
      assert.equal(await inPage('openSealed', message), toHex(utf8('同车')));
      const relayed = await sealRelay(suite, pk, {
        kind: 'erase',
        day: DAY,
        tag: suite.randomBytes(16),
        key16: suite.randomBytes(16),
      });
      assert.equal(await inPage('openRelayed', toHex(sk), toHex(relayed)), 'erase');
    }
  });
});
