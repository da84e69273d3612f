import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { branding, readPages, sticker } from './pdf-test-kit.ts';
import { printStickers } from './print.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongche-print-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const work = { template: 'bus-90x120', branding, nowMs: 0 } as const;

test('a thread writes the file, tells how far it is, and only its owner may read it', async () => {
  const file = join(folder, 'many.pdf');
  const heard: number[] = [];
  const stickers = Array.from({ length: 40 }, (_, n) => ({ ...sticker, serial: String(n) }));
  const printed = await printStickers({ ...work, stickers, file, onProgress: (done) => heard.push(done) });
  assert.deepEqual(printed, { pages: 40, bytes: statSync(file).size });
  assert.deepEqual(heard, [16, 32, 40]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(readPages(readFileSync(file)).length, 40);
});

test('a print that is called off ends at once and leaves nothing behind', async () => {
  const file = join(folder, 'stopped.pdf');
  const stop = new AbortController();
  const stickers = Array.from({ length: 20_000 }, () => sticker);
  const printing = printStickers({ ...work, stickers, file, signal: stop.signal, onProgress: () => stop.abort() });
  await assert.rejects(printing, { name: 'AbortError' });
  assert.ok(!existsSync(file));
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('stopped')),
    [],
  );
});

test('what cannot be printed is refused, and nothing is left behind', async () => {
  const file = join(folder, 'refused.pdf');
  await assert.rejects(printStickers({ ...work, stickers: [], file }), RangeError);
  await assert.rejects(printStickers({ ...work, stickers: [{ ...sticker, plate: 'ئ' }], file }), RangeError);
  await assert.rejects(
    printStickers({ ...work, stickers: [sticker], file, branding: { ...branding, colour: '#00ff00' } }),
    RangeError,
  );
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('refused')),
    [],
  );
});
