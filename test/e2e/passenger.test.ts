// The passenger's page on the real city: real processes, the built page, codes typed from the messages that were sent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { secondsOf, timeIn } from '../kit/clock-text.ts';
import { checkAccessible } from '../kit/accessible.ts';
import { launchBrowser, withoutBrowser } from '../kit/browser.ts';
import { startLivingCity } from '../kit/living-city.ts';
import type { LivingCity } from '../kit/living-city.ts';
import { makePeople } from '../kit/people.ts';
import {
  busesOf,
  changeMe,
  clearStorage,
  enrol,
  openPhonePage,
  platformRows,
  registeredPhone,
  ridesOn,
  state,
  until,
} from '../kit/rider.ts';
import type { PlatformRows, Vehicle } from '../kit/rider.ts';

const skip = withoutBrowser();
const hourMs = 3_600_000;
const people = makePeople(24, 'passenger-page').values();
let city: LivingCity;
let browser: Browser;
let rows: PlatformRows;
let first: Vehicle;
let second: Vehicle;
let third: Vehicle;

const nobody = (): never => assert.fail('the city has too few buses or people');
const digitsOfSomebody = (): string => people.next().value?.digits ?? nobody();
const scan = (page: Page, vehicle: Vehicle): Promise<unknown> => page.goto(`${city.urls.registrar}/r/${vehicle.code}`);

const enrolled = () => registeredPhone(city, browser, first, digitsOfSomebody());

before(async () => {
  if (skip !== false) return;
  city = await startLivingCity();
  browser = await launchBrowser();
  rows = platformRows(city);
  const buses = await busesOf(city, 6);
  [first = nobody(), second = nobody(), third = nobody()] = buses;
});
after(async () => {
  await rows?.db.end();
  await browser?.close();
  await city?.remove();
});

test('first scan: one number, one code, and the driver sees the same check', { skip }, async () => {
  const driver = await browser.newContext({ locale: 'zh-CN', viewport: { width: 390, height: 844 } });
  const live = await driver.newPage();
  await live.goto(`${city.urls.platform}/staff/`);
  const account = city.accounts.platform.find((one) => one.role === 'driver') ?? nobody();
  await live.getByLabel('工号').fill(account.account);
  await live.getByLabel('密码').fill(account.password);
  await live.getByRole('button', { name: '登录', exact: true }).click();
  await live.getByLabel('车辆编号').fill(first.shortCode);
  await live.getByRole('button', { name: '绑定', exact: true }).click();
  await live.getByText('在线 · 实时').waitFor();

  const { context, page } = await openPhonePage(browser);
  const digits = digitsOfSomebody();
  await scan(page, first);
  await page.locator('#phone').waitFor();
  assert.equal(new URL(page.url()).pathname, '/', 'the code leaves the address bar');
  await page.locator('#busPlate', { hasText: first.plate.slice(-5) }).waitFor();
  assert.deepEqual(await checkAccessible(page), []);
  assert.equal(await page.locator('#agree').isChecked(), false, 'consent is never ticked before');
  await page.locator('#phone').fill(digits.slice(2));
  await page.locator('#go').click();
  await page.locator('#problem', { hasText: '请先阅读' }).waitFor();
  assert.equal(
    city.sink.messages().some((message) => message.to === digits),
    false,
  );

  await page.locator('#agree').check();
  await page.locator('#go').click();
  const masked = `${digits.slice(2, 5)}****${digits.slice(-4)}`;
  await page.locator('#sent', { hasText: masked }).waitFor();
  assert.equal(
    await page
      .locator('main')
      .innerText()
      .then((text) => text.includes(digits.slice(2))),
    false,
  );
  await page.locator('#otp').fill('000000');
  await page.locator('#problem', { hasText: '验证码不正确' }).waitFor();
  await page.locator('#otp').fill(await city.otpOf(digits));
  await state(page, '登记成功');

  assert.match(await page.locator('#plate').innerText(), new RegExp(first.plate.slice(-5)));
  assert.notEqual(await page.locator('#line').innerText(), '');
  assert.match(await page.locator('#clock').innerText(), /^\d\d:\d\d:\d\d$/);
  await page.locator('#masked', { hasText: masked }).waitFor();
  const [ride] = await ridesOn(page);
  assert.equal(await page.locator('#boardTime').innerText(), timeIn(ride?.boardedMs ?? 0));
  assert.equal((await rows.rides(ride?.tag ?? null)).length, 1);
  const check = await page.locator('#checkText').innerText();
  assert.equal(check, ride?.check?.text);
  await live.locator('.list .check', { hasText: check }).waitFor();
  assert.deepEqual(await checkAccessible(page), []);
  await context.close();
  await driver.close();
});

test('every later scan needs no tap; the same vehicle within half an hour sends nothing', { skip }, async () => {
  const { context, page } = await enrolled();
  const messages = city.sink.messages().length;
  const before = await rows.total();
  await scan(page, first);
  await state(page, '已登记，无需重复');
  await page.locator('#stateMore', { hasText: '登记' }).waitFor();
  assert.equal(await rows.total(), before);
  await scan(page, second);
  await state(page, '登记成功');
  assert.equal(await rows.total(), before + 1);
  assert.match(await page.locator('#plate').innerText(), new RegExp(second.plate.slice(-5)));
  await page.reload();
  await state(page, '已登记');
  assert.equal(await rows.total(), before + 1);
  assert.equal(city.sink.messages().length, messages);
  await context.close();
});

test('offline: amber with its check, and sent by itself with the true minute', { skip }, async () => {
  const { context, page } = await enrolled();
  await until(page, `caches.match('/').then((kept) => kept !== undefined)`);
  await until(page, 'navigator.serviceWorker.controller !== null');
  await context.setOffline(true);
  await scan(page, second);
  await state(page, '已离线登记');
  assert.match((await page.locator('#ride').getAttribute('class')) ?? '', /\boff\b/);
  const check = await page.locator('#checkText').innerText();
  const kept = (await ridesOn(page)).at(-1);
  assert.equal(kept?.status, 'sealed');
  assert.equal((await rows.rides(kept.tag)).length, 0);
  await context.setOffline(false);
  await state(page, '登记成功');
  assert.equal(await page.locator('#checkText').innerText(), check);
  assert.equal((await rows.rides(kept.tag)).length, 1);
  assert.equal((await ridesOn(page)).at(-1)?.boardedMs, kept.boardedMs);
  await context.close();
});

test('an emptied phone with its cookie: no number is asked again', { skip }, async () => {
  const { context, page, digits } = await enrolled();
  const forgotten = (await ridesOn(page)).at(-1)?.tag;
  await clearStorage(page, city.urls.registrar);
  const messages = city.sink.messages().length;
  await scan(page, second);
  await state(page, '登记成功');
  await page.locator('#masked', { hasText: `${digits.slice(2, 5)}****${digits.slice(-4)}` }).waitFor();
  assert.equal(city.sink.messages().length, messages);
  // Who has forgotten which of 32 slots are used draws the same one now and then.
  const tag = (await ridesOn(page)).at(-1)?.tag ?? null;
  assert.equal((await rows.rides(tag)).length, tag === forgotten ? 2 : 1);
  await context.close();
});

test('an expired wallet is refilled within the scan; a worthless ticket ends at one code', { skip }, async () => {
  const { context, page } = await enrolled();
  const expired = `me.bundles = []; me.wallet = { ...me.wallet, days: [] }`;
  await changeMe(page, expired);
  await scan(page, second);
  await state(page, '登记成功');
  await changeMe(page, `${expired}; me.ticket = me.ticket.slice(0, -4) + 'AAAA'`);
  await context.clearCookies();
  await scan(page, third);
  await page.locator('#firstTitle', { hasText: '请再验证一次手机号' }).waitFor();
  assert.equal(await page.locator('#agree').isChecked(), false);
  await enrol(city, page, digitsOfSomebody());
  await state(page, '登记成功');
  assert.equal((await ridesOn(page)).length, 3);
  await context.close();
});

test('an unknown code ends at the vehicle number, a revoked one says so', { skip }, async () => {
  const { context, page } = await enrolled();
  await scan(page, { ...second, code: 'AAAAAAAAAAA' });
  await page.locator('#troubleTitle', { hasText: '无法识别此二维码' }).waitFor();
  await page.locator('#vehicle').fill('2222222');
  await page.locator('#numberForm button').click();
  await page.locator('#numberProblem', { hasText: '没有这个编号' }).waitFor();
  await page.locator('#vehicle').fill(second.shortCode.toLowerCase());
  await page.locator('#numberForm button').click();
  await state(page, '登记成功');
  assert.match(await page.locator('#plate').innerText(), new RegExp(second.plate.slice(-5)));
  assert.equal((await ridesOn(page)).filter(({ code }) => code === 'AAAAAAAAAAA').length, 0);

  const lost = (await busesOf(city, 6)).at(-1) ?? nobody();
  await city.platform.revokeCode(lost.code);
  // Rides of the minute in which a code was revoked still count: this phone's next minute has begun.
  await page.addInitScript('{ const now = Date.now; Date.now = () => now() + 80_000; }');
  await scan(page, lost);
  await page.locator('#troubleTitle', { hasText: '此二维码已停用' }).waitFor();
  await page.locator('#troubleMore', { hasText: '12328' }).waitFor();
  assert.equal(await page.locator('#ride').isVisible(), false);
  // The same for somebody new: nobody types a number for nothing.
  const fresh = await openPhonePage(browser);
  await scan(fresh.page, lost);
  await fresh.page.locator('#troubleTitle', { hasText: '此二维码已停用' }).waitFor();
  await fresh.context.close();
  await context.close();
});

test('a busy server: kept, amber, and sent later by itself', { skip }, async () => {
  const { context, page } = await enrolled();
  let refused = 0;
  await context.route('**/v1/rides', async (route) => {
    refused += 1;
    if (refused > 2) return route.continue();
    const headers = { 'access-control-allow-origin': '*', 'retry-after': '1', 'content-type': 'application/json' };
    const error = { code: 'busy', message: { zh: '系统繁忙', en: 'busy' } };
    return route.fulfill({ status: 503, headers, body: JSON.stringify({ error }) });
  });
  await scan(page, second);
  await state(page, '系统繁忙，已保存');
  const kept = (await ridesOn(page)).at(-1);
  await state(page, '登记成功');
  assert.equal(refused, 3);
  assert.equal((await rows.rides(kept?.tag ?? null)).length, 1);
  await context.close();
});

test('a clock that is an hour off is put right within the scan', { skip }, async () => {
  for (const offMs of [hourMs, -hourMs]) {
    const { context, page } = await enrolled();
    await context.addInitScript(`{ const now = Date.now; Date.now = () => now() + ${offMs}; }`);
    await scan(page, second);
    await state(page, '登记成功');
    const ride = (await ridesOn(page)).at(-1);
    assert.ok(Math.abs((ride?.boardedMs ?? 0) - Date.now()) < 60_000, 'the minute is the true one');
    assert.equal((await rows.rides(ride?.tag ?? null)).length, 1);
    assert.ok(Math.abs(secondsOf(await page.locator('#clock').innerText()) - secondsOf(timeIn(Date.now(), true))) < 30);
    await context.close();
  }
  // And from the first scan on.
  const { context, page } = await openPhonePage(browser);
  await page.addInitScript(`{ const now = Date.now; Date.now = () => now() + ${hourMs}; }`);
  await scan(page, first);
  await enrol(city, page, digitsOfSomebody());
  await state(page, '登记成功');
  const [ride] = await ridesOn(page);
  assert.ok(Math.abs((ride?.boardedMs ?? 0) - Date.now()) < 60_000);
  await context.close();
});

test('newer rules: asked beside the green card, agreed to without a number', { skip }, async () => {
  const { context, page } = await enrolled();
  const messages = city.sink.messages().length;
  let agreed = false;
  await context.route('**/wallet', async (route) => {
    agreed = /"consentVersion":2/.test(route.request().postData() ?? '');
    if (agreed) return route.continue({ postData: (route.request().postData() ?? '').replace(':2}', ':1}') });
    const error = { code: 'consent-outdated', message: { zh: '规则已更新', en: 'changed' } };
    return route.fulfill({ status: 409, json: { error, consentVersion: 2 } });
  });
  // The last two days of a wallet: a refill follows the scan's answer.
  await changeMe(page, 'me.bundles = me.bundles.slice(0, 2)');
  await scan(page, second);
  await state(page, '登记成功');
  await page.locator('#firstTitle', { hasText: '有更新' }).waitFor();
  assert.equal(await page.locator('#phone').isVisible(), false);
  assert.equal(await page.locator('#agree').isChecked(), false);
  await page.locator('#go').click();
  await page.locator('#problem', { hasText: '请先阅读' }).waitFor();
  assert.equal(agreed, false);
  await page.locator('#agree').check();
  await page.locator('#go').click();
  await page.locator('#first').waitFor({ state: 'hidden' });
  assert.ok(agreed);

  // Without a wallet left it is asked within the scan, and the minute is kept.
  await changeMe(page, 'me.bundles = []; me.wallet = { ...me.wallet, days: [] }');
  await scan(page, third);
  await page.locator('#firstTitle', { hasText: '有更新' }).waitFor();
  await page.locator('#agree').check();
  await page.locator('#go').click();
  await state(page, '登记成功');
  assert.equal((await ridesOn(page)).length, 3);
  assert.equal(city.sink.messages().length, messages);
  await context.close();
});

test('after a deployment a page of the old build renews itself and loses nothing', { skip }, async () => {
  const { context, page } = await openPhonePage(browser, { serviceWorkers: 'block' });
  let stale = 1;
  await context.route('**/assets/later-*.js', async (route) => {
    stale -= 1;
    if (stale < 0) return route.continue();
    // What the registrar says to a page that wants the part of another build.
    return route.fulfill({ response: await route.fetch({ url: `${city.urls.registrar}/assets/later-00000000.js` }) });
  });
  await scan(page, first);
  await page.locator('#foreign').waitFor();
  await enrol(city, page, digitsOfSomebody());
  await state(page, '登记成功');
  assert.equal(stale, -1);
  // Renewed a moment ago: not again within a minute, so that a broken deployment does not spin.
  await page.evaluate(`sessionStorage.setItem('tongche-renewed', '0')`);
  stale = 1;
  await scan(page, second);
  await page.locator('#records').waitFor();
  await state(page, '已登记');
  const rides = await ridesOn(page);
  assert.equal(rides.length, 2);
  for (const { tag } of rides) assert.equal((await rows.rides(tag)).length, 1);
  await context.close();
});
