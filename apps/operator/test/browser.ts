// Chromium and axe-core for the console's tests: found on the system, or the tests say what to install and are skipped.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

const executablePath = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== '' && existsSync(path));
const built = existsSync(join(import.meta.dirname, '../dist/index.html'));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Why browser tests cannot run here; false: they can. */
export const cannotRun: string | false =
  executablePath === undefined
    ? 'Chromium is not installed: install the system package "chromium" or set CHROMIUM to its path'
    : built
      ? false
      : 'the console is not built: run "npm test" or "node tools/build-pages.ts"';

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The caller closes it. */
export async function launch(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('no Chromium on this machine');
  return chromium.launch({ executablePath, args });
}

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** One line a fault against WCAG 2.2 AA. */
export async function checkAccessible(page: Page): Promise<readonly string[]> {
  // Through the debugger, since the page's own policy lets no foreign script in.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Runtime.evaluate', { expression: axe });
  const { result } = await devtools.send('Runtime.evaluate', {
    expression: `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa'] }).then((result) => JSON.stringify(result))`,
    awaitPromise: true,
    returnByValue: true,
  });
  const { violations } = JSON.parse(String(result.value)) as AxeResult;
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
}
