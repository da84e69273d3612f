// Chromium for the page's tests: found on the system, or the tests say what to install and are skipped.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

const executablePath = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== '' && existsSync(path));
const built = existsSync(join(import.meta.dirname, '../dist/index.html'));

/** Why browser tests cannot run here; false: they can. */
export const cannotRun: string | false =
  executablePath === undefined
    ? 'Chromium is not installed: install the system package "chromium" or set CHROMIUM to its path'
    : built
      ? false
      : 'the passenger pages are not built: run "npm test" or "node tools/build-pages.ts"';

export const PLAIN_HOST = 'ride.test';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name that is not localhost: its plain-HTTP pages have no WebCrypto, like a demonstration in a local network.
  `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`,
];

export function launch(): Promise<Browser> {
  return chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args });
}

export const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  locale: 'zh-CN',
  timezoneId: 'Asia/Shanghai',
};

export async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  page.on('pageerror', (error) => console.error(`page: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security|TrustedHTML|TrustedScript/.test(message.text())) throw new Error(message.text());
  });
  return page;
}

/** A made-up Chinese mobile number. */
export const somePhone = (): string => `139${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;
