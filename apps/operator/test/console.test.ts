// The console when things go wrong or grow large: refusals, silence, an empty city, bad files, ten thousand vehicles, keys only.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { cannotRun as skip, checkAccessible, launch } from './browser.ts';
import { openStandIn, overview, pageOfVehicles, refusal, session } from './stand-in.ts';
import type { StandIn } from './stand-in.ts';

let browser: Browser;

before(async () => {
  if (skip === false) browser = await launch();
});
after(async () => browser?.close());

async function withPage(
  hash: string,
  work: (page: Page, platform: StandIn) => Promise<void>,
  prepare: (platform: StandIn) => void = () => {},
): Promise<void> {
  const platform = await openStandIn();
  prepare(platform);
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1366, height: 768 } });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) faults.push(message.text());
  });
  try {
    await page.goto(`${platform.url}/operator/${hash}`);
    await work(page, platform);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
    await platform.close();
  }
}

test('a driver is told to use another account, and an admin gets in', { skip }, async () => {
  await withPage(
    '',
    async (page, platform) => {
      await page.getByText('此账号不是管理员').waitFor();
      platform.on('POST /staff/session', () => refusal('wrong-credentials', '账号或密码不正确。', 401));
      await page.getByLabel('账号').fill('boss');
      await page.getByLabel('密码').fill('wrong');
      await page.getByRole('button', { name: '登录', exact: true }).click();
      await page.getByText('账号或密码不正确。').waitFor();
      platform.on('POST /staff/session', () => ({ body: session }));
      await page.getByRole('button', { name: '以演示管理员登录' }).click();
      await page.getByRole('heading', { name: '概览' }).waitFor();
      assert.deepEqual(JSON.parse(platform.asked.findLast(({ method }) => method === 'POST')?.body ?? ''), {
        account: 'admin',
        password: 'demo-admin',
      });
    },
    (platform) => platform.on('GET /staff/session', () => ({ body: { ...session, role: 'driver' } })),
  );
});

test('a lost answer says so, keeps the page, and is asked for again', { skip }, async () => {
  await withPage(
    '#/overview',
    async (page, platform) => {
      await page.getByText('没有网络，或服务器没有回应。').waitFor();
      platform.on('GET /overview', () => ({ body: overview(3) }));
      await page.getByRole('button', { name: '重试' }).click();
      await page.locator('.figures dd').first().waitFor();
      assert.equal(await page.getByText('没有网络').count(), 0);
      platform.on('GET /overview', () => undefined);
      await page.getByRole('button', { name: '刷新' }).click();
      await page.getByText('没有网络，或服务器没有回应。').waitFor();
      assert.equal(await page.locator('.figures dd').first().innerText(), '513', 'what was known stays');
    },
    (platform) => platform.on('GET /overview', () => undefined),
  );
});

test('an empty city says what to do first', { skip }, async () => {
  await withPage(
    '#/overview',
    async (page) => {
      await page.getByRole('link', { name: '去导入' }).click();
      await page.getByRole('heading', { name: '导入导出', exact: true }).waitFor();
    },
    (platform) => platform.on('GET /overview', () => ({ body: overview(0) })),
  );
});

test('ten thousand vehicles scroll without drawing them all', { skip }, async () => {
  await withPage(
    '#/vehicles?n=200',
    async (page) => {
      await page.locator('.spacer .row').first().waitFor();
      const grid = page.locator('.grid-wrap');
      for (let turn = 0; turn < 60; turn += 1) {
        if ((await page.getByRole('status').innerText()).startsWith('已载入 10,000')) break;
        const before = await page.locator('.spacer').evaluate((each) => each.clientHeight);
        await grid.evaluate((box) => box.scrollTo(0, box.scrollHeight));
        await page.waitForFunction((px) => document.querySelector('.spacer')?.clientHeight !== px, before);
      }
      await grid.evaluate((box) => box.scrollTo(0, box.scrollHeight));
      await page.getByText('粤B·20000D').waitFor();
      const drawn = await page.locator('.spacer .row').count();
      assert.ok(drawn < 80, `${drawn} rows are drawn`);
      const tookMs = await grid.evaluate(async (box) => {
        const began = performance.now();
        for (let top = box.scrollHeight; top > 0; top -= box.scrollHeight / 20) {
          box.scrollTop = top;
          await new Promise(requestAnimationFrame);
        }
        return performance.now() - began;
      });
      assert.ok(tookMs < 6_000, `twenty jumps took ${Math.round(tookMs)} ms`);
    },
    (platform) => platform.on('GET /vehicles', pageOfVehicles(10_000)),
  );
});

test('everything is reached by keys alone', { skip }, async () => {
  await withPage('#/overview', async (page, platform) => {
    await page.getByRole('heading', { name: '概览' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('v');
    await page.getByRole('heading', { name: '车辆', exact: true }).waitFor();
    await page.locator('.spacer .row').first().waitFor();
    await page.keyboard.press('/');
    const searched = page.waitForResponse((response) => response.url().includes('q='));
    await page.keyboard.type('粤b 10002');
    await searched;
    assert.equal(platform.asked.findLast(({ path }) => path === '/vehicles')?.query.get('q') ?? '', '粤b 10002');
    await page.keyboard.press('Tab');
    await page.locator('.grid-wrap').evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('o');
    await page.locator('.drawer').waitFor();
    assert.match(page.url(), /open=bus-2/);
    await page.keyboard.press('Escape');
    await page.locator('.drawer').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: '键盘快捷键' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    for (const [key, name] of [
      ['c', '二维码'],
      ['i', '导入导出'],
      ['r', '数据销毁'],
      ['o', '概览'],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.getByRole('heading', { name, exact: true }).waitFor();
    }
    await page.goBack();
    await page.getByRole('heading', { name: '数据销毁' }).waitFor();
  });
});

test('a file with errors names line, column and reason, and offers its good rows', { skip }, async () => {
  const report = {
    importId: 'i1',
    kind: 'fleet',
    name: '车辆.csv',
    state: 'checked',
    madeMs: 1,
    appliedMs: null,
    rows: 3,
    good: 2,
    bad: 1,
    errorCount: 1,
    errors: [{ file: '车辆.csv', line: 3, column: 'plate', reason: 'bad-plate' }],
    notes: ['fares-ignored'],
    changes: [{ what: 'units', added: 2, changed: 0, same: 0, gone: 0 }],
  };
  await withPage('#/imports', async (page, platform) => {
    platform.on('POST /imports', () => ({ body: report }));
    await page.setInputFiles('input[type=file]', {
      name: '车辆.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('unit_id,plate\nbus-1,粤B12345D\nbus-2,xx\n'),
    });
    assert.equal(await page.getByLabel('内容').inputValue(), 'fleet');
    await page.getByRole('button', { name: '检查文件' }).click();
    await page.getByText('车牌格式不正确').waitFor();
    const sent = platform.asked.findLast(({ method }) => method === 'POST');
    assert.equal(sent?.query.get('kind'), 'fleet');
    assert.match(sent?.body ?? '', /bus-2,xx/);
    assert.equal(await page.getByRole('button', { name: '全部导入' }).count(), 0, 'not with errors');
    assert.deepEqual(await page.locator('.errors tbody td').allInnerTexts(), [
      '车辆.csv',
      '3',
      'plate',
      '车牌格式不正确',
    ]);
    assert.equal(
      await page.getByRole('link', { name: '下载有错的行' }).getAttribute('href'),
      '/operator/api/imports/i1/bad-rows',
    );
    assert.deepEqual(await checkAccessible(page), []);
    platform.on('POST /imports/i1/apply', () => ({ body: { ...report, state: 'applied', appliedMs: 2 } }));
    await page.getByRole('button', { name: '只导入正确的 2 行' }).click();
    await page.getByText('已导入').first().waitFor();
    assert.equal(platform.asked.findLast(({ method }) => method === 'POST')?.body, '{"mode":"good-rows"}');
  });
});

test('a refused import keeps the chosen file, so that it can be sent again', { skip }, async () => {
  await withPage('#/imports', async (page, platform) => {
    platform.on('POST /imports', () => refusal('too-large', '请求内容过大。', 413));
    await page.setInputFiles('input[type=file]', {
      name: 'feed.zip',
      mimeType: 'application/zip',
      buffer: Buffer.from('PK\u0003\u0004'),
    });
    assert.equal(await page.getByLabel('内容').inputValue(), 'gtfs');
    await page.getByRole('button', { name: '检查文件' }).click();
    await page.getByText('请求内容过大。').waitFor();
    await page.getByText('feed.zip').waitFor();
    await page.getByRole('button', { name: '检查文件' }).waitFor();
  });
});

test('a file that is checked late fetches nobody back from another page', { skip }, async () => {
  await withPage('#/imports', async (page) => {
    const report = { importId: 'i7', kind: 'fleet', name: 'f.csv', state: 'checked', madeMs: 1, appliedMs: null };
    const sums = { rows: 1, good: 1, bad: 0, errorCount: 0, errors: [], notes: [], changes: [] };
    const held = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    await page.route('**/operator/api/imports?*', async (route) => {
      await held.promise;
      await route.fulfill({ json: { ...report, ...sums } });
      answered.resolve();
    });
    const csv = Buffer.from('unit_id,plate\nbus-1,粤B12345D\n');
    await page.setInputFiles('input[type=file]', { name: 'f.csv', mimeType: 'text/csv', buffer: csv });
    await page.getByRole('button', { name: '检查文件' }).click();
    await page.getByRole('link', { name: '二维码' }).click();
    await page.getByRole('heading', { name: '二维码', exact: true }).waitFor();
    const whole = page.waitForEvent('requestfinished', (request) => request.url().includes('/imports?'));
    held.resolve();
    await Promise.all([whole, answered.promise]);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    assert.match(page.url(), /#\/codes/);
  });
});

test('a print shows its progress, and a failed one can be tried again', { skip }, async () => {
  const job = { printId: 'p1', template: 'bus-90x120', state: 'working', done: 1, total: 3, bytes: null, madeMs: 1 };
  await withPage('#/codes', async (page, platform) => {
    platform.on('POST /codes', () => ({
      body: { batchId: 7, madeMs: 1, purpose: 'passenger', perUnit: 3, units: 1, codes: 3 },
    }));
    platform.on('POST /prints', () => ({ body: job }));
    platform.on('GET /prints/p1', () => ({ body: { ...job, state: 'failed' } }));
    await page.getByText('还没有贴码。').waitFor();
    await page.getByRole('button', { name: '发码' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '发码' }).click();
    await page.getByText('已生成 3 张贴码').waitFor();
    await page.getByRole('button', { name: '生成 PDF' }).click();
    await page.getByText('正在排版 1 / 3').waitFor();
    await page.getByText('生成失败，请重试。').waitFor();
    platform.on('GET /prints/p1', () => ({ body: { ...job, state: 'ready', done: 3, bytes: 48_000 } }));
    await page.getByRole('button', { name: '生成 PDF' }).click();
    await page.getByText('PDF 已生成（48 KB）').waitFor();
    assert.equal(await page.getByRole('link', { name: '下载' }).getAttribute('href'), '/operator/api/prints/p1/file');
  });
});
