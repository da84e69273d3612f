// Asks axe-core what a page does to people who do not see, hear or point well; gives one line per fault.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}
const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function checkAccessible(page: Page): Promise<readonly string[]> {
  // Through the debugger, since the page's own policy lets no foreign script in. The session stays: detaching one takes the
  // virtual authenticators of the page away with it.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Runtime.evaluate', { expression: source });
  const { result } = await devtools.send('Runtime.evaluate', {
    expression: `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa'] }).then((result) => JSON.stringify(result))`,
    awaitPromise: true,
    returnByValue: true,
  });
  const { violations } = JSON.parse(String(result.value)) as AxeResult;
  return violations.map(
    (violation) => `${violation.id}: ${violation.nodes[0]?.html ?? ''} ${violation.nodes[0]?.failureSummary ?? ''}`,
  );
}
