// A case's page at the health authority's console, as somebody of the casework staff opens it in a browser.
import type { Browser, Page } from 'playwright-core';
import type { City } from './city.ts';
import { accountOf } from './console-desk.ts';

/** Signs in with the role's first account and opens the case. The caller closes the page's context. */
export async function openCase(
  browser: Browser,
  city: City,
  role: 'tracer' | 'approver',
  caseId: string,
): Promise<Page> {
  const { person, password } = accountOf(city, role);
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1366, height: 900 } });
  const page = await context.newPage();
  await page.goto(city.urls.casework);
  await page.getByLabel('账号').fill(person);
  await page.getByLabel('密码').fill(password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByRole('heading', { name: '病例' }).waitFor();
  await page.goto(`${city.urls.casework}/#/cases/${caseId}`);
  return page;
}
