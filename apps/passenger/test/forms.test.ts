// The assist form and the notice page in a real browser: nothing readable stays behind, offline entries keep their minute.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { cannotRun, launch, openPage, PHONE, somePhone } from './browser.ts';
import { GOOD_OTP, standIn } from './stand-in.ts';
import type { StandIn } from './stand-in.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let browser: Browser;
const state = (page: Page, text: string): Promise<void> => page.locator('#state', { hasText: text }).waitFor();

async function withPage(work: (page: Page, server: StandIn, context: BrowserContext) => Promise<void>): Promise<void> {
  const server = await standIn();
  const context = await browser.newContext(PHONE);
  try {
    await work(await openPage(context), server, context);
  } finally {
    await context.close();
    await server.close();
  }
}

/** Everything the origin keeps, as text, so that a number left behind would be found. */
function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const seen: unknown[] = [Object.entries(localStorage), Object.entries(sessionStorage), location.href];
    for (const { name } of await indexedDB.databases()) {
      const open = indexedDB.open(name ?? '');
      await new Promise((resolve) => (open.onsuccess = resolve));
      const all = open.result.transaction('kv').objectStore('kv').getAll();
      await new Promise((resolve) => (all.onsuccess = resolve));
      seen.push(all.result);
      open.result.close();
    }
    for (const input of document.querySelectorAll('input')) seen.push(input.value);
    return JSON.stringify(seen, (_, value: unknown) => {
      if (value instanceof ArrayBuffer) return new TextDecoder('latin1').decode(value);
      if (ArrayBuffer.isView(value)) return new TextDecoder('latin1').decode(value);
      return value;
    });
  });
}

/** A made-up identity number with its right check character. */
function someCnId(): string {
  const digits = `110105${1950 + Math.floor(Math.random() * 50)}0714${String(Math.floor(Math.random() * 1000)).padStart(3, '0')}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = Array.from(digits).reduce((total, digit, i) => total + Number(digit) * (weights[i] ?? 0), 0);
  return digits + ('10X98765432'[sum % 11] ?? '');
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}
async function accessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run();
    return (await run).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`);
  });
  assert.deepEqual(violations, []);
}

describe('assist form and notice page', { skip: cannotRun }, () => {
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  test('a scanned identity card: Enter registers it, the contact is sealed, the form is empty', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/assist#token=assist&code=${server.code}`);
      assert.equal(new URL(page.url()).hash, '');
      await page.locator('#go').waitFor();
      const id = someCnId();
      await page.keyboard.type(`${id}\n`);
      await state(page, '代登记成功');
      const row = [...server.rows.values()][0];
      assert.equal(row?.contact.kind, 'cn-id');
      assert.equal(row?.contact.flags.assisted, true);
      assert.equal(row?.tagVerified, true);
      assert.equal(await page.locator('#value').inputValue(), '');
      assert.equal((await kept(page)).includes(id), false);
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'value');
    }));

  test('offline: kept under a key no script can read, finished with the true minute when online', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/assist#token=assist&code=${server.code}`);
      await page.locator('#go').waitFor();
      await page.route(/\/assist$/, (route) =>
        route.request().method() === 'POST' ? route.abort() : route.continue(),
      );
      const phone = somePhone();
      await page.locator('#value').fill(phone);
      await page.locator('#more').click();
      await page.keyboard.press('Tab');
      await page.locator('#go').click();
      await state(page, '已离线保存');
      await page.locator('#waiting', { hasText: '1' }).waitFor();
      assert.equal((await kept(page)).includes(phone), false);
      await page.unroute(/\/assist$/);
      await page.evaluate(() => dispatchEvent(new Event('online')));
      await page.locator('#waiting').waitFor({ state: 'hidden' });
      const row = [...server.rows.values()][0];
      assert.equal(row?.contact.subject, BigInt(`86${phone}`));
      assert.equal(row?.record.w.party, 1);
      assert.equal(row?.tagVerified, true);
    }));

  test('nobody without papers is turned away: a name is enough; a wrong number is not', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/assist#token=assist&code=${server.code}`);
      await page.locator('#value').fill('12345');
      await page.locator('#go').click();
      await page.locator('#problem', { hasText: '手机号不正确' }).waitFor();
      await page.locator('#kinds button', { hasText: '无证件' }).click();
      await page.locator('#value').fill('');
      await page.locator('#go').click();
      await page.locator('#problem', { hasText: '请填写称呼' }).waitFor();
      await page.locator('#name').fill('王师傅');
      await page.locator('#go').click();
      await state(page, '代登记成功');
      assert.equal([...server.rows.values()][0]?.contact.name, '王师傅');
    }));

  test('an expired permission says so; without one the form stays shut', () =>
    withPage(async (page, server, context) => {
      await page.goto(`${server.url}/assist#token=old&code=${server.code}`);
      await page.locator('#value').fill(somePhone());
      await page.locator('#go').click();
      await page.locator('#problem', { hasText: '授权已过期' }).waitFor();
      const other = await openPage(context);
      await other.goto(`${server.url}/assist`);
      await other.locator('#unusable').waitFor();
      assert.equal(await other.locator('#entry').isVisible(), false);
    }));

  test('a notice opens with the key of its link, sends receipts, and with a wrong key stays shut', () =>
    withPage(async (page, server, context) => {
      const at = Date.UTC(2026, 10, 18, 0, 2);
      const url = await server.notice({
        authority: { zh: '深圳市卫健委', en: 'Shenzhen Health Commission' },
        phone: '12320',
        checkCode: 'K7Q2',
        issuedMs: at,
        zone: 'Asia/Shanghai',
        rides: [
          {
            fromMs: at,
            toMs: at + 45 * 60_000,
            line: { zh: 'M133路', en: 'M133' },
            plate: '粤B12345D',
            label: { zh: 'x', en: 'x' },
          },
        ],
        advice: [{ zh: '监测体温', en: 'Watch your temperature' }],
      });
      await page.goto(url);
      await page.locator('#rides', { hasText: '11月18日 08:02–08:47' }).waitFor();
      assert.equal(new URL(page.url()).hash, '');
      assert.equal(await page.locator('#checkCode').textContent(), 'K7Q2');
      await accessible(page);
      await page.locator('#known').click();
      await page.locator('#receipt', { hasText: '已收到' }).waitFor();
      assert.deepEqual(server.receipts, ['seen', 'acknowledged']);
      await page.reload();
      await page.locator('#checkCode', { hasText: 'K7Q2' }).waitFor();
      const other = await openPage(context);
      await other.goto(`${url.slice(0, -4)}AAAA`);
      await other.locator('#problem', { hasText: '链接不完整' }).waitFor();
    }));

  test('no violations of accessibility rules on the first form, the code, the card and the assist form', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await page.locator('#busPlate').waitFor();
      await accessible(page);
      await page.locator('#phone').fill(somePhone());
      await page.locator('#agree').check();
      await page.locator('#go').click();
      await page.locator('#otp').waitFor();
      await accessible(page);
      await page.locator('#otp').fill(GOOD_OTP);
      await page.locator('#alight').waitFor();
      await accessible(page);
      await page.locator('#records').click();
      await page.locator('#view li').first().waitFor();
      await accessible(page);
      await page.goto(`${server.url}/assist#token=assist&code=${server.code}`);
      await page.locator('#go').waitFor();
      await accessible(page);
    }));
});
