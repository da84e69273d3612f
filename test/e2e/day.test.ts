// The staff page while a simulated day races by: the count of a bus rises by itself, nobody is signed out, nothing fails.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { readCity } from '@tongche/network/import';
import { removeData } from '@tongche/postgres';
import { nodeSuite } from '@tongche/protocol/node';
import { systemClock } from '@tongche/runtime';
import { dayClock, LIVE_ACCOUNT, planDay, simulateDay } from '@tongche/simulator';
import type { DayPlan } from '@tongche/simulator';
import { composeCity } from '@tongche/tongche';
import type { Composed } from '@tongche/tongche';
import { launchBrowser, withoutBrowser } from '../kit/browser.ts';

const skip = withoutBrowser();
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Thursday 19 November 2026. */
const day = 20_776;
const startMs = Date.UTC(2026, 10, 18, 13);
/** The morning passes in a quarter of a minute. */
const speed = 1_000;
/** Looks at the count; each shows it once, however fast it changes. */
const rises = 3;

let dataDir = '';
let city: Composed;
let plan: DayPlan;
let browser: Browser;
const wire = systemClock((error) => {
  throw error;
});
const clock = dayClock(startMs, wire);

before(async () => {
  if (skip !== false) return;
  dataDir = mkdtempSync(join(tmpdir(), 'tongche-day-'));
  const relay = { minDelayMs: minuteMs, maxDelayMs: 10 * minuteMs, tickMs: 10 * minuteMs };
  city = await composeCity({
    dataDir,
    clock,
    consoleClock: wire,
    proxies: true,
    engineSettings: { shared_buffers: '32MB' },
    adjust: { registrar: (config) => ({ ...config, relay }) },
  });
  const { installation } = city;
  assert.ok(installation.settings.city);
  const read = await readCity(installation.settings.city);
  assert.ok(read.ok);
  plan = planDay(read.value.city, day, { riders: 400, seed: 3 });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await city?.close();
  if (dataDir === '') return;
  removeData(join(dataDir, 'postgres'));
  rmSync(dataDir, { recursive: true, force: true });
});

async function signIn(password: string): Promise<{ readonly page: Page; readonly problems: readonly string[] }> {
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(`${city.urls.platform}/staff/`);
  await page.getByLabel('工号').fill(LIVE_ACCOUNT);
  await page.getByLabel('密码').fill(password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByText('在线 · 实时').waitFor();
  // What went wrong from here on: nobody was signed in before.
  const problems: string[] = [];
  page.on('pageerror', (error) => void problems.push(error.message));
  page.on('response', (reply) => {
    if (reply.status() > 399) problems.push(`${reply.status()} ${new URL(reply.url()).pathname}`);
  });
  return { page, problems };
}

test('the count of a bus rises by itself while a day is played', { skip, timeout: 180_000 }, async () => {
  const account = city.accounts.platform.find((one) => one.account === LIVE_ACCOUNT);
  assert.ok(account);
  const signedIn = Promise.withResolvers<Awaited<ReturnType<typeof signIn>>>();
  const enough = new AbortController();
  const playing = simulateDay({
    plan,
    speed,
    keeper: account,
    signal: enough.signal,
    city: {
      urls: city.urls,
      clock,
      suite: nodeSuite,
      onMessage: (handler) => city.sink.onChange(handler),
      addDriver: (name, password) =>
        city.platform.putStaff({ account: name, password, role: 'driver', name: { zh: name, en: name }, demo: true }),
    },
    // Before the first bus is full somebody opens the page; the day waits for that.
    interludes: [
      {
        atMs: plan.fromMs + hourMs / 2,
        speed: 1,
        async run() {
          signedIn.resolve(await signIn(account.password));
        },
      },
    ],
  });
  playing.catch((error: unknown) => signedIn.reject(error));
  const { page, problems } = await signedIn.promise;
  const seen = await page.evaluate<readonly number[]>(
    `new Promise((resolve) => {
      const counts = [];
      const look = () => {
        const count = Number(document.querySelector('.heads')?.textContent);
        if (count !== counts.at(-1)) counts.push(count);
        const rises = counts.filter((one, index) => index > 0 && one > counts[index - 1]).length;
        if (rises >= ${rises}) { observer.disconnect(); resolve(counts); }
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      look();
    })`,
  );
  assert.ok(seen.length > rises);
  await page.locator('.list li').first().waitFor();
  const time = await page.locator('.list time').first().innerText();
  assert.match(time, /^(0[5-9]|1\d|2[0-3]):[0-5]\d:00$/, 'a time of the simulated day');
  assert.equal(await page.getByText('在线 · 实时').count(), 1);
  assert.deepEqual(problems, []);
  enough.abort();
  await assert.rejects(playing, { name: 'AbortError' });
});
