// Every printed code decodes to its address: from the rectangles of the PDF itself, and, where Ghostscript and zbar are
// installed, from the page as a printer would see it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { before, describe, test } from 'node:test';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { MIN_QR_MM, QUIET_MODULES, templates } from './geometry.ts';
import type { Size, Template } from './geometry.ts';
import { printed, readPages, sticker } from './pdf-test-kit.ts';
import type { Filled, ReadPage } from './pdf-test-kit.ts';
import type { Sticker } from './sticker.ts';

const pixelsPerMm = 150 / 25.4;
const hosts = [
  'a.cn',
  'dengji.haijing.example',
  'passenger-registration.transport.haijing-metropolitan-region.example.cn',
];

function stickers(): readonly Sticker[] {
  return hosts.flatMap((host, n) => [
    { ...sticker, url: `https://${host}/r/AAECAwQFB${n}c` },
    { ...sticker, url: `https://${host}/r/BAECAwQFB${n}c`, purpose: 'crew' as const },
    { ...sticker, url: `https://${host}/r/CAECAwQFB${n}c`, plate: undefined, carriageNo: 3 },
  ]);
}

/** Rectangles in the order they were painted, as grey pixels at 150 dpi. */
function picture(page: ReadPage, { widthMm, heightMm }: Size) {
  const [width, height] = [Math.round(widthMm * pixelsPerMm), Math.round(heightMm * pixelsPerMm)];
  const pixels = new Uint32Array(width * height).fill(0xffffffff);
  for (const { colour, left, top, right, bottom } of page.filled) {
    const [r = 0, g = 0, b = 0] = (colour.match(/\w\w/g) ?? []).map((part) => Number.parseInt(part, 16));
    const value = (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
    const [from, to] = [Math.max(0, Math.round(left * pixelsPerMm)), Math.min(width, Math.round(right * pixelsPerMm))];
    const end = Math.min(height, Math.round(bottom * pixelsPerMm));
    for (let y = Math.max(0, Math.round(top * pixelsPerMm)); y < end; y += 1) {
      pixels.fill(value, y * width + from, y * width + Math.max(from, to));
    }
  }
  const data = new Uint8ClampedArray(pixels.buffer);
  return { data, width, height, colorSpace: 'srgb' as const };
}

function bounds(cells: readonly Filled[]) {
  return {
    left: Math.min(...cells.map(({ left }) => left)),
    top: Math.min(...cells.map(({ top }) => top)),
    right: Math.max(...cells.map(({ right }) => right)),
    bottom: Math.max(...cells.map(({ bottom }) => bottom)),
  };
}

before(() => {
  const wasm = readFileSync(fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm')));
  prepareZXingModule({ overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) } });
});

for (const [template, size] of Object.entries(templates) as [Template, Size][]) {
  describe(template, () => {
    let pages: readonly ReadPage[] = [];
    before(async () => void (pages = readPages(await printed({ template, stickers: stickers() }))));

    test('each page decodes to its own address', async () => {
      assert.equal(pages.length, stickers().length);
      for (const [index, page] of pages.entries()) {
        const found = await readBarcodes(picture(page, size), { formats: ['QRCode'], tryHarder: true });
        assert.deepEqual(
          found.map(({ text, ecLevel }) => ({ text, ecLevel })),
          [{ text: stickers()[index]?.url, ecLevel: 'Q' }],
        );
      }
    });

    test('the symbol is at least 30 mm wide and nothing stands in its quiet zone', () => {
      for (const page of pages) {
        const cells = page.filled.filter(({ colour }) => colour === '#000000');
        const { left, top, right, bottom } = bounds(cells);
        assert.ok(right - left > MIN_QR_MM - 0.01, `${right - left} mm`);
        const unit = Math.min(...cells.map((cell) => Math.min(cell.right - cell.left, cell.bottom - cell.top)));
        const quiet = unit * QUIET_MODULES - 0.01;
        const others = [
          ...page.texts,
          ...page.filled.filter(({ colour }) => colour !== '#000000' && colour !== '#ffffff'),
        ];
        const near = others.filter(
          (one) =>
            one.right > left - quiet &&
            one.left < right + quiet &&
            one.bottom > top - quiet &&
            one.top < bottom + quiet,
        );
        assert.deepEqual(near, []);
        assert.ok(left - quiet > -0.01 && top - quiet > -0.01, 'the quiet zone reaches beyond the cut');
      }
    });
  });
}

/** Ghostscript and zbar: programs of the machine, not of this repository. */
const tools = { draw: 'gs', read: 'zbarimg' } as const;
const canLook = Object.values(tools).every((tool) => spawnSync(tool, ['--version']).status === 0);

test('zbar reads every template at 150 dpi', { skip: canLook ? false : 'no Ghostscript or no zbar here' }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tongche-zbar-'));
  try {
    for (const template of Object.keys(templates) as Template[]) {
      const pdf = join(folder, `${template}.pdf`);
      writeFileSync(pdf, await printed({ template, stickers: stickers() }));
      const to = `-sOutputFile=${join(folder, `${template}-%03d.png`)}`;
      execFileSync(tools.draw, ['-q', '-dNOPAUSE', '-dBATCH', '-dSAFER', '-sDEVICE=pnggray', '-r150', to, pdf]);
      const pictures = readdirSync(folder).filter((name) => name.startsWith(template) && name.endsWith('.png'));
      const wanted = ['--raw', '-q', ...pictures.sort().map((name) => join(folder, name))];
      const read = execFileSync(tools.read, wanted, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      assert.deepEqual(
        read.trim().split('\n'),
        stickers().map(({ url }) => url),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
