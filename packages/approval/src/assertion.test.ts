import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromBase64Url, toBase64Url, toBytes, unwrap, utf8 } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { checkTwoPeople, verifyAssertion } from './assertion.ts';
import type { Approval, Assertion } from './assertion.ts';
import { developmentAuthenticator, makeDevelopmentKey } from './development.ts';
import { signRoster, verifyRoster } from './roster.ts';
import type { Roster, RosterKey } from './roster.ts';

const page = { origin: 'http://casework.localhost:8620', rpId: 'casework.localhost' };
const hash = toBytes(Array.from({ length: 32 }, (_, i) => i));
const root = await nodeSuite.generateEd25519KeyPair();
const dev = await makeDevelopmentKey();
const key: RosterKey = { keyId: dev.keyId, role: 'tracer', person: 'lin', publicKey: dev.publicKey, demo: true };
const body = { iss: 1, version: 1, ...page, issuedMs: 1, keys: [key] };
const roster: Roster = await signRoster(body, root.sk);
const authenticator = developmentAuthenticator(dev.privateKey, page);

async function codeOf(assertion: Assertion, changes: Partial<{ roster: Roster; hash: typeof hash }> = {}) {
  const result = await verifyAssertion({ roster, hash, assertion, mode: 'demo', ...changes });
  return result.ok ? 'ok' : result.code;
}

function reworded(assertion: Assertion, change: Record<string, unknown>): Assertion {
  const text = Buffer.from(unwrap(fromBase64Url(assertion.clientDataJson))).toString();
  return { ...assertion, clientDataJson: toBase64Url(utf8(JSON.stringify({ ...JSON.parse(text), ...change }))) };
}

describe('verifyAssertion', () => {
  it('names key, role and person of a good assertion', async () => {
    const result = await verifyAssertion({ roster, hash, assertion: await authenticator.sign(hash), mode: 'demo' });
    assert.deepEqual(result, {
      ok: true,
      value: { keyId: dev.keyId, role: 'tracer', person: 'lin', demo: true },
    });
  });

  it('refuses demo keys in production', async () => {
    const assertion = await authenticator.sign(hash);
    const result = await verifyAssertion({ roster, hash, assertion, mode: 'production' });
    assert.equal(result.ok ? '' : result.code, 'demo-key-refused');
  });

  it('takes the same key in production when the roster does not mark it', async () => {
    const assertion = await authenticator.sign(hash);
    const real = await signRoster({ ...body, keys: [{ ...key, demo: false }] }, root.sk);
    assert.equal((await verifyAssertion({ roster: real, hash, assertion, mode: 'production' })).ok, true);
  });

  it('refuses another hash', async () => {
    const other = toBytes(hash.map((byte) => byte ^ 1));
    assert.equal(await codeOf(await authenticator.sign(other)), 'signature-invalid');
  });

  it('refuses another origin and another relying party', async () => {
    const elsewhere = developmentAuthenticator(dev.privateKey, { ...page, origin: 'https://evil.example' });
    assert.equal(await codeOf(await elsewhere.sign(hash)), 'signature-invalid');
    const otherRp = developmentAuthenticator(dev.privateKey, { ...page, rpId: 'localhost' });
    assert.equal(await codeOf(await otherRp.sign(hash)), 'signature-invalid');
  });

  it('refuses a user who was present but not verified', async () => {
    const touched = developmentAuthenticator(dev.privateKey, page, 0x01);
    assert.equal(await codeOf(await touched.sign(hash)), 'signature-invalid');
  });

  it('refuses a key that is not on the roster, also under a listed id', async () => {
    const stranger = developmentAuthenticator((await makeDevelopmentKey()).privateKey, page);
    const assertion = await stranger.sign(hash);
    assert.equal(await codeOf(assertion), 'signature-invalid');
    assert.equal(await codeOf({ ...assertion, keyId: dev.keyId }), 'signature-invalid');
  });

  it('refuses an assertion made in a frame, for a registration, or not at all', async () => {
    const assertion = await authenticator.sign(hash);
    assert.equal(await codeOf(reworded(assertion, { crossOrigin: true })), 'signature-invalid');
    assert.equal(await codeOf(reworded(assertion, { type: 'webauthn.create' })), 'signature-invalid');
    assert.equal(await codeOf({ ...assertion, clientDataJson: 'AAAA' }), 'signature-invalid');
    assert.equal(await codeOf({ ...assertion, authenticatorData: '' }), 'signature-invalid');
  });

  it('refuses every changed byte of authenticator data and signature', async () => {
    const assertion = await authenticator.sign(hash);
    for (const field of ['authenticatorData', 'signature'] as const) {
      const bytes = unwrap(fromBase64Url(assertion[field]));
      for (let at = 0; at < bytes.length; at += 1) {
        const changed = toBytes(bytes);
        changed[at] = (changed[at] ?? 0) ^ 0x10;
        assert.equal(
          await codeOf({ ...assertion, [field]: toBase64Url(changed) }),
          'signature-invalid',
          `${field} ${at}`,
        );
      }
    }
  });
});

describe('verifyRoster', () => {
  it('holds for the signed roster only', async () => {
    assert.equal((await verifyRoster(roster, root.pk)).ok, true);
    const other = await nodeSuite.generateEd25519KeyPair();
    assert.equal((await verifyRoster(roster, other.pk)).ok, false);
    const changes: Partial<Roster>[] = [
      { iss: 2 },
      { version: 2 },
      { origin: 'https://a.example' },
      { rpId: 'a.example' },
      { issuedMs: 2 },
      { keys: [] },
      { keys: [{ ...key, demo: false }] },
      { keys: [{ ...key, role: 'approver' }] },
      { keys: [{ ...key, person: 'chen' }] },
      { signature: '' },
    ];
    for (const change of changes) {
      assert.equal((await verifyRoster({ ...roster, ...change }, root.pk)).ok, false, Object.keys(change).join());
    }
  });

  it('refuses one key in two roles even when signed', async () => {
    const twice = await signRoster({ ...body, keys: [key, { ...key, role: 'approver', person: 'chen' }] }, root.sk);
    assert.equal((await verifyRoster(twice, root.pk)).ok, false);
  });
});

describe('checkTwoPeople', () => {
  const a: Approval = { keyId: 'a', role: 'tracer', person: 'lin', demo: false };
  const b: Approval = { keyId: 'b', role: 'approver', person: 'chen', demo: false };

  it('takes two people in two roles', () => {
    assert.equal(checkTwoPeople([a, b]).ok, true);
  });

  it('refuses one, the same key, the same person, the same role, an officer', () => {
    for (const pair of [
      [],
      [a],
      [a, a],
      [a, { ...b, keyId: 'a' }],
      [a, { ...b, person: 'lin' }],
      [a, { ...b, role: a.role }],
      [a, { ...b, role: 'officer' as const }],
      [{ ...a, role: 'officer' as const }, b],
    ]) {
      assert.equal(checkTwoPeople(pair).ok, false);
    }
  });
});
