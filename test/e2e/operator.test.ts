// The operator's console on the real platform: a fleet file with a fault is mended and taken in, codes are issued and printed,
// the new code registers a rider, the overview shows it, and a week later the stickers nobody scans are named.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DAY_MS, decodeCode, unwrap } from '@tongche/protocol';
import { openPhone } from '@tongche/simulator';
import { checkAccessible } from '../kit/accessible.ts';
import { launchBrowser, withoutBrowser } from '../kit/browser.ts';
import { coarseClock, START_MS, startCity } from '../kit/city.ts';
import type { City } from '../kit/city.ts';
import { makePeople } from '../kit/people.ts';

const skip = withoutBrowser();
const people = makePeople(2, 'operator-page');
const pages = join(import.meta.dirname, '../../apps/operator/dist');
const hourMs = 3_600_000;
const newPlate = '粤B88888D';
let city: City;
let browser: Browser;
let page: Page;

async function signIn(): Promise<void> {
  await page.goto(`${city.urls.platform}/operator/`);
  const account = city.accounts.platform.find(({ role }) => role === 'admin');
  assert.ok(account);
  await page.getByLabel('账号').fill(account.account);
  await page.getByLabel('密码').fill(account.password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByRole('heading', { name: '概览' }).waitFor();
}

async function open(hash: string): Promise<void> {
  await page.goto(`${city.urls.platform}/operator/${hash}`);
}

/** Figure of the overview by its name. */
async function figure(name: string): Promise<number> {
  const text = await page.locator('.figures > div', { hasText: name }).locator('dd').first().innerText();
  return Number(text.replaceAll(',', ''));
}

before(async () => {
  if (skip !== false) return;
  city = await startCity({
    // Jobs that poll run twice a day: nine days pass in seconds.
    clock: coarseClock(START_MS, 12 * hourMs),
    adjust: {
      platform: (config) => ({ ...config, operatorPages: pages }),
      registrar: (config) => ({ ...config, relay: { minDelayMs: hourMs, maxDelayMs: 2 * hourMs, tickMs: hourMs } }),
    },
  });
  browser = await launchBrowser();
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1366, height: 768 } });
  page = await context.newPage();
  await signIn();
});
after(async () => {
  await browser?.close();
  await city?.remove();
});

async function chooseFleet(rows: readonly string[]): Promise<void> {
  const name = '车辆.csv';
  const buffer = Buffer.from(`${rows.join('\r\n')}\r\n`);
  await page.setInputFiles('input[type=file]', { name, mimeType: 'text/csv', buffer });
  assert.equal(await page.getByLabel('内容').inputValue(), 'fleet');
  await page.getByRole('button', { name: '检查文件' }).click();
}

test('a fleet file with a fault is mended and taken in', { skip }, async () => {
  const csv = await page.evaluate(async () => (await fetch('/operator/api/exports/fleet?format=csv')).text());
  const rows = csv.replace('\uFEFF', '').trimEnd().split(/\r?\n/);
  const header = rows[0]?.split(',') ?? [];
  const row = (fields: Readonly<Record<string, string>>): string =>
    header.map((column) => fields[column] ?? '').join(',');
  const fresh = { unit_id: 'bus-new', kind: 'bus', capacity: '80', label_zh: '新车', label_en: 'New bus' };
  const { length } = rows;

  await open('#/imports');
  await chooseFleet([...rows, row({ ...fresh, plate: '不是车牌' })]);
  const error = page.locator('.errors tbody tr');
  await error.first().waitFor({ timeout: 60_000 });
  assert.equal(await error.count(), 1);
  const cells = await error.locator('td').allInnerTexts();
  assert.deepEqual(cells.slice(1), [String(length + 1), 'plate', '车牌格式不正确']);
  assert.equal(await page.getByRole('button', { name: '全部导入' }).count(), 0);
  assert.deepEqual(await checkAccessible(page), []);
  const badRows = page.waitForEvent('download');
  await page.getByRole('link', { name: '下载有错的行' }).click();
  await badRows;

  await chooseFleet([...rows, row({ ...fresh, plate: newPlate })]);
  await page.getByText('没有发现错误。').waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: '全部导入' }).click();
  await page.locator('.report').getByText('已导入').first().waitFor({ timeout: 60_000 });
});

test('codes are issued and printed for it, and one of them registers a rider', { skip }, async () => {
  await open('#/vehicles?q=88888&open=bus-new');
  const drawer = page.locator('.drawer');
  await drawer.getByText('粤B·88888D').first().waitFor();
  await drawer.getByRole('button', { name: '发码' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '发码' }).click();
  await page.getByText('已生成 3 张贴码').waitFor();
  await page.getByRole('button', { name: '生成 PDF' }).click();
  const link = page.getByRole('link', { name: '下载', exact: true });
  await link.waitFor({ timeout: 60_000 });
  const href = await link.getAttribute('href');
  const head = await page.evaluate(async (url) => (await (await fetch(url)).text()).slice(0, 5), href ?? '');
  assert.equal(head, '%PDF-');
  await page.getByRole('dialog').getByRole('button', { name: '关闭' }).click();

  const code = drawer.locator('.cards a').first();
  await code.waitFor();
  assert.equal(await drawer.locator('.cards li').count(), 3);
  assert.equal(await drawer.getByText('新贴').count(), 3);
  const code8 = new URLSearchParams((await code.getAttribute('href'))?.split('?')[1]).get('open') ?? '';

  const [person] = people;
  assert.ok(person);
  const phone = openPhone(city.world, { digits: person.digits });
  await phone.enrol();
  await phone.scan({ code: unwrap(decodeCode(code8)), boardedMs: city.clock.now(), party: 1 });
  await phone.scan({ code: city.codeOf(city.units[0]?.unitId ?? ''), boardedMs: city.clock.now() });

  await open('#/overview');
  await page.locator('.figures').waitFor();
  await city.clock.advance(3 * 60_000);
  await page.getByRole('button', { name: '刷新' }).click();
  await page.locator('.figures dd', { hasText: /^3$/ }).first().waitFor();
  assert.equal(await figure('登记人次'), 3);
  assert.deepEqual(await checkAccessible(page), []);
  await open('#/vehicles?q=88888');
  assert.equal(await page.locator('.spacer .row').first().locator('b').innerText(), '2');
  await page.getByRole('link', { name: '粤B·88888D' }).click();
  await drawer.getByText('在用').waitFor();
});

test('a week later the stickers that nobody scanned are named, with their vehicles', { skip }, async () => {
  for (let day = 0; day < 9; day += 1) await city.clock.advance(DAY_MS);
  await signIn();
  await page.locator('.figures').waitFor();
  const dead = await figure('失效贴码');
  assert.ok(dead > 0);
  await page.getByRole('link', { name: /贴码一周无人扫/ }).click();
  await page.locator('.spacer .row').first().waitFor();
  assert.match(await page.locator('.spacer .row').first().innerText(), /失效贴码/);
  await open('#/codes?state=dead');
  await page.getByText(`已载入 50 / ${dead}`).waitFor();

  await open('#/retention');
  await page.locator('.calendar li').nth(27).waitFor();
  await page.getByText('准入密钥已销毁').first().waitFor();
  assert.equal(await page.locator('.columns table').last().locator('tbody tr').count(), 10, 'a roll a day');
  assert.deepEqual(await checkAccessible(page), []);
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Destruction' }).waitFor();
  assert.deepEqual(await checkAccessible(page), []);
});
