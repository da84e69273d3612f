// A member of the casework staff at a desk: an own browser context with an authenticator of its own, signed in, in Chinese.
import assert from 'node:assert/strict';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { LivingCity } from './living-city.ts';

export interface Desk {
  readonly context: BrowserContext;
  readonly page: Page;
}

export async function openDesk(
  browser: Browser,
  city: LivingCity,
  role: 'tracer' | 'approver',
  options: BrowserContextOptions = {},
): Promise<Desk> {
  const context = await browser.newContext({
    locale: 'zh-CN',
    viewport: { width: 1366, height: 768 },
    ...options,
  });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(city.urls.casework);
  const account = city.accounts.casework.find((one) => one.role === role);
  assert.ok(account);
  await page.getByLabel('账号').fill(account.person);
  await page.getByLabel('密码').fill(account.password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByRole('heading', { name: '病例' }).waitFor();
  return { context, page };
}

/** Registers a passkey of the desk's authenticator. */
export async function addPasskey(page: Page, city: LivingCity): Promise<void> {
  await page.goto(`${city.urls.casework}/#/passkeys`);
  const before = await page.locator('.signatures li').count();
  await page.getByRole('button', { name: '登记新的通行密钥' }).click();
  await page.locator('.signatures li').nth(before).waitFor();
}
