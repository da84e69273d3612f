// Doubtful registrations as people meet them: the operator finds the vehicle and the hour, and a tracer sees who was set aside
// and why, and takes them in with a reason.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { CaseView } from '@tongche/contract';
import { dayText } from '@tongche/protocol';
import { openPhone, traceCase } from '@tongche/simulator';
import { checkAccessible } from '../kit/accessible.ts';
import { at } from '../kit/at.ts';
import { launchBrowser, withoutBrowser } from '../kit/browser.ts';
import { openCase } from '../kit/case-page.ts';
import { startCity } from '../kit/city.ts';
import type { City } from '../kit/city.ts';
import { consoleDesk } from '../kit/console-desk.ts';
import { makePeople } from '../kit/people.ts';

const skip = withoutBrowser();
const minuteMs = 60_000;
/** Each with seven companions: 160 heads, of whom the doors of a bus let in 120 in a minute. */
const CROWD = 20;
const people = makePeople(CROWD + 2, 'doubts-page');
const apps = join(import.meta.dirname, '../../apps');
let city: City;
let browser: Browser;
let one: CaseView;
let plate = '';

async function openPage(): Promise<Page> {
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1366, height: 900 } });
  return context.newPage();
}

before(async () => {
  if (skip !== false) return;
  city = await startCity({
    adjust: {
      platform: (config) => ({ ...config, operatorPages: join(apps, 'operator/dist') }),
      casework: (config) => ({ ...config, pages: join(apps, 'authority/dist') }),
    },
  });
  browser = await launchBrowser();
  const phones = people.map((person) => openPhone(city.world, person));
  for (const phone of phones) await phone.enrol();
  const [sick, near, ...crowd] = phones;
  assert.ok(sick !== undefined && near !== undefined);
  let unit = at(city.units, 0);
  for (unit of city.units.filter(({ kind }) => kind === 'bus')) {
    const { receipt } = await near.scan({ code: city.codeOf(unit.unitId), boardedMs: city.clock.now() });
    if (receipt.run !== null && receipt.run.boardSeq <= 3 && receipt.run.stops.length >= 12) break;
  }
  plate = unit.plate ?? '';
  const code = city.codeOf(unit.unitId);
  await city.clock.advance(minuteMs);
  for (const phone of crowd) await phone.scan({ code, boardedMs: city.clock.now(), party: 7 });
  await city.clock.advance(minuteMs);
  await sick.scan({ code, boardedMs: city.clock.now() });
  const date = dayText(city.world.dayOf(city.clock.now()));
  const subjects = [{ kind: 'phone' as const, value: `+${at(people, 0).digits}` }];
  const [tracer, approver] = [await consoleDesk(city, 'tracer'), await consoleDesk(city, 'approver')];
  ({ one } = await traceCase(tracer, approver, {
    caseNo: 'HJ-D1',
    status: 'confirmed',
    purpose: 'trace',
    subjects,
    from: date,
    to: date,
  }));
  await tracer.console.close();
  await approver.console.close();
});
after(async () => {
  await browser?.close();
  await city?.remove();
});

test('the operator sees how many, why, on which vehicle and in which hour', { skip }, async () => {
  const page = await openPage();
  await page.goto(`${city.urls.platform}/operator/`);
  await page.getByLabel('账号').fill('admin');
  await page.getByLabel('密码').fill('demo-admin');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  // Five registrations beyond 120 people in that minute.
  await page.locator('.figures').getByRole('link', { name: '存疑登记' }).click();
  await page.getByRole('heading', { name: '存疑登记' }).waitFor();
  const row = page.locator('.doubts .spacer .row').first();
  await row.waitFor();
  assert.match(await row.innerText(), /一分钟人数过多 5/);
  assert.deepEqual(await checkAccessible(page), []);
  await page.locator('.reasons').getByRole('link', { name: '一分钟人数过多' }).click();
  assert.match(page.url(), /doubt=crowded-minute/);
  await page.getByLabel('原因').selectOption('far-away');
  await page.getByText('没有符合条件的车辆').waitFor();
  await page.getByRole('button', { name: '重置' }).click();
  await row.locator('a').click();
  const drawer = page.locator('.drawer');
  await drawer.getByText('08:00').first().waitFor();
  assert.match(await drawer.innerText(), /一分钟内登记的人数超过车门能上的人数/);
  assert.equal((await drawer.getAttribute('aria-label'))?.replace('·', ''), plate.replace('·', ''));
  await page.context().close();
});

test('a tracer sees who was set aside and takes one in with a reason', { skip }, async () => {
  const page = await openCase(browser, city, 'tracer', one.caseId);
  const rows = page.locator('.rows .row');
  await rows.first().waitFor();
  assert.equal(await rows.count(), 1, 'who boarded before is listed');
  const aside = page.locator('details.aside');
  await aside.locator('summary').click();
  await aside.getByText(`号码已核验 ${CROWD} 人，未核验 0 人`).waitFor();
  assert.equal(await aside.locator('tbody tr').count(), CROWD);
  assert.match(await aside.locator('tbody tr').first().innerText(), /一分钟人数过多/);
  assert.deepEqual(await checkAccessible(page), []);
  const include = aside.getByRole('button', { name: /^列入/ });
  await aside.locator('tbody input').first().check();
  assert.equal(await include.isDisabled(), true, 'not without a reason');
  await aside.getByLabel('列入或移出的事由').fill('电话核实在车上');
  await include.click();
  await rows.nth(1).waitFor();
  await aside.getByText(`号码已核验 ${CROWD - 1} 人`).waitFor();
  await rows.locator('button.link').nth(1).click();
  const drawer = page.locator('.drawer');
  await drawer.getByText('电话核实在车上').waitFor();
  assert.deepEqual(await checkAccessible(page), []);
  await drawer.getByLabel('列入或移出的事由').fill('打错了电话');
  await drawer.getByRole('button', { name: '移出名单' }).click();
  await aside.getByText(`号码已核验 ${CROWD} 人`).waitFor();
  await page.context().close();
});
