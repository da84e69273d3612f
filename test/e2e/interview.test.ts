// What an investigator does with what a case told: a ride that nobody registered is sought among the runs and picked, a
// registration that was not the case's is struck, and the page says on which runs others may have been aboard.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { CaseView } from '@tongche/contract';
import { dayText, MINUTE_MS } from '@tongche/protocol';
import { openPhone, traceCase } from '@tongche/simulator';
import type { Scan } from '@tongche/simulator';
import { checkAccessible } from '../kit/accessible.ts';
import { at } from '../kit/at.ts';
import { launchBrowser, withoutBrowser } from '../kit/browser.ts';
import { openCase } from '../kit/case-page.ts';
import { startCity } from '../kit/city.ts';
import type { City } from '../kit/city.ts';
import { consoleDesk } from '../kit/console-desk.ts';
import { makePeople } from '../kit/people.ts';

const skip = withoutBrowser();
const people = makePeople(3, 'interview-page');
const apps = join(import.meta.dirname, '../../apps');
let city: City;
let browser: Browser;
let one: CaseView;
/** Where the case registered with a fellow rider, and where another one was of whom it only tells. */
let registered: Scan['receipt'];
let toldRide: Scan['receipt'];

/** The next bus that is early on a long enough run of another line; no bus is tried twice. */
async function scanned(tried: Set<string>, lineId: string, scan: (unitId: string) => Promise<Scan>): Promise<Scan> {
  for (const { unitId } of city.units.filter(({ kind, unitId: id }) => kind === 'bus' && !tried.has(id))) {
    tried.add(unitId);
    const made = await scan(unitId);
    const { run, line } = made.receipt;
    if (line !== null && line.id !== lineId && run !== null && run.boardSeq <= 4 && run.stops.length >= 10) return made;
  }
  throw new Error('no bus is early on its run');
}

before(async () => {
  if (skip !== false) return;
  city = await startCity({
    adjust: { casework: (config) => ({ ...config, pages: join(apps, 'authority/dist') }) },
  });
  browser = await launchBrowser();
  const [sick, near, far] = people.map((person) => openPhone(city.world, person));
  assert.ok(sick !== undefined && near !== undefined && far !== undefined);
  for (const phone of [sick, near, far]) await phone.enrol();
  const boardedMs = city.clock.now();
  // Fellow riders look for fitting buses; the case registers where `near` is, and only tells of where `far` was.
  const tried = new Set<string>();
  const first = await scanned(tried, '', (unitId) => near.scan({ code: city.codeOf(unitId), boardedMs }));
  const second = await scanned(tried, first.receipt.line?.id ?? '', (unitId) =>
    far.scan({ code: city.codeOf(unitId), boardedMs }),
  );
  [registered, toldRide] = [first.receipt, second.receipt];
  const unitOf = ({ receipt }: Scan) =>
    at(
      city.units.filter(({ plate }) => plate === receipt.unit.plate),
      0,
    ).unitId;
  await city.clock.advance(MINUTE_MS);
  await sick.scan({ code: city.codeOf(unitOf(first)), boardedMs: city.clock.now() });
  const today = dayText(city.world.dayOf(boardedMs));
  const [tracer, approver] = [await consoleDesk(city, 'tracer'), await consoleDesk(city, 'approver')];
  ({ one } = await traceCase(tracer, approver, {
    caseNo: 'HJ-I1',
    status: 'confirmed',
    purpose: 'trace',
    subjects: [{ kind: 'phone', value: `+${at(people, 0).digits}` }],
    from: today,
    to: today,
  }));
  await tracer.console.close();
  await approver.console.close();
});
after(async () => {
  await browser?.close();
  await city?.remove();
});

test('a told ride is sought among the runs, waits for a pick, and brings its riders', { skip }, async () => {
  const page = await openCase(browser, city, 'tracer', one.caseId);
  const list = page.locator('.rows .row');
  await list.first().waitFor();
  assert.equal(await list.count(), 1);
  const panel = page.getByRole('region', { name: '流调行程' });
  await panel.getByRole('button', { name: '补充所述乘车' }).click();
  const form = panel.locator('form');
  await form.getByLabel('线路或车牌').fill(toldRide.line?.name.zh ?? '');
  await form.locator('.found button').first().click();
  await form.getByLabel('大约时间').fill('08:05');
  await form.getByLabel('备注').fill('去医院');
  assert.deepEqual(await checkAccessible(page), []);
  await form.getByRole('button', { name: '查找班次' }).click();
  await panel.getByText('天待选定').waitFor();
  assert.equal(await list.count(), 1, 'nothing is sought before a pick');
  const day = panel.locator('.told-day').first();
  await day.getByRole('button', { name: /^另有/ }).click();
  const plate = toldRide.unit.plate?.slice(-5) ?? '';
  await day.locator('.candidates li').filter({ hasText: plate }).first().getByRole('button', { name: '选定' }).click();
  await list.nth(1).waitFor();
  assert.deepEqual(await checkAccessible(page), []);
  // Taken back, its riders go as well.
  await day.getByRole('button', { name: '改选' }).click();
  await day.getByRole('button', { name: '都不是 / 当天未乘' }).click();
  await list.nth(1).waitFor({ state: 'detached' });
  await page.context().close();
});

test('a registration the case did not make is struck, and counts again when that was wrong', { skip }, async () => {
  const page = await openCase(browser, city, 'tracer', one.caseId);
  const list = page.locator('.rows .row');
  await list.first().waitFor();
  const timeline = page.getByRole('region', { name: '乘车时间轴' });
  const bar = timeline.locator('.ride').filter({ hasText: registered.unit.plate?.slice(-5) ?? '' });
  await bar.locator('rect').click();
  const words = timeline.locator('.in-words');
  await words.getByText(registered.line?.name.zh ?? '').waitFor();
  await words.getByRole('button', { name: '确认不是本人，不计' }).click();
  await words.getByText('非本人，不计').waitFor();
  await list.first().waitFor({ state: 'detached' });
  assert.deepEqual(await checkAccessible(page), []);
  await words.getByRole('button', { name: '恢复计入' }).click();
  await list.first().waitFor();
  await page.context().close();
});

test('runs are shown with who may have been aboard, and nobody stands in it', { skip }, async () => {
  const page = await openCase(browser, city, 'approver', one.caseId);
  const coverage = page.locator('details.panel').filter({ hasText: '班次覆盖' });
  await coverage.locator('summary').first().click();
  await coverage.locator('.runs > li').first().waitFor();
  const text = await coverage.innerText();
  for (const { digits } of people) assert.ok(!text.includes(digits.slice(-4)), 'somebody stands in a finding');
  assert.deepEqual(await checkAccessible(page), []);
  assert.equal(await page.getByRole('button', { name: '补充所述乘车' }).count(), 0, 'an approver adds nothing');
  await page.context().close();
});
