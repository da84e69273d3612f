// The disk of the database fills while rides come in: phones are told to come again and when, nothing acknowledged is lost,
// nothing is corrupted, and when there is room the same process takes rides again, with nobody's help.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { noSmallDisk, onSmallDisk } from '../kit/small-disk.ts';

const program = join(import.meta.dirname, '../kit/full-disk.ts');
const megabytes = 320;
/** A fifth of a minute on a machine of its own; the bound is for a busy one. */
const withinMs = 240_000;

const skip = noSmallDisk();
test('a full disk: phones come again later, nothing is lost, and it recovers by itself', { skip }, async () => {
  const { code, output } = await onSmallDisk(program, megabytes, withinMs);
  assert.equal(code, 0, output);
});
