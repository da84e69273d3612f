// The passenger's way through the page, in a real browser against the real protocol: first scan, second scan, tunnels, two tabs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { cannotRun, launch, openPage, PHONE, PLAIN_HOST, somePhone } from './browser.ts';
import { GOOD_OTP, standIn } from './stand-in.ts';
import type { StandIn } from './stand-in.ts';

let browser: Browser;
const state = (page: Page, text: string): Promise<void> => page.locator('#state', { hasText: text }).waitFor();

async function enrol(page: Page, phone = somePhone()): Promise<string> {
  await page.locator('#phone').fill(phone);
  await page.locator('#agree').check();
  await page.locator('#go').click();
  await page.locator('#otp').fill(GOOD_OTP);
  await state(page, '登记成功');
  return phone;
}

async function withPage(
  work: (page: Page, server: StandIn, context: BrowserContext) => Promise<void>,
  { host, ...options }: BrowserContextOptions & { host?: string } = {},
): Promise<void> {
  const server = await standIn(host);
  const context = await browser.newContext({ ...PHONE, ...options });
  try {
    await work(await openPage(context), server, context);
  } finally {
    await context.close();
    await server.close();
  }
}
/** Waits for something the page does in its own time, at most five seconds. */
async function eventually(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !condition(); i += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(condition());
}

describe('passenger page', { skip: cannotRun }, () => {
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  test('a first scan: nothing is sent before the box is ticked; then one number, one code, green', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      assert.equal(new URL(page.url()).pathname, '/');
      await page.locator('#busPlate', { hasText: '粤B·12345D' }).waitFor();
      assert.equal(await page.locator('#agree').isChecked(), false);
      await page.locator('#phone').fill(somePhone());
      await page.locator('#go').click();
      await page.locator('#problem', { hasText: '请先阅读' }).waitFor();
      assert.equal(
        server.requests.some((r) => r.includes('/otp')),
        false,
      );
      assert.equal(server.posted.length, 0);
      const phone = await enrol(page);
      assert.equal(server.rows.size, 1);
      const row = [...server.rows.values()][0];
      assert.equal(row?.contact.subject, BigInt(`86${phone}`));
      assert.equal(row?.tagVerified, true);
      const shown = await page.locator('#checkText').textContent();
      assert.match(shown ?? '', /^[2-9A-Y]{2}$/);
      assert.equal(await page.locator('#masked').textContent(), `${phone.slice(0, 3)}****${phone.slice(-4)}`);
    }));

  test('a doubtful ride is green like any other: what was noticed is not the rider’s to mend', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      server.flags = ['implausible', 'reuse', 'unbound', 'gone'];
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await state(page, '登记成功');
      assert.equal(await page.locator('#ride').evaluate((e) => e.className), 'ride ok');
      assert.doesNotMatch(await page.locator('body').innerText(), /存疑|异常/);
    }));

  test('a second scan within 30 minutes sends nothing and stays green', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      await page.goto(`${server.url}/r/${server.code}`);
      await state(page, '已登记，无需重复');
      assert.equal(server.posted.length, 1);
    }));

  test('another vehicle: green with no tap, and the ride before gets its sealed end', () =>
    withPage(async (page, server) => {
      await page.clock.install({ time: Date.now() });
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      await eventually(() => server.emptyMessages === 1);
      await page.clock.fastForward(16 * 60_000);
      server.aheadMs = 16 * 60_000;
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await state(page, '登记成功');
      assert.equal(server.rows.size, 2);
      await eventually(() => server.notes.length > 0);
      const [note] = server.notes;
      // The next ride began at 田贝: that is where this one ended, in its own timetable.
      assert.deepEqual([note?.basis, note?.alightLo, note?.best, note?.alightHi], ['chained', 3, 3, 3]);
      // One message followed each scan; opening the page again makes no other. Whoever leaves before the answer says it again.
      await page.goto(server.url);
      await state(page, '已登记');
      await page.waitForTimeout(300);
      const told = new Set(server.notes.map((one) => JSON.stringify(one)));
      assert.deepEqual([told.size, server.emptyMessages], [1, 1]);
    }));

  test('a page closed too soon after the scan: the ride before gets its end when it is opened later', () =>
    // Without a service worker: what it keeps would answer for the part that is held back here.
    withPage(
      async (page, server) => {
        await page.clock.install({ time: Date.now() });
        await page.goto(`${server.url}/r/${server.code}`);
        await enrol(page);
        await page.clock.fastForward(16 * 60_000);
        server.aheadMs = 16 * 60_000;
        await page.route(/\/assets\/later-/, (route) => route.abort());
        await page.goto(`${server.url}/r/${server.otherCode}`);
        await state(page, '登记成功');
        assert.equal(server.rows.size, 2);
        assert.equal(server.notes.length, 0);
        await page.unroute(/\/assets\/later-/);
        await page.clock.fastForward(60 * 60_000);
        server.aheadMs += 60 * 60_000;
        await page.goto(server.url);
        await eventually(() => server.notes.length > 0);
        assert.deepEqual([server.notes[0]?.basis, server.notes[0]?.best], ['chained', 3]);
      },
      { serviceWorkers: 'block' },
    ));

  test('offline: amber, the same bytes are sent when there is a network, and two tabs send them once', () =>
    withPage(async (page, server, context) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      server.answers = ['offline', 'offline', 'offline', 'offline'];
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await state(page, '已离线登记');
      assert.equal(await page.locator('#ride').evaluate((e) => e.className), 'ride off');
      await page.waitForTimeout(400);
      server.answers = [];
      const second = await openPage(context);
      await Promise.all([
        second.goto(`${server.url}/r/${server.otherCode}`),
        page.evaluate(() => dispatchEvent(new Event('online'))),
      ]);
      await Promise.all([state(page, '登记成功'), state(second, '登记')]);
      const bodies = server.posted.slice(1);
      assert.equal(new Set(bodies).size, 1, 'byte for byte');
      assert.equal(server.rows.size, 2);
    }));

  test('an answer lost on the way: the retry is the same row', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await page.locator('#phone').waitFor();
      server.answers = ['lost-answer'];
      await page.locator('#phone').fill(somePhone());
      await page.locator('#agree').check();
      await page.locator('#go').click();
      await page.locator('#otp').fill(GOOD_OTP);
      await state(page, '登记成功');
      assert.equal(server.rows.size, 1);
      assert.equal(new Set(server.posted).size, 1);
    }));

  test('busy: kept, and tried again by itself', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      server.answers = ['busy'];
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await state(page, '系统繁忙，已保存');
      await state(page, '登记成功');
      assert.equal(server.rows.size, 2);
    }));

  test('told when to come again, the page waits so long, whatever else happens, and sends the same bytes', () =>
    withPage(async (page, server) => {
      await page.clock.install({ time: Date.now() });
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      server.answers = ['busy'];
      server.retryAfterS = 100;
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await state(page, '系统繁忙，已保存');
      assert.equal(server.posted.length, 2);
      await page.evaluate(() => {
        dispatchEvent(new Event('online'));
        document.dispatchEvent(new Event('visibilitychange'));
      });
      await page.clock.fastForward(60_000);
      // Opened again it shows the ride that is registered, and keeps the other beside it.
      await page.goto(server.url);
      await state(page, '已登记，无需重复');
      await page.clock.fastForward(35_000);
      assert.equal(server.posted.length, 2);
      server.aheadMs = 95_000;
      await page.clock.fastForward(35_000);
      await eventually(() => server.rows.size === 2);
      assert.equal(server.posted[2], server.posted[1], 'byte for byte');
      assert.equal(server.posted.length, 3);
    }));

  test('a ride that found no way for a week is sent no more', () =>
    withPage(async (page, server) => {
      await page.clock.install({ time: Date.now() });
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      server.answers = Array.from({ length: 50 }, () => 'offline');
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await state(page, '已离线登记');
      const sent = server.posted.length;
      const laterMs = 7 * 86_400_000 + 60_000;
      server.aheadMs = laterMs;
      await page.clock.setSystemTime(Date.now() + laterMs);
      await page.goto(`${server.url}/my`);
      await page.locator('#view li', { hasText: '未登记' }).waitFor();
      assert.equal(server.posted.length, sent);
    }));

  test('a wrong clock is put right with one more seal', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      server.aheadMs = 25 * 60_000;
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await state(page, '登记成功');
      assert.equal(server.posted.length, 3);
      assert.equal(server.rows.size, 2);
    }));

  test('used slot and refused admission are repaired within the scan', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      server.answers = ['tag-used', 'not-admitted'];
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await state(page, '登记成功');
      assert.equal(server.posted.length, 4);
      assert.ok(server.requests.includes('POST /wallet'));
      assert.equal(
        [...server.rows.values()].every((row) => row.tagVerified),
        true,
      );
    }));

  test('an expired wallet is refilled within the scan; a refused ticket ends at one code', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      const phone = await enrol(page);
      const empty = (): Promise<void> =>
        page.evaluate(async () => {
          const open = indexedDB.open('tongche', 1);
          await new Promise((resolve) => (open.onsuccess = resolve));
          const store = open.result.transaction('kv', 'readwrite').objectStore('kv');
          const me = store.get('me');
          await new Promise((resolve) => (me.onsuccess = resolve));
          const put = store.put({ ...me.result, bundles: [] }, 'me');
          await new Promise((resolve) => (put.onsuccess = resolve));
          open.result.close();
        });
      await empty();
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await state(page, '登记成功');
      await empty();
      server.refillStatus = 401;
      await page.locator('#undo').click();
      await state(page, '已撤销');
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await page.locator('#firstTitle', { hasText: '请再验证一次手机号' }).waitFor();
      server.refillStatus = undefined;
      await enrol(page, phone);
    }));

  test('page storage lost: the cookie brings the wallet back without a tap', () =>
    withPage(async (page, server, context) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      server.cookieWorks = true;
      const fresh = await context.browser()?.newContext(PHONE);
      assert.ok(fresh);
      const other = await openPage(fresh);
      await other.goto(`${server.url}/r/${server.otherCode}`);
      await state(other, '登记成功');
      await fresh.close();
      assert.equal(
        [...server.rows.values()].every((row) => row.tagVerified),
        true,
      );
    }));

  test('unknown code: the vehicle number does it; revoked code: says so', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      await page.goto(`${server.url}/r/AAAAAAAAAAA`);
      await page.locator('#troubleTitle', { hasText: '无法识别此二维码' }).waitFor();
      await page.locator('#vehicle').fill('2222222');
      await page.locator('#numberForm button').click();
      await page.locator('#numberProblem', { hasText: '没有这个编号' }).waitFor();
      await page.locator('#vehicle').fill(server.shortCode.toLowerCase());
      await page.locator('#numberForm button').click();
      await state(page, '已登记');
      server.answers = ['code-revoked'];
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await page.locator('#troubleTitle', { hasText: '此二维码已停用' }).waitFor();
    }));

  test('undo goes directly; companions remake the ride with the same check', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      const check = await page.locator('#checkText').textContent();
      await page.locator('#more').click();
      await page.locator('#more').click();
      await eventually(() => server.posted.length >= 2);
      await page.locator('#numberRow', { hasText: '3' }).waitFor();
      assert.equal([...server.rows.values()][0]?.record.w.party, 2);
      assert.equal(server.rows.size, 1);
      assert.equal(await page.locator('#checkText').textContent(), check);
      await page.locator('#undo').click();
      await state(page, '已撤销');
      assert.equal(server.rows.size, 0);
    }));

  test('getting off: the note is sealed to the vault and arrives by the relay', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      await page.locator('#alight').click();
      await page.locator('.choice', { hasText: '水贝' }).click();
      await page.locator('#view .main').click();
      await page.locator('#offRow', { hasText: '水贝' }).waitFor();
      await eventually(() => server.notes.length > 0);
      assert.equal(server.notes[0]?.basis, 'off-tap');
      assert.equal(server.notes[0]?.alightLo, 2);
    }));

  test('a code on its way survives the change to the message app; the ride keeps its true minute', () =>
    withPage(async (page, server) => {
      await page.clock.install({ time: Date.now() - 20 * 60_000 });
      server.aheadMs = -20 * 60_000;
      await page.goto(`${server.url}/r/${server.code}`);
      await page.locator('#phone').fill(somePhone());
      await page.locator('#agree').check();
      await page.locator('#go').click();
      await page.locator('#otp').waitFor();
      await page.locator('#kept', { hasText: '待验证' }).waitFor();
      await page.clock.setSystemTime(Date.now() - 14 * 60_000);
      server.aheadMs = -14 * 60_000;
      await page.goto(server.url);
      await page.locator('#otp').fill(GOOD_OTP);
      await state(page, '登记成功');
      const row = [...server.rows.values()][0];
      assert.equal(row?.record.w.queued, true);
    }));

  test('records: delete goes by the relay, withdrawal wipes the phone', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await state(page, '登记成功');
      await page.locator('#records').click();
      await page.locator('#view li', { hasText: '粤B·66120D' }).getByText('删除', { exact: true }).click();
      await page.getByText('确认删除').click();
      await page.locator('#view li', { hasText: '粤B·66120D' }).waitFor({ state: 'detached' });
      await eventually(() => server.erased.length > 0);
      assert.equal(server.erased.length, 1);
      const tag = [...server.rows.values()][0]?.record.tag;
      await server.publish('notice1', tag === undefined ? [] : [tag]);
      await page.locator('section.card', { hasText: '谁查看过我的信息' }).getByText('查询').click();
      await page.getByText('被深圳市卫健委查看过').waitFor();
      await page.getByText('撤回同意并删除全部').click();
      await page.getByText('确认撤回').click();
      await page.getByText('已撤回。').waitFor();
      assert.equal(server.erased.length, 2);
      await page.goto(`${server.url}/r/${server.code}`);
      await page.locator('#phone').waitFor();
    }));

  test('with the service worker the next scan asks the registrar for nothing', () =>
    withPage(async (page, server, context) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await enrol(page);
      await page.evaluate(() => navigator.serviceWorker.ready);
      await page.waitForTimeout(500);
      server.requests.length = 0;
      await page.goto(`${server.url}/r/${server.otherCode}`);
      await state(page, '登记成功');
      assert.deepEqual(
        server.requests.filter((r) => r.startsWith('GET')),
        [],
      );
      await context.setOffline(true);
      await page.goto(`${server.url}/r/BBBBBBBBBBA`);
      await state(page, '已离线登记');
    }));

  test('a plain-HTTP page has no WebCrypto: the portable library seals the same ride', () =>
    withPage(
      async (page, server) => {
        await page.goto(`${server.url}/r/${server.code}`);
        assert.equal(await page.evaluate(() => typeof crypto.subtle), 'undefined');
        await enrol(page);
        assert.equal([...server.rows.values()][0]?.tagVerified, true);
      },
      { host: PLAIN_HOST },
    ));

  test('nothing registers without the script, and the page says whom to ask', async () => {
    const server = await standIn();
    const context = await browser.newContext({ ...PHONE, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${server.url}/r/${server.code}`);
    try {
      const said = await page.locator('noscript').textContent({ timeout: 5_000 });
      assert.ok(said?.includes('请让司机为您登记'));
      assert.deepEqual(server.posted, []);
    } finally {
      await context.close();
      await server.close();
    }
  });
});
