// The driver compares the check on the passenger's phone with the one on the staff page: both must show every colour, alike.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { CHECK_COLOURS } from '@tongche/protocol';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(resolve(root, file), 'utf8');

test('phone and staff page show every colour of the check with the same value, and none is green', () => {
  const phone = read('apps/passenger/src/page.css');
  const staff = read('apps/staff/src/staff.css');
  for (const colour of CHECK_COLOURS) {
    const onPhone = new RegExp(`\\.${colour} \\{\\s*--c: (#[0-9a-f]{6});`).exec(phone)?.[1];
    const onStaff = new RegExp(`\\.check\\.${colour} \\{ background: (#[0-9a-f]{6});`).exec(staff)?.[1];
    assert.ok(onPhone !== undefined, `the phone has no ${colour}`);
    assert.equal(onStaff, onPhone, colour);
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(onPhone.slice(at, at + 2), 16));
    assert.ok(green <= Math.max(red, blue), `${colour} is green`);
  }
});
