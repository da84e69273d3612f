// Contacts leave in a file as a tracer and an approver make it happen: asked for with a reason, signed by both, taken, and told
// in the public log; on a wide screen, on a phone, in both languages.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPhone } from '@tongche/simulator';
import { checkAccessible } from '../kit/accessible.ts';
import { launchBrowser, withoutBrowser } from '../kit/browser.ts';
import { addPasskey, openDesk } from '../kit/desk.ts';
import type { Desk } from '../kit/desk.ts';
import { startLivingCity } from '../kit/living-city.ts';
import type { LivingCity } from '../kit/living-city.ts';
import { makePeople } from '../kit/people.ts';

const skip = withoutBrowser();
const people = makePeople(3, 'exports-page');
let city: LivingCity;
let browser: Browser;
let tracer: Desk;
let approver: Desk;
let caseUrl = '';

/** The panel of exports, and the newest of them. */
const panel = (page: Page) => page.getByRole('region', { name: '移交文件' });
const newest = (page: Page) => panel(page).locator('.export').first();

async function ask(page: Page, format: string, reason: string): Promise<void> {
  await panel(page).getByRole('button', { name: '新建导出' }).click();
  await panel(page).getByLabel('格式').selectOption(format);
  await panel(page).getByLabel('范围').selectOption('all');
  await panel(page).getByLabel('事由与接收方').fill(reason);
  await panel(page).getByRole('button', { name: '申请签署' }).click();
  await newest(page).getByText(reason).waitFor();
}

async function take(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    newest(page).getByRole('button', { name: button }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

before(async () => {
  if (skip !== false) return;
  city = await startLivingCity();
  browser = await launchBrowser();
  for (const person of people) {
    const phone = openPhone(city.world, { digits: person.digits, name: person.name });
    await phone.enrol();
    await phone.scan({ code: city.bus.bytes, boardedMs: Date.now() });
  }
  tracer = await openDesk(browser, city, 'tracer');
  approver = await openDesk(browser, city, 'approver');
  for (const { page } of [tracer, approver]) await addPasskey(page, city);
  const { page } = tracer;
  await page.goto(`${city.urls.casework}/#/cases`);
  await page.getByRole('button', { name: '新建病例' }).click();
  await page.getByLabel('病例编号', { exact: true }).fill('=HJ-2026-9');
  await page.getByRole('textbox', { name: '病例本人登记的号码或证件' }).fill(`+${people[0]?.digits ?? ''}`);
  await page.getByRole('button', { name: '保存病例' }).click();
  await page.getByRole('button', { name: '申请调查令' }).click();
  await page.getByRole('button', { name: '用通行密钥签署' }).click();
  await page.getByText('您的角色已签署').waitFor();
  caseUrl = page.url();
  await approver.page.goto(caseUrl);
  await approver.page.getByRole('button', { name: '用通行密钥签署' }).click();
  await approver.page.locator('.rows .row').first().waitFor();
});
after(async () => {
  await browser?.close();
  await city?.remove();
});

test('two signatures make a register that both may take, with every digit in it', { skip }, async () => {
  const { page } = tracer;
  await ask(page, 'register-utf8', '移交演示区疾控中心');
  await newest(page).getByRole('button', { name: '用通行密钥签署' }).click();
  await newest(page).getByText('您的角色已签署').waitFor();
  assert.equal(await newest(page).getByRole('button').count(), 0, 'one signature opens nothing');
  assert.deepEqual(await checkAccessible(page), []);

  await newest(approver.page).getByText('移交演示区疾控中心').waitFor();
  await newest(approver.page).getByRole('button', { name: '用通行密钥签署' }).click();
  const { name, bytes } = await take(approver.page, '登记表');
  assert.match(name, /^tongche-HJ-2026-9-register-\d{8}\.csv$/);
  const text = bytes.toString('utf8');
  assert.ok(text.startsWith('\ufeff序号,姓名,'), text.slice(0, 40));
  for (const person of people.slice(1)) assert.ok(text.includes(`'${person.digits.slice(2)}`), text);
  assert.ok(!text.includes(people[0]?.digits.slice(2) ?? ''), 'the case is in its own list');
  assert.doesNotMatch(text, /(^|[,"])=/m);
  await newest(page).getByText('已取 1 次').waitFor();
  assert.equal((await take(page, '登记表')).bytes.equals(bytes), true);

  await page.goto(`${city.urls.casework}/#/log`);
  await page.getByRole('cell', { name: 'exported' }).nth(1).waitFor();
  const log = await page.locator('main').innerText();
  for (const secret of [...people.map(({ digits }) => digits.slice(2)), '移交演示区', 'HJ-2026-9'])
    assert.ok(!log.includes(secret), secret);
  await page.goto(caseUrl);
});

test('older office programs get GB 18030, SORMAS two tables', { skip }, async () => {
  for (const [format, parts] of [
    ['register-gb18030', ['登记表']],
    ['sormas', ['接触者', '暴露经历']],
  ] as const) {
    await ask(tracer.page, format, `核对 ${format}`);
    for (const { page } of [tracer, approver]) {
      await newest(page).getByText(`核对 ${format}`).waitFor();
      await newest(page).getByRole('button', { name: '用通行密钥签署' }).click();
    }
    for (const part of parts) {
      const { bytes } = await take(approver.page, part);
      const text = new TextDecoder(format === 'sormas' ? 'utf-8' : 'gb18030', { fatal: true }).decode(bytes);
      const word = { 登记表: '公交车同乘', 接触者: 'ride registration', 暴露经历: 'LOCAL_PUBLIC_TRANSPORT' }[part];
      assert.ok(text.includes(word), text.slice(0, 400));
      assert.equal(text.trim().split('\r\n').length, people.length, `${part}: a header and ${people.length - 1} rows`);
    }
  }
});

test('a reason of three letters asks for nothing, and a phone shows all of it in English', { skip }, async () => {
  const { context, page } = await openDesk(browser, city, 'approver', {
    viewport: { width: 390, height: 844 },
    colorScheme: 'dark',
  });
  await page.getByRole('button', { name: 'English' }).click();
  await page.goto(caseUrl);
  const region = page.getByRole('region', { name: 'Hand-over files' });
  await region.getByRole('button', { name: 'New export' }).click();
  await region.getByLabel('Reason').fill('abc');
  assert.equal(await region.getByRole('button', { name: 'Ask for signatures' }).isDisabled(), true);
  const box = await region.boundingBox();
  assert.ok(box !== null && box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box));
  const cut = await region.evaluate((node) =>
    [...node.querySelectorAll('*')]
      .filter((each) => each.getBoundingClientRect().right > 391)
      .map((each) => each.outerHTML),
  );
  assert.deepEqual(cut, []);
  assert.deepEqual(await checkAccessible(page), []);
  await context.close();
});
