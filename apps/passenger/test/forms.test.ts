// The assist form and the notice page in a real browser: nothing readable stays behind, offline entries keep their minute.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { errorBody, errors } from '@tongche/contract';
import type { ErrorCode } from '@tongche/contract';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { cannotRun, launch, openPage, PHONE, somePhone } from './browser.ts';
import { GOOD_OTP, standIn } from './stand-in.ts';
import type { StandIn } from './stand-in.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let browser: Browser;
const state = (page: Page, text: string): Promise<void> => page.locator('#state', { hasText: text }).waitFor();

async function withPage(work: (page: Page, server: StandIn, context: BrowserContext) => Promise<void>): Promise<void> {
  const server = await standIn();
  const context = await browser.newContext(PHONE);
  try {
    await work(await openPage(context), server, context);
  } finally {
    await context.close();
    await server.close();
  }
}

/** Everything the origin keeps, as text, so that a number left behind would be found. */
function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const seen: unknown[] = [Object.entries(localStorage), Object.entries(sessionStorage), location.href];
    for (const { name } of await indexedDB.databases()) {
      const open = indexedDB.open(name ?? '');
      await new Promise((resolve) => (open.onsuccess = resolve));
      const all = open.result.transaction('kv').objectStore('kv').getAll();
      await new Promise((resolve) => (all.onsuccess = resolve));
      seen.push(all.result);
      open.result.close();
    }
    for (const input of document.querySelectorAll('input')) seen.push(input.value);
    return JSON.stringify(seen, (_, value: unknown) => {
      if (value instanceof ArrayBuffer) return new TextDecoder('latin1').decode(value);
      if (ArrayBuffer.isView(value)) return new TextDecoder('latin1').decode(value);
      return value;
    });
  });
}

/** A made-up identity number with its right check character. */
function someCnId(): string {
  const digits = `110105${1950 + Math.floor(Math.random() * 50)}0714${String(Math.floor(Math.random() * 1000)).padStart(3, '0')}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = Array.from(digits).reduce((total, digit, i) => total + Number(digit) * (weights[i] ?? 0), 0);
  return digits + ('10X98765432'[sum % 11] ?? '');
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}
async function accessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run();
    return (await run).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`);
  });
  assert.deepEqual(violations, []);
}

const DAY_MS = 86_400_000;
const online = (page: Page): Promise<unknown> => page.evaluate(() => dispatchEvent(new Event('online')));

/** What the registrar answers to assisted registrations from now on; everything else on the way is left alone. */
async function assistAnswers(page: Page, how: (route: Route) => Promise<void>): Promise<void> {
  await page.unroute(/\/assist$/);
  await page.route(/\/assist$/, (route) => (route.request().method() === 'POST' ? how(route) : route.continue()));
}
const refusing =
  (code: ErrorCode) =>
  (route: Route): Promise<void> =>
    route.fulfill({ status: errors[code].status, json: errorBody(code) });

/** Opens the form and leaves one passenger waiting in it, entered without a network. */
async function oneWaiting(page: Page, server: StandIn): Promise<string> {
  const phone = somePhone();
  await page.goto(`${server.url}/assist#token=assist&code=${server.code}`);
  await assistAnswers(page, (route) => route.abort());
  await page.locator('#value').fill(phone);
  await page.locator('#go').click();
  await page.locator('#waiting', { hasText: '1' }).waitFor();
  return phone;
}

describe('assist form and notice page', { skip: cannotRun }, () => {
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  test('a scanned identity card: Enter registers it, the contact is sealed, the form is empty', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/assist#token=assist&code=${server.code}`);
      assert.equal(new URL(page.url()).hash, '');
      await page.locator('#go').waitFor();
      const id = someCnId();
      await page.keyboard.type(`${id}\n`);
      await state(page, '代登记成功');
      const row = [...server.rows.values()][0];
      assert.equal(row?.contact.kind, 'cn-id');
      assert.equal(row?.contact.flags.assisted, true);
      assert.equal(row?.tagVerified, true);
      assert.equal(await page.locator('#value').inputValue(), '');
      assert.equal((await kept(page)).includes(id), false);
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'value');
    }));

  test('offline: kept under a key no script can read, finished with the true minute when online', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/assist#token=assist&code=${server.code}`);
      await page.locator('#go').waitFor();
      await page.route(/\/assist$/, (route) =>
        route.request().method() === 'POST' ? route.abort() : route.continue(),
      );
      const phone = somePhone();
      await page.locator('#value').fill(phone);
      await page.locator('#more').click();
      await page.keyboard.press('Tab');
      await page.locator('#go').click();
      await state(page, '已离线保存');
      await page.locator('#waiting', { hasText: '1' }).waitFor();
      assert.equal((await kept(page)).includes(phone), false);
      await page.unroute(/\/assist$/);
      await page.evaluate(() => dispatchEvent(new Event('online')));
      await page.locator('#waiting').waitFor({ state: 'hidden' });
      const row = [...server.rows.values()][0];
      assert.equal(row?.contact.subject, BigInt(`86${phone}`));
      assert.equal(row?.record.w.party, 1);
      assert.equal(row?.tagVerified, true);
    }));

  test('refused for good by the registrar: said with its reason and without a number, until staff remove it', () =>
    withPage(async (page, server) => {
      const phone = await oneWaiting(page, server);
      await assistAnswers(page, refusing('bad-document'));
      await online(page);
      const notice = page.locator('#refused');
      await notice.locator('p', { hasText: /^1 条未能登记：证件号码不正确，请重新登记$/ }).waitFor();
      await page.locator('#waiting').waitFor({ state: 'hidden' });
      assert.equal((await kept(page)).includes(phone), false);
      assert.equal((await page.locator('body').innerText()).includes(phone.slice(-4)), false);
      await accessible(page);

      // It is not asked about again, and it is still said after the page was opened anew, in the reader's language.
      let asked = 0;
      await assistAnswers(page, async (route) => {
        asked += 1;
        await route.continue();
      });
      await page.reload();
      await notice.locator('p', { hasText: '1 条未能登记' }).waitFor();
      await online(page);
      await page.locator('#language').click();
      await notice.locator('p', { hasText: 'not checked in' }).waitFor();
      assert.equal(asked, 0);
      assert.deepEqual(server.posted, []);

      await notice.locator('button').click();
      await notice.waitFor({ state: 'hidden' });
      await page.reload();
      await page.locator('#go').waitFor();
      assert.equal(await notice.isVisible(), false);
      assert.equal((await kept(page)).includes('bad-document'), false);
    }));

  test('refused for good by the platform, and a bundle nobody signed: both are said, the next one still goes out', () =>
    withPage(async (page, server) => {
      await oneWaiting(page, server);
      server.answers = ['code-revoked'];
      await assistAnswers(page, (route) => route.continue());
      await online(page);
      const notice = page.locator('#refused');
      await notice.locator('p', { hasText: '1 条未能登记：车辆二维码已停用' }).waitFor();

      const second = await oneWaiting(page, server);
      await assistAnswers(page, async (route) => {
        const answer = await route.fetch();
        const body = (await answer.json()) as { bundle: object };
        const bundle = { ...body.bundle, platformUrl: 'https://evil.example' };
        await route.fulfill({ response: answer, json: { ...body, bundle } });
      });
      await online(page);
      await notice.locator('p', { hasText: '1 条未能登记：服务器签名不正确' }).waitFor();
      assert.equal(await notice.locator('p').count(), 2);
      assert.equal((await kept(page)).includes(second), false);

      const third = await oneWaiting(page, server);
      await assistAnswers(page, (route) => route.continue());
      await online(page);
      await page.locator('#waiting').waitFor({ state: 'hidden' });
      assert.deepEqual(
        [...server.rows.values()].map(({ contact }) => contact.subject),
        [BigInt(`86${third}`)],
      );
      assert.equal(await notice.locator('p').count(), 2);
    }));

  test('what comes back later is not refused: it waits on', () =>
    withPage(async (page, server) => {
      await oneWaiting(page, server);
      for (const code of ['busy', 'rate-limited', 'work-required', 'assist-token-invalid'] as const) {
        const asked = page.waitForResponse(/\/assist$/);
        await assistAnswers(page, refusing(code));
        await online(page);
        await asked;
      }
      assert.equal(await page.locator('#waiting').isVisible(), true);
      assert.equal(await page.locator('#refused').isVisible(), false);
      await assistAnswers(page, (route) => route.continue());
      await online(page);
      await page.locator('#waiting').waitFor({ state: 'hidden' });
      assert.equal(server.rows.size, 1);
    }));

  test('a refused entry that nobody removed is gone after seven days', () =>
    withPage(async (page, server, context) => {
      await oneWaiting(page, server);
      await assistAnswers(page, refusing('bad-document'));
      await online(page);
      await page.locator('#refused p').waitFor();
      for (const [days, isKept] of [
        [6, true],
        [8, false],
      ] as const) {
        const later = await openPage(context);
        await later.clock.setFixedTime(Date.now() + days * DAY_MS);
        await later.goto(`${server.url}/assist#token=assist&code=${server.code}`);
        await later.locator('#go').waitFor();
        if (isKept) await later.locator('#refused p').waitFor();
        const endMs = performance.now() + 5_000;
        while ((await kept(later)).includes('bad-document') !== isKept) assert.ok(performance.now() < endMs);
        assert.equal(await later.locator('#refused').isVisible(), isKept);
        await later.close();
      }
    }));

  test('nobody without papers is turned away: a name is enough; a wrong number is not', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/assist#token=assist&code=${server.code}`);
      await page.locator('#value').fill('12345');
      await page.locator('#go').click();
      await page.locator('#problem', { hasText: '手机号不正确' }).waitFor();
      await page.locator('#kinds button', { hasText: '无证件' }).click();
      await page.locator('#value').fill('');
      await page.locator('#go').click();
      await page.locator('#problem', { hasText: '请填写称呼' }).waitFor();
      await page.locator('#name').fill('王师傅');
      await page.locator('#go').click();
      await state(page, '代登记成功');
      assert.equal([...server.rows.values()][0]?.contact.name, '王师傅');
    }));

  test('an expired permission says so; without one the form stays shut', () =>
    withPage(async (page, server, context) => {
      await page.goto(`${server.url}/assist#token=old&code=${server.code}`);
      await page.locator('#value').fill(somePhone());
      await page.locator('#go').click();
      await page.locator('#problem', { hasText: '授权已过期' }).waitFor();
      const other = await openPage(context);
      await other.goto(`${server.url}/assist`);
      await other.locator('#unusable').waitFor();
      assert.equal(await other.locator('#entry').isVisible(), false);
    }));

  test('a notice opens with the key of its link, sends receipts, and with a wrong key stays shut', () =>
    withPage(async (page, server, context) => {
      const at = Date.UTC(2026, 10, 18, 0, 2);
      const url = await server.notice({
        authority: { zh: '深圳市卫健委', en: 'Shenzhen Health Commission' },
        phone: '12320',
        checkCode: 'K7Q2',
        issuedMs: at,
        zone: 'Asia/Shanghai',
        rides: [
          {
            fromMs: at,
            toMs: at + 45 * 60_000,
            line: { zh: 'M133路', en: 'M133' },
            plate: '粤B12345D',
            label: { zh: 'x', en: 'x' },
          },
        ],
        advice: [{ zh: '监测体温', en: 'Watch your temperature' }],
      });
      await page.goto(url);
      await page.locator('#rides', { hasText: '11月18日 08:02–08:47' }).waitFor();
      assert.equal(new URL(page.url()).hash, '');
      assert.equal(await page.locator('#checkCode').textContent(), 'K7Q2');
      await accessible(page);
      await page.locator('#known').click();
      await page.locator('#receipt', { hasText: '已收到' }).waitFor();
      assert.deepEqual(server.receipts, ['seen', 'acknowledged']);
      await page.reload();
      await page.locator('#checkCode', { hasText: 'K7Q2' }).waitFor();
      const other = await openPage(context);
      await other.goto(`${url.slice(0, -4)}AAAA`);
      await other.locator('#problem', { hasText: '链接不完整' }).waitFor();
    }));

  test('no violations of accessibility rules on the first form, the code, the card and the assist form', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/r/${server.code}`);
      await page.locator('#busPlate').waitFor();
      await accessible(page);
      await page.locator('#phone').fill(somePhone());
      await page.locator('#agree').check();
      await page.locator('#go').click();
      await page.locator('#otp').waitFor();
      await accessible(page);
      await page.locator('#otp').fill(GOOD_OTP);
      await page.locator('#alight').waitFor();
      await accessible(page);
      await page.locator('#records').click();
      await page.locator('#view li').first().waitFor();
      await accessible(page);
      await page.goto(`${server.url}/assist#token=assist&code=${server.code}`);
      await page.locator('#go').waitFor();
      await accessible(page);
    }));
});
