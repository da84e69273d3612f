// What a server is asked at the start, and which servers are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, memoryLog } from '@tongche/runtime';
import { migrate } from './index.ts';
import { askOffer, checkOffer } from './offer.ts';
import { testDatabase, testEngine } from './test-kit.ts';

test('a process says at its start which PostgreSQL it runs on and whether Citus is there', async () => {
  const engine = await testEngine();
  const { db } = await testDatabase(engine);
  const log = memoryLog();
  const { offer } = await migrate(db, new URL('../../casework/migrations', import.meta.url), { app: 'x', log });
  assert.equal(offer.major, Math.floor(engine.version / 10_000));
  assert.ok(offer.version.startsWith(`${offer.major}.`), offer.version);
  const { version, citus } = offer;
  assert.partialDeepStrictEqual(log.lines[0], { event: 'postgres.serverOffers', app: 'x', version, citus });
  assert.deepEqual(await askOffer(db), { ...offer, standby: false });
});

test('a version outside 15 to 18 and a standby are refused in one line', () => {
  const good = { major: 15, version: '15.18', citus: 'none', standby: false } as const;
  checkOffer(good);
  checkOffer({ ...good, major: 18, version: '18.4' });
  for (const bad of [
    { ...good, major: 14, version: '14.22' },
    { ...good, major: 19, version: '19beta1' },
    { ...good, standby: true },
  ]) {
    assert.throws(
      () => checkOffer(bad),
      (error) => error instanceof ConfigError && !error.message.includes('\n'),
    );
  }
});
