// The casework console as a tracer and an approver use it: real passkey ceremonies with two virtual authenticators, a case from
// its form to delivered messages, and what each of them may not do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { openPhone } from '@tongche/simulator';
import type { Phone } from '@tongche/simulator';
import { launchBrowser, withoutBrowser } from '../kit/browser.ts';
import { checkAccessible } from '../kit/accessible.ts';
import { addPasskey, openDesk } from '../kit/desk.ts';
import { startLivingCity } from '../kit/living-city.ts';
import type { LivingCity } from '../kit/living-city.ts';
import { makePeople } from '../kit/people.ts';

const skip = withoutBrowser();
const people = makePeople(4, 'casework-page');
let city: LivingCity;
let browser: Browser;
let phones: Phone[];

before(async () => {
  if (skip !== false) return;
  city = await startLivingCity();
  browser = await launchBrowser();
  phones = people.map((person) => openPhone(city.world, { digits: person.digits, name: person.name }));
  for (const phone of phones) {
    await phone.enrol();
    await phone.scan({ code: city.bus.bytes, boardedMs: Date.now() });
  }
});
after(async () => {
  await browser?.close();
  await city?.remove();
});

test('a case goes from its form to delivered messages with two real passkeys', { skip }, async () => {
  const tracer = await openDesk(browser, city, 'tracer');
  const approver = await openDesk(browser, city, 'approver');
  await addPasskey(tracer.page, city);
  await addPasskey(approver.page, city);

  await tracer.page.goto(`${city.urls.casework}/#/cases`);
  await tracer.page.getByRole('button', { name: '新建病例' }).click();
  await tracer.page.getByLabel('病例编号', { exact: true }).fill('HJ-2026-001');
  await tracer.page.getByRole('textbox', { name: '病例本人登记的号码或证件' }).fill(`+${people[0]?.digits ?? ''}`);
  await tracer.page.getByRole('button', { name: '保存病例' }).click();
  await tracer.page.getByRole('heading', { name: '病例 HJ-2026-001' }).waitFor();
  await tracer.page.getByRole('button', { name: '申请调查令' }).click();
  await tracer.page.getByRole('button', { name: '用通行密钥签署' }).click();
  await tracer.page.getByText('您的角色已签署').waitFor();

  await approver.page.goto(tracer.page.url());
  await approver.page.getByRole('button', { name: '用通行密钥签署' }).click();
  await approver.page.getByRole('grid').waitFor();
  const rows = approver.page.locator('.rows .row');
  await rows.first().waitFor();
  assert.equal(await rows.count(), people.length - 1);
  const text = await approver.page.locator('main').innerText();
  for (const person of people) assert.ok(!text.includes(person.digits.slice(2)), 'a full number is on the page');
  assert.match(text, /同车|同班次|同乘/);
  assert.deepEqual(await checkAccessible(approver.page), []);

  await approver.page.keyboard.press('a');
  await approver.page.keyboard.press('n');
  await approver.page.getByRole('button', { name: '审批并发送', exact: true }).click();
  await approver.page.getByText(/已排队 3 条/).waitFor();
  await approver.page.getByText('已送达').nth(3).waitFor({ timeout: 20_000 });
  for (const person of people.slice(1)) {
    const got = city.sink
      .messages()
      .filter((message) => message.to === person.digits && !/\d{6}/.test(message.text.replaceAll(/\/n\/\S+/g, '')));
    assert.equal(got.length, 1, `${got.length} messages for one fellow rider`);
  }
  assert.equal(
    city.sink.messages().filter((message) => message.to === people[0]?.digits).length,
    1,
    'the case got a message',
  );
  await tracer.context.close();
  await approver.context.close();
});

test('a full number is shown for a signature and a reason, and the log says so', { skip }, async () => {
  const { context, page } = await openDesk(browser, city, 'approver');
  await addPasskey(page, city);
  await page.goto(`${city.urls.casework}/#/cases`);
  await page.getByRole('link', { name: 'HJ-2026-001' }).first().click();
  await page.locator('.rows .row button.link').first().click();
  await page.getByLabel('查看事由（写入审计）').fill('电话回访');
  await page.getByRole('button', { name: '查看完整号码', exact: true }).click();
  const shown = await page.locator('.revealed').innerText();
  assert.ok(
    people.slice(1).some((person) => shown.replaceAll(/\D/g, '').includes(person.digits.slice(2))),
    shown,
  );
  await page.goto(`${city.urls.casework}/#/log`);
  await page.getByRole('cell', { name: 'reveal' }).first().waitFor();
  await context.close();
});

test('a tracer cannot approve messages and nobody signs twice', { skip }, async () => {
  const { context, page } = await openDesk(browser, city, 'tracer');
  await page.goto(`${city.urls.casework}/#/cases`);
  await page.getByRole('link', { name: 'HJ-2026-001' }).first().click();
  await page.locator('.rows .row').first().waitFor();
  await page.keyboard.press('x');
  await page.keyboard.press('n');
  await page.getByText('短信由审批人批准发送').waitFor();
  assert.equal(await page.getByRole('button', { name: /审批并发送/ }).count(), 0);
  await context.close();
});

test('the destruction calendar and the log open in English too', { skip }, async () => {
  const { context, page } = await openDesk(browser, city, 'tracer');
  await page.getByRole('button', { name: 'English' }).click();
  await page.goto(`${city.urls.casework}/#/keys`);
  await page.getByRole('heading', { name: 'Destruction' }).waitFor();
  await page.locator('.calendar li').nth(8).waitFor();
  assert.deepEqual(await checkAccessible(page), []);
  await context.close();
});
