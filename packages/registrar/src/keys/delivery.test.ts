// Day keys to several hosts: each gets them, one that is away is tried again and holds up nobody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdmissionKey } from '@tongche/contract';
import { RemoteError } from '@tongche/http';
import type { InternalClient } from '@tongche/http';
import { memoryLog, settableClock } from '@tongche/runtime';
import { DELIVERY_RETRY_MS } from '../limits.ts';
import { admissionDelivery } from './delivery.ts';
import type { Keyring } from './keyring.ts';

function host() {
  const state = { isDown: false, days: [] as number[] };
  const client = {
    async post(_path: string, body: { readonly admission: readonly AdmissionKey[] }) {
      if (state.isDown) throw new RemoteError(0, 'unreachable');
      state.days.push(...body.admission.map(({ day }) => day));
    },
  } as unknown as InternalClient;
  return Object.assign(state, { client });
}

test('a host that was away has the keys later, and only then are they delivered', async () => {
  const clock = settableClock(0);
  const days = [1, 2];
  const keyring = {
    admissions: () => days.map((day) => ({ iss: 1, day, kAdm: '', issuedMs: 0, sig: '' })),
  } as unknown as Keyring;
  const [here, away] = [host(), host()];
  away.isDown = true;
  const delivery = admissionDelivery([here.client, away.client], keyring, clock, memoryLog('registrar'));
  await delivery.run();
  assert.deepEqual([here.days, [...delivery.delivered()]], [[1, 2], []]);
  days.push(3);
  await delivery.run();
  away.isDown = false;
  await clock.advance(DELIVERY_RETRY_MS);
  assert.deepEqual(
    [here.days, away.days],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
  );
  assert.deepEqual([...delivery.delivered()], [1, 2, 3]);
  await clock.advance(10 * DELIVERY_RETRY_MS);
  assert.equal(away.days.length, 3, 'and then it is quiet');
});
