// From another QR of the city to the ride, in a real browser: one hop, nothing of the content in an address or a log.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { cannotRun, launch, openPage, PHONE } from './browser.ts';
import { FOREIGN_CONTENT, standIn } from './stand-in.ts';
import type { StandIn } from './stand-in.ts';

let browser: Browser;

async function withPage(work: (page: Page, server: StandIn) => Promise<void>): Promise<void> {
  const server = await standIn();
  const context = await browser.newContext(PHONE);
  try {
    await work(await openPage(context), server);
  } finally {
    await context.close();
    await server.close();
  }
}

describe('other QR codes of the city', { skip: cannotRun }, () => {
  before(async () => {
    browser = await launch();
  });
  after(async () => browser.close());

  test('a content that is bound opens the page of its code, and no address holds the content', () =>
    withPage(async (page, server) => {
      const asked: string[] = [];
      page.on('request', (request) => asked.push(`${request.url()} ${request.headers()['referer'] ?? ''}`));
      await page.goto(`${server.url}/a#${encodeURIComponent(FOREIGN_CONTENT)}`);
      await page.locator('#phone').waitFor();
      assert.ok(asked.includes(`${server.url}/r/${server.code} `), asked.join('\n'));
      const sent = asked.filter((line) => !line.startsWith(`${server.url}/a#`));
      assert.ok(!sent.join('\n').includes('bus.example'), sent.join('\n'));
      assert.ok(!page.url().includes('bus.example'));
    }));

  test('a content nobody bound says so and offers the vehicle number; the address is clean', () =>
    withPage(async (page, server) => {
      await page.goto(`${server.url}/a#${encodeURIComponent('https://elsewhere.example/1')}`);
      await page.locator('#problem', { hasText: '无法识别此二维码' }).waitFor();
      assert.equal(page.url(), `${server.url}/a`);
      assert.equal(await page.locator('#type').isVisible(), true);
      await page.locator('#language').click();
      await page.locator('#problem', { hasText: 'is not known' }).waitFor();
      await page.reload();
      await page.locator('#problem', { hasText: 'is not known' }).waitFor();
    }));

  test('an address with nothing behind the hash, or with broken escapes, is told like an unknown code', () =>
    withPage(async (page, server) => {
      for (const hash of ['', '#', '#%E0%A4%A']) {
        await page.goto('about:blank');
        await page.goto(`${server.url}/a${hash}`);
        await page.locator('#problem', { hasText: '无法识别此二维码' }).waitFor();
      }
    }));
});
