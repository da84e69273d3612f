// What a rider does with a ride that is registered, on the real city: getting off, undo, own rides, deletion, language; and
// the page in a local network without encryption.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readCity } from '@tongche/network/import';
import { dayOf, dayStartMs } from '@tongche/protocol';
import type { Browser, Page } from 'playwright-core';
import { checkAccessible } from '../kit/accessible.ts';
import { launchBrowser, withoutBrowser } from '../kit/browser.ts';
import { changeAt } from '../kit/change.ts';
import { shiftedClock, startLivingCity } from '../kit/living-city.ts';
import type { LivingCity } from '../kit/living-city.ts';
import { makePeople } from '../kit/people.ts';
import {
  busesOf,
  enrol,
  eventually,
  lanFlag,
  lanHost,
  openPhonePage,
  platformRows,
  registeredPhone,
  ridesOn,
  state,
} from '../kit/rider.ts';
import type { PlatformRows, Vehicle } from '../kit/rider.ts';

const skip = withoutBrowser();
const people = makePeople(24, 'passenger-rights').values();
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
  browser = await launchBrowser([lanFlag]);
  rows = platformRows(city);
  const buses = await busesOf(city, 6);
  [first = nobody(), second = nobody(), third = nobody()] = buses;
});
after(async () => {
  await rows?.db.end();
  await browser?.close();
  await city?.remove();
});

test('getting off: a stop note reaches the operator sealed, through the relay', { skip }, async () => {
  const { context, page } = await enrolled();
  const [ride] = await ridesOn(page);
  await page.locator('#alight').click();
  await page.locator('#view .choice').first().waitFor();
  assert.deepEqual(await checkAccessible(page), []);
  await page.locator('#view .main').click();
  await page.locator('#offRow').waitFor();
  await eventually('the note at the platform', async () => (await rows.notes(ride)) === 1);
  await context.close();
});

test('undo takes the row back at once; the next scan is a new one', { skip }, async () => {
  const { context, page } = await enrolled();
  const [ride] = await ridesOn(page);
  assert.equal((await rows.rides(ride?.tag ?? null)).length, 1);
  await page.locator('#undo').click();
  await state(page, '已撤销');
  assert.equal((await rows.rides(ride?.tag ?? null)).length, 0);
  await scan(page, first);
  await state(page, '登记成功');
  await context.close();
});

test('own rides: listed by day; delete and withdraw remove the rows through the relay', { skip }, async () => {
  const { context, page } = await enrolled();
  for (const vehicle of [second, third]) {
    await scan(page, vehicle);
    await state(page, '登记成功');
  }
  const rides = await ridesOn(page);
  assert.equal(rides.length, 3);
  await page.locator('#records').click();
  await page.locator('#view li').nth(2).waitFor();
  for (const { plate } of [first, second, third]) {
    assert.equal(await page.locator('#view li', { hasText: plate.slice(-5) }).count(), 1);
  }
  assert.deepEqual(await checkAccessible(page), []);
  const row = page.locator('#view li', { hasText: second.plate.slice(-5) });
  await row.getByText('删除', { exact: true }).click();
  await row.getByText('确认删除').click();
  await row.waitFor({ state: 'detached' });
  const gone = rides[1]?.tag ?? null;
  await eventually('the row erased', async () => (await rows.rides(gone)).length === 0);
  assert.equal((await rows.rides(rides[0]?.tag ?? null)).length, 1);

  await page.getByText('撤回同意并删除全部').click();
  await page.getByText('确认撤回').click();
  await page.getByText('已撤回。').waitFor();
  for (const { tag } of rides) {
    await eventually('every row erased', async () => (await rows.rides(tag)).length === 0);
  }
  assert.deepEqual(await ridesOn(page), []);
  await scan(page, first);
  await page.locator('#phone').waitFor();
  assert.equal(await page.locator('#agree').isChecked(), false);
  await context.close();
});

test('the language is switched with one tap and remembered', { skip }, async () => {
  const { context, page } = await enrolled();
  await page.locator('#language').click();
  await state(page, 'Checked in');
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  assert.equal(await page.title(), 'Ride check-in');
  await scan(page, second);
  await state(page, 'Checked in');
  assert.doesNotMatch(await page.locator('main').innerText(), /登记|核对/);
  await page.locator('#language').click();
  await state(page, '登记');
  await context.close();
  const visitor = await openPhonePage(browser, { locale: 'en-GB' });
  await scan(visitor.page, first);
  await visitor.page.locator('#firstTitle', { hasText: 'First time' }).waitFor();
  await visitor.context.close();
});

test('a plain-HTTP page of the local network seals with the portable library', { skip }, async () => {
  const { context, page } = await openPhonePage(browser);
  const address = city.urls.registrar.replace('127.0.0.1', lanHost);
  await page.goto(`${address}/r/${first.code}`);
  assert.equal(await page.evaluate('typeof crypto.subtle'), 'undefined');
  await enrol(city, page, digitsOfSomebody());
  await state(page, '登记成功');
  await page.goto(`${address}/r/${second.code}`);
  await state(page, '登记成功');
  const rides = await ridesOn(page);
  for (const { tag } of rides) assert.equal((await rows.rides(tag)).length, 1);
  await page.locator('#alight').click();
  await page.locator('#view .main').click();
  await eventually('the note at the platform', async () => (await rows.notes(rides[1])) === 1);
  await context.close();
});

/** Buses run everywhere at half past eight. */
const morningMs = 8.5 * 3_600_000;

test(
  'a change of vehicles: the ride before ends, on the page and sealed at the operator, where the next one began',
  { skip },
  async () => {
    const zone = 'Asia/Shanghai';
    const startMs = dayStartMs(dayOf(Date.now(), zone), zone) + morningMs;
    const clock = shiftedClock(startMs - Date.now());
    const morning = await startLivingCity({ clock });
    const stored = platformRows(morning);
    try {
      const files = morning.installation.settings.city ?? assert.fail('the demo city has files');
      const read = await readCity(files);
      assert.ok(read.ok);
      const change =
        changeAt(read.value.city, clock.now()) ?? assert.fail('nobody changes vehicles at half past eight');
      const { context, page } = await openPhonePage(browser);
      await page.clock.install({ time: clock.now() });
      await page.goto(`${morning.urls.registrar}/r/${change.from}`);
      await enrol(morning, page, digitsOfSomebody());
      await state(page, '登记成功');
      const [first] = await ridesOn(page);
      assert.equal(await stored.notes(first), 0);
      clock.offsetMs += change.afterMs;
      await page.clock.fastForward(change.afterMs);
      await page.goto(`${morning.urls.registrar}/r/${change.to}`);
      await state(page, '登记成功');
      await eventually('the note at the platform', async () => (await stored.notes(first)) === 1);
      const [, second] = await ridesOn(page);
      assert.equal(await stored.notes(second), 0, 'the ride under way has no end yet');
      await page.locator('#records').click();
      await page.locator('#view li').nth(1).waitFor();
      const row = page.locator('#view li', { hasText: change.place });
      assert.equal(await row.count(), 1);
      assert.deepEqual(await checkAccessible(page), []);
      await context.close();
    } finally {
      await stored.db.end();
      await morning.remove();
    }
  },
);
