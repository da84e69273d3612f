// The assist form as staff open it, on the real city: riders without a phone, with and without a network.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { dayOf, dayStartMs } from '@tongche/protocol';
import { checkAccessible } from '../kit/accessible.ts';
import { launchBrowser, withoutBrowser } from '../kit/browser.ts';
import { startLivingCity } from '../kit/living-city.ts';
import type { LivingCity } from '../kit/living-city.ts';
import { makePeople } from '../kit/people.ts';
import type { Person } from '../kit/people.ts';
import { busesOf, eventually, platformRows, state, until } from '../kit/rider.ts';
import type { PlatformRows } from '../kit/rider.ts';

const skip = withoutBrowser();
const minuteMs = 60_000;
const zone = 'Asia/Shanghai';
/** Bit of the ride's flags: entered through the assist form. */
const ASSISTED = 16;
const people = makePeople(12, 'assist-form').values();
let city: LivingCity;
let browser: Browser;
let rows: PlatformRows;
let vehicles = 0;

const somebody = (): Person => people.next().value ?? assert.fail('too few people');

before(async () => {
  if (skip !== false) return;
  city = await startLivingCity();
  browser = await launchBrowser();
  rows = platformRows(city);
});
after(async () => {
  await rows?.db.end();
  await browser?.close();
  await city?.remove();
});

/** A station attendant with a vehicle, and the form opened from the staff page. */
async function openForm(): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    locale: 'zh-CN',
    timezoneId: zone,
    viewport: { width: 390, height: 844 },
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${city.urls.platform}/staff/`);
  const account = city.accounts.platform.find((one) => one.role === 'station') ?? assert.fail();
  await page.getByLabel('工号').fill(account.account);
  await page.getByLabel('密码').fill(account.password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  vehicles += 1;
  const vehicle = (await busesOf(city, vehicles)).at(-1) ?? assert.fail();
  const handBack = page.getByRole('button', { name: '交还车辆' });
  await page.getByLabel('车辆编号').or(handBack).first().waitFor();
  if ((await handBack.count()) > 0) {
    await handBack.click();
    await page.getByRole('button', { name: '再按一次结束' }).click();
    await page.getByRole('button', { name: '知道了' }).click();
  }
  await page.getByLabel('车辆编号').fill(vehicle.shortCode);
  await page.getByRole('button', { name: '绑定', exact: true }).click();
  await page.getByText('在线 · 实时').waitFor();
  assert.equal(await page.locator('.heads').innerText(), '0');
  await page.getByRole('button', { name: '代乘客登记' }).click();
  await page.locator('#go').waitFor();
  return { context, page };
}

interface Newest {
  readonly w2: number;
  readonly flags: number;
}
async function newest(count: number): Promise<readonly Newest[]> {
  const found = await rows.db.query<Newest>(
    'select w2, flags from ride order by received_s desc, ride_id desc limit $1',
    [count],
  );
  return [...found];
}
const partyOf = ({ w2 }: Newest): number => (w2 >> 11) & 7;
const minuteOf = ({ w2 }: Newest): number => w2 & 0x7ff;
const isQueued = ({ w2 }: Newest): boolean => (w2 >> 14) % 2 === 1;

async function next(page: Page): Promise<void> {
  await state(page, '代登记成功');
  for (const id of ['value', 'reach', 'name']) assert.equal(await page.locator(`#${id}`).inputValue(), '');
}

/** Everything the page's origin keeps on the phone, as text in which any of its bytes would be found. */
function kept(page: Page): Promise<string> {
  return page.evaluate<string>(`(async () => {
    const seen = [{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state];
    for (const { name } of await indexedDB.databases()) {
      const open = indexedDB.open(name);
      await new Promise((resolve) => { open.onsuccess = resolve; });
      for (const store of open.result.objectStoreNames) {
        const all = open.result.transaction(store).objectStore(store).getAll();
        await new Promise((resolve) => { all.onsuccess = resolve; });
        seen.push(all.result);
      }
      open.result.close();
    }
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) seen.push(request.url);
    }
    const latin1 = new TextDecoder('latin1');
    return JSON.stringify(seen, (_, value) =>
      value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? latin1.decode(value) : value);
  })()`);
}

test('a document and a number, either alone, or neither: each counts, none is kept', { skip }, async () => {
  const { context, page } = await openForm();
  assert.equal(new URL(page.url()).hash, '', 'the permission leaves the address bar');
  assert.deepEqual(await checkAccessible(page), []);
  const requests: string[] = [];
  page.on('request', (request) => requests.push(`${request.url()} ${request.postData() ?? ''}`));
  const [both, number, document, passport, nobody] = Array.from({ length: 5 }, somebody);
  if (!both || !number || !document || !passport || !nobody) throw new Error('too few people');

  const kind = (name: string) => page.getByRole('radio', { name });
  await kind('身份证').click();
  await page.locator('#value').fill(both.idNumber);
  await page.locator('#reach').fill(both.digits.slice(2));
  await page.locator('#name').fill(both.name);
  await page.locator('#more').click();
  await page.locator('#more').click();
  await page.locator('#go').click();
  await next(page);
  assert.match(await page.locator('#checkText').innerText(), /^[2-9A-Z]{2}$/);
  const [first] = await newest(1);
  assert.ok(first);
  assert.equal(partyOf(first), 2);
  assert.equal(first.flags & ASSISTED, ASSISTED);

  // A scanner types the document wherever the cursor is, and ends with Enter.
  await page.locator('h1').click();
  await page.keyboard.type(document.idNumber, { delay: 1 });
  await page.keyboard.press('Enter');
  await eventually('the second row', async () => (await rows.total()) === 2);
  await next(page);
  await page.locator('#value').fill(number.digits.slice(2));
  await page.keyboard.press('Enter');
  await eventually('the third row', async () => (await rows.total()) === 3);
  await kind('护照').click();
  await page.locator('#value').fill(passport.passport);
  await page.keyboard.press('Enter');
  await eventually('the fourth row', async () => (await rows.total()) === 4);
  await next(page);
  await kind('无证件').click();
  await page.locator('#go').click();
  await page.locator('#problem', { hasText: '请填写称呼' }).waitFor();
  await page.locator('#name').fill(nobody.name);
  await page.locator('#go').click();
  await eventually('the fifth row', async () => (await rows.total()) === 5);
  await next(page);

  // The number goes to the registrar to be derived, and to the operator only sealed.
  const toPlatform = requests.filter((request) => request.startsWith(city.urls.platform)).join('\n');
  const left = await kept(page);
  for (const person of [both, number, document, passport, nobody]) {
    for (const needle of [person.idNumber, person.digits.slice(2), person.passport, person.name]) {
      assert.equal(toPlatform.includes(needle), false);
      assert.equal(left.includes(needle), false);
    }
  }
  await page.locator('#back').click();
  await page.locator('.heads', { hasText: '7' }).waitFor();
  assert.equal((await page.getByText('代登记').count()) > 0, true);
  await context.close();
});

test('what cannot be is refused in words, and the entry stays for correction', { skip }, async () => {
  const { context, page } = await openForm();
  const before = await rows.total();
  const person = somebody();
  await page.locator('#value').fill('12345');
  await page.locator('#go').click();
  await page.locator('#problem', { hasText: '手机号不正确' }).waitFor();
  await page.getByRole('radio', { name: '身份证' }).click();
  const wrong = `${person.idNumber.slice(0, -1)}${person.idNumber.endsWith('1') ? '2' : '1'}`;
  await page.locator('#value').fill(wrong);
  await page.locator('#go').click();
  await page.locator('#problem', { hasText: '身份证号不正确' }).waitFor();
  assert.equal(await page.locator('#value').inputValue(), wrong);
  await page.locator('#value').fill(person.idNumber);
  await page.locator('#reach').fill('99');
  await page.locator('#go').click();
  await page.locator('#problem', { hasText: '手机号不正确' }).waitFor();
  assert.equal(await rows.total(), before);
  await page.goto(`${city.urls.registrar}/assist#token=not.one&code=${city.bus.code}`);
  await page.reload();
  await page.locator('#value').fill(person.digits.slice(2));
  await page.locator('#go').click();
  await page.locator('#problem', { hasText: '授权已过期' }).waitFor();
  await page.goto('about:blank');
  await page.goto(`${city.urls.registrar}/assist`);
  await page.locator('#unusable', { hasText: '请从司机页面打开' }).waitFor();
  assert.equal(await page.locator('#entry').isVisible(), false);
  assert.equal(await rows.total(), before);
  await context.close();
});

test('without a network: encrypted, nothing readable, finished later with the true minute', { skip }, async () => {
  const { context, page } = await openForm();
  const before = await rows.total();
  await until(page, `caches.match('/assist').then((found) => found !== undefined)`);
  await page.locator('#back').click();
  await page.getByText('在线 · 实时').waitFor();
  await context.setOffline(true);
  // The form also opens without a network, with the permission of before.
  await page.getByRole('button', { name: '代乘客登记' }).click();
  await page.locator('#go').waitFor();
  const behindMs = 5 * minuteMs;
  await page.evaluate(`{ const now = Date.now; Date.now = () => now() - ${behindMs}; }`);
  const boardedMs = Date.now() - behindMs;
  const [withDocument, withNumber] = [somebody(), somebody()];
  await page.getByRole('radio', { name: '身份证' }).click();
  await page.locator('#value').fill(withDocument.idNumber);
  await page.locator('#reach').fill(withDocument.digits.slice(2));
  await page.locator('#name').fill(withDocument.name);
  await page.locator('#more').click();
  await page.locator('#go').click();
  await state(page, '已离线保存');
  await page.locator('#value').fill(withNumber.digits.slice(2));
  await page.keyboard.press('Enter');
  await page.locator('#waiting', { hasText: '2' }).waitFor();
  assert.deepEqual(await checkAccessible(page), []);
  const needles = [withDocument, withNumber].flatMap(({ idNumber, digits, name }) => [idNumber, digits.slice(2), name]);
  const unreadable = async (): Promise<void> => {
    const left = await kept(page);
    for (const needle of needles) assert.equal(left.includes(needle), false, 'nothing readable is kept');
  };
  await unreadable();
  await page.reload();
  await page.locator('#waiting', { hasText: '2' }).waitFor();
  await unreadable();
  assert.equal(await rows.total(), before);

  await context.setOffline(false);
  await page.locator('#waiting').waitFor({ state: 'hidden' });
  assert.equal(await rows.total(), before + 2);
  await unreadable();
  const made = await newest(2);
  assert.deepEqual(
    made.map(partyOf).toSorted((a, b) => a - b),
    [0, 1],
  );
  const minute = Math.floor((boardedMs - dayStartMs(dayOf(boardedMs, zone), zone)) / minuteMs);
  for (const row of made) {
    assert.ok(Math.abs(minuteOf(row) - minute) <= 1, 'the minute of boarding, not of sending');
    assert.ok(isQueued(row));
    assert.equal(row.flags & ASSISTED, ASSISTED);
  }
  await context.close();
});

test('two tabs with one queue send each entry once', { skip }, async () => {
  const { context, page } = await openForm();
  const before = await rows.total();
  await until(page, `caches.match('/assist').then((found) => found !== undefined)`);
  await context.setOffline(true);
  await page.locator('#value').fill(somebody().digits.slice(2));
  await page.keyboard.press('Enter');
  await page.locator('#waiting', { hasText: '1' }).waitFor();
  const fragment = await page.evaluate<string>('history.state.given');
  const other = await context.newPage();
  await other.goto(`${city.urls.registrar}/assist#${fragment}`);
  await other.locator('#waiting', { hasText: '1' }).waitFor();
  await context.setOffline(false);
  await page.locator('#waiting').waitFor({ state: 'hidden' });
  await other.locator('#waiting').waitFor({ state: 'hidden', timeout: 30_000 });
  assert.equal(await rows.total(), before + 1);
  await page.locator('#back').click();
  await page.locator('.heads', { hasText: '1' }).waitFor();
  await context.close();
});
