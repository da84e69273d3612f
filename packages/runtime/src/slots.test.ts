// Key slots under every cut of the power: nothing living is lost, nothing destroyed comes back.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError } from './config.ts';
import { seededRandom } from './random.ts';
import { diskFiles } from './slot-files.ts';
import type { SlotFiles } from './slot-files.ts';
import { openSlots, SlotError } from './slots.ts';

const root = mkdtempSync(join(tmpdir(), 'tongche-slots-'));
after(() => rmSync(root, { recursive: true }));

const random = seededRandom('slots');
const unseal = random(32);
let folders = 0;
const freshFolder = (): string => join(root, `s${folders++}`);

/** Disk operations that throw after the n-th change: what a power cut leaves behind. */
function cutAfter(changes: number): SlotFiles & { readonly made: () => number } {
  let made = 0;
  function counted<Args extends readonly string[] | readonly [string, Uint8Array]>(change: (...args: Args) => void) {
    return (...args: Args): void => {
      if (made >= changes) throw new Error('power cut');
      change(...args);
      made += 1;
    };
  }
  return {
    list: diskFiles.list,
    read: diskFiles.read,
    write: counted(diskFiles.write),
    rename: counted(diskFiles.rename),
    overwrite: counted(diskFiles.overwrite),
    unlink: counted(diskFiles.unlink),
    made: () => made,
  };
}

function contents(folder: string): Map<string, Buffer> {
  return new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
}

/** Whether any 12 bytes in a row of `needle` stand anywhere in the folder. */
function stillThere(folder: string, needle: Uint8Array): boolean {
  const bytes = Buffer.from(needle);
  for (const content of contents(folder).values()) {
    for (let at = 0; at + 12 <= bytes.length; at++) {
      if (content.includes(bytes.subarray(at, at + 12))) return true;
    }
  }
  return false;
}

test('keys come back after opening again, files are private and a marker keeps backups away', () => {
  const folder = freshFolder();
  const key = random(32);
  const slots = openSlots(folder, unseal);
  slots.put('k-tag-20000', key);
  slots.put('sk-env', random(32));
  const again = openSlots(folder, unseal);
  assert.deepEqual(again.get('k-tag-20000'), key);
  assert.equal(again.get('absent'), undefined);
  assert.deepEqual(again.names(), ['k-tag-20000', 'sk-env']);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const file of readdirSync(folder)) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
  assert.ok(existsSync(join(folder, '.nobackup')));
  assert.equal(stillThere(folder, key), false);
});

test('a destroyed key leaves no byte of its slot, nor of itself, in any file', () => {
  const folder = freshFolder();
  const slots = openSlots(folder, unseal);
  const key = random(32);
  slots.put('day', key);
  const sealed = readFileSync(join(folder, 'day.1.slot'));
  assert.equal(stillThere(folder, sealed.subarray(1)), true);
  assert.equal(slots.destroy('day'), true);
  assert.equal(slots.destroy('day'), false);
  assert.equal(slots.get('day'), undefined);
  assert.equal(stillThere(folder, sealed.subarray(1)), false);
  assert.equal(stillThere(folder, key), false);
});

test('a replaced key is overwritten on the disk, not only renamed over', () => {
  const folder = freshFolder();
  const slots = openSlots(folder, unseal);
  slots.put('day', random(32));
  const file = join(folder, 'day.1.slot');
  const handle = join(folder, 'second-name');
  // A second name shows what became of the old file's blocks.
  const before = readFileSync(file);
  linkSync(file, handle);
  slots.put('day', random(32));
  const blocks = readFileSync(handle);
  assert.equal(blocks.length, before.length);
  assert.equal(blocks.includes(before.subarray(1, 13)), false);
  assert.equal(blocks.includes(before.subarray(-12)), false);
});

test('rewrap changes every file and leaves nothing of the generation before', () => {
  const folder = freshFolder();
  const slots = openSlots(folder, unseal);
  const keys = new Map([1, 2, 3].map((n) => [`k-${n}`, random(32)]));
  for (const [name, key] of keys) slots.put(name, key);
  slots.destroy('k-2');
  const before = contents(folder);
  slots.rewrap();
  for (const [file, content] of before) {
    if (file !== '.nobackup') assert.equal(stillThere(folder, content.subarray(1)), false, file);
  }
  for (const view of [slots, openSlots(folder, unseal)]) {
    assert.deepEqual(view.names(), ['k-1', 'k-3']);
    assert.deepEqual(view.get('k-1'), keys.get('k-1'));
    assert.deepEqual(view.get('k-3'), keys.get('k-3'));
  }
});

test('a rewrap cut off after any file operation loses no living key and revives no destroyed one', () => {
  let cuts = 0;
  for (let changes = 0; ; changes++) {
    const folder = freshFolder();
    const keys = new Map([1, 2, 3].map((n) => [`k-${n}`, random(32)]));
    const setUp = openSlots(folder, unseal);
    for (const [name, key] of keys) setUp.put(name, key);
    setUp.put('gone', random(32));
    const gone = readFileSync(join(folder, 'gone.1.slot')).subarray(1);
    setUp.destroy('gone');
    const files = cutAfter(changes);
    const cut = openSlots(folder, unseal, { files });
    let finished = true;
    try {
      cut.rewrap();
    } catch (error) {
      assert.match(String(error), /power cut/);
      finished = false;
      assert.throws(() => cut.get('k-1'), SlotError);
      assert.throws(() => cut.put('k-1', random(32)), SlotError);
    }
    const reopened = openSlots(folder, unseal);
    assert.deepEqual(reopened.names(), ['k-1', 'k-2', 'k-3'], `after ${changes} changes`);
    for (const [name, key] of keys) assert.deepEqual(reopened.get(name), key, `${name} after ${changes} changes`);
    const generations = new Set(readdirSync(folder).map((file) => /\.(\d+)\.slot$/.exec(file)?.[1]));
    generations.delete(undefined);
    assert.equal(generations.size, 1, 'one generation remains');
    assert.ok(!readdirSync(folder).some((file) => /\.(next|tmp)$/.test(file)));
    assert.equal(stillThere(folder, gone), false);
    if (finished) break;
    cuts += 1;
  }
  assert.ok(cuts > 10, `${cuts} cuts tried`);
});

test('put and destroy cut off after any file operation leave the state before or after', () => {
  for (const action of ['put', 'replace', 'destroy'] as const) {
    for (let changes = 0; ; changes++) {
      const folder = freshFolder();
      const [first, second] = [random(32), random(32)];
      const setUp = openSlots(folder, unseal);
      setUp.put('other', first);
      if (action !== 'put') setUp.put('day', first);
      const files = cutAfter(changes);
      const cut = openSlots(folder, unseal, { files });
      let finished = true;
      try {
        if (action === 'destroy') cut.destroy('day');
        else cut.put('day', second);
      } catch {
        finished = false;
      }
      const found = openSlots(folder, unseal).get('day');
      const allowed = { put: [undefined, second], replace: [first, second], destroy: [first, undefined] }[action];
      assert.ok(
        allowed.some((key) => Buffer.from(key ?? []).equals(Buffer.from(found ?? []))),
        `${action} ${changes}`,
      );
      if (finished) {
        const wanted = action === 'destroy' ? undefined : second;
        assert.deepEqual(found, wanted);
        break;
      }
      assert.deepEqual(openSlots(folder, unseal).get('other'), first);
      assert.ok(!readdirSync(folder).some((file) => file.endsWith('.tmp')));
    }
  }
});

test('the first opening cut off anywhere can be repeated', () => {
  for (let changes = 0; ; changes++) {
    const folder = freshFolder();
    const files = cutAfter(changes);
    let finished = true;
    try {
      openSlots(folder, unseal, { files });
    } catch {
      finished = false;
    }
    const slots = openSlots(folder, unseal);
    slots.put('a', unseal);
    assert.deepEqual(openSlots(folder, unseal).get('a'), unseal);
    if (finished) break;
  }
});

test('a wrong unseal key, an open folder and a damaged or swapped slot are refused', () => {
  const folder = freshFolder();
  const slots = openSlots(folder, unseal);
  slots.put('a', random(32));
  slots.put('b', random(32));
  assert.throws(() => openSlots(folder, random(32)), ConfigError);
  assert.throws(() => openSlots(folder, random(16)), ConfigError);
  // A slot under another's name does not open: the name is authenticated.
  writeFileSync(join(folder, 'a.1.slot'), readFileSync(join(folder, 'b.1.slot')));
  assert.throws(() => slots.get('a'), SlotError);
  for (const name of ['', 'A', '../a', 'a.b', 'kek', 'x'.repeat(65)]) {
    assert.throws(() => slots.put(name, random(1)), RangeError, name);
  }
  chmodSync(folder, 0o750);
  assert.throws(() => openSlots(folder, unseal), ConfigError);
});
