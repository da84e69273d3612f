// A real Chromium for the browser tests: found on the system, never downloaded, and quiet on the network.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Nothing in these tests may leave the machine, and containers have neither a sandbox nor a graphics card. */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Path of the system's Chromium or Chrome; where the environment variable CHROMIUM is set, that one or none. */
export function findBrowser(): string | undefined {
  const { CHROMIUM } = process.env;
  return (CHROMIUM === undefined ? places : [CHROMIUM]).find((path) => existsSync(path));
}

/** For `test(name, { skip: withoutBrowser() }, …)`: one line saying what to install, or false where there is a browser. */
export function withoutBrowser(): string | false {
  return findBrowser() === undefined && 'no Chromium: install one (Debian: apt-get install chromium) or set CHROMIUM';
}

/** The caller closes it. */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('no Chromium on this machine');
  return chromium.launch({ executablePath, args: [...flags, ...more] });
}
