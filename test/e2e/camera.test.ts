// The camera of the staff page reads a printed code: a real Chromium with a film of that code as its camera.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeQR } from 'qr';
import { launchBrowser, withoutBrowser } from '../kit/browser.ts';
import { startLivingCity } from '../kit/living-city.ts';

const widthPx = 640;
const heightPx = 480;
const modulePx = 9;
/** White of a poster and black of its print, in video levels. */
const white = 235;
const black = 16;
const frames = 4;

/** A film (YUV4MPEG2) that shows nothing but the code of `text`. */
function filmOf(text: string): Buffer {
  const modules = encodeQR(text, 'raw', { ecc: 'quartile', border: 4 });
  const luma = Buffer.alloc(widthPx * heightPx, white);
  const left = Math.floor((widthPx - modules.length * modulePx) / 2);
  const top = Math.floor((heightPx - modules.length * modulePx) / 2);
  for (const [row, line] of modules.entries()) {
    for (const [column, dark] of line.entries()) {
      if (!dark) continue;
      for (let y = 0; y < modulePx; y += 1) {
        const at = (top + row * modulePx + y) * widthPx + left + column * modulePx;
        luma.fill(black, at, at + modulePx);
      }
    }
  }
  const chroma = Buffer.alloc((widthPx * heightPx) / 2, 128);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma]);
  const head = Buffer.from(`YUV4MPEG2 W${widthPx} H${heightPx} F10:1 Ip A1:1 C420jpeg\n`);
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame)]);
}

test('the camera takes the vehicle from its printed code', { skip: withoutBrowser() }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tongche-film-'));
  const film = join(folder, 'code.y4m');
  const city = await startLivingCity();
  writeFileSync(film, filmOf(`${city.urls.registrar}/r/${city.bus.code}`));
  const browser = await launchBrowser([
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${film}`,
  ]);
  try {
    const context = await browser.newContext({
      locale: 'zh-CN',
      viewport: { width: 390, height: 844 },
      permissions: ['camera'],
    });
    const page = await context.newPage();
    const violations: string[] = [];
    page.on(
      'console',
      (message) => message.text().includes('Content Security Policy') && violations.push(message.text()),
    );
    await page.goto(`${city.urls.platform}/staff/`);
    await page.getByLabel('工号').fill('driver');
    await page.getByLabel('密码').fill('demo-driver');
    await page.getByRole('button', { name: '登录', exact: true }).click();
    await page.getByRole('button', { name: '用摄像头扫码' }).click();
    await page.getByRole('button', { name: '代乘客登记' }).waitFor();
    assert.match(await page.locator('.code-label').innerText(), new RegExp(city.bus.shortCode));
    assert.deepEqual(violations, []);
  } finally {
    await browser.close();
    await city.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});
