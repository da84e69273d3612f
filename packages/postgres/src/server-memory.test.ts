import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { machineMemory, sharedBuffers } from './server-memory.ts';

const gib = 1024 ** 3;

test('the server keeps an eighth of the memory, within bounds', () => {
  assert.equal(sharedBuffers(0), '128MB');
  assert.equal(sharedBuffers(gib), '128MB');
  assert.equal(sharedBuffers(4 * gib), '512MB');
  assert.equal(sharedBuffers(24 * gib), '3072MB');
  assert.equal(sharedBuffers(1024 * gib), '8192MB');
});

test('a container’s memory is not the machine’s', () => {
  const memory = machineMemory();
  assert.ok(memory > 0 && memory <= totalmem());
});
