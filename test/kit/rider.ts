// A rider's phone in a real Chromium: the registrar's own page, what stands on it, and what it keeps.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { readCodes, readFleet } from '@tongche/network/import';
import { notePlaceOf } from './notes.ts';
import { connect } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import { silentLog } from '@tongche/runtime';
import type { LivingCity } from './living-city.ts';

/** A name that is not the machine itself: its plain-HTTP pages are no secure context, as on a phone in the same network. */
export const lanHost = 'ride.test';
export const lanFlag = `--host-resolver-rules=MAP ${lanHost} 127.0.0.1`;

const phone = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  locale: 'zh-CN',
  timezoneId: 'Asia/Shanghai',
} as const;
/** Small safety checks before a code take seconds where the machine is loaded. */
const shownWithinMs = 20_000;
const pollMs = 100;

export interface Vehicle {
  readonly code: string;
  readonly shortCode: string;
  readonly plate: string;
}

/** The first buses of the city with their passenger codes. */
export async function busesOf(city: LivingCity, count: number): Promise<readonly Vehicle[]> {
  const folder = city.installation.layout.city;
  const fleet = (await readFleet(join(folder, 'fleet.csv'))).rows.filter((one) => one.kind === 'bus');
  const codes = (await readCodes(join(folder, 'codes.csv'))).rows.filter((one) => one.purpose === 'passenger');
  return fleet.slice(0, count).map(({ unitId, plate }) => {
    const code = codes.find((one) => one.unitId === unitId);
    if (code === undefined || plate === undefined) throw new Error(`bus ${unitId} has no code or no plate`);
    return { code: code.code8, shortCode: code.shortCode, plate };
  });
}

export async function openPhonePage(
  browser: Browser,
  more: BrowserContextOptions = {},
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const context = await browser.newContext({ ...phone, ...more });
  const page = await context.newPage();
  page.setDefaultTimeout(shownWithinMs);
  return { context, page };
}

/** Waits until the card says so. */
export async function state(page: Page, text: string): Promise<void> {
  await page.locator('#state', { hasText: text }).waitFor();
}

/** Number, box, code: as a person does it. The number as typed in the country, the code from the message. */
export async function enrol(city: LivingCity, page: Page, digits: string): Promise<void> {
  await page.locator('#phone').fill(digits.slice(2));
  await page.locator('#agree').check();
  await page.locator('#go').click();
  await page.locator('#otp').waitFor();
  await page.locator('#otp').fill(await city.otpOf(digits));
}

/** What a ride on the phone says of itself. */
export interface KeptRide {
  readonly code: string;
  readonly status: string;
  readonly boardedMs: number;
  readonly registeredMs?: number;
  /** As the platform's column has it. */
  readonly tag: string | null;
  readonly day: number | null;
  readonly check: { readonly text: string } | null;
}

const readRides = `(async () => {
  const open = indexedDB.open('tongche', 1);
  await new Promise((resolve, reject) => { open.onsuccess = resolve; open.onerror = reject; });
  const all = open.result.transaction('kv').objectStore('kv').getAll(IDBKeyRange.bound('r:', 'r;'));
  await new Promise((resolve) => { all.onsuccess = resolve; });
  open.result.close();
  return all.result.map(({ code, status, boardedMs, registeredMs, sealed }) => ({
    code, status, boardedMs, registeredMs,
    tag: sealed ? [...sealed.tag].map((byte) => byte.toString(16).padStart(2, '0')).join('') : null,
    day: sealed ? sealed.day : null,
    check: sealed ? sealed.check : null,
  }));
})()`;

/** Oldest first. */
export async function ridesOn(page: Page): Promise<readonly KeptRide[]> {
  const rides = await page.evaluate<readonly KeptRide[]>(readRides);
  return rides.toSorted((a, b) => a.boardedMs - b.boardedMs);
}

/** Changes the rider's own entry in the page's store; `change` is JavaScript over `me`. */
export async function changeMe(page: Page, change: string): Promise<void> {
  await page.evaluate(`(async () => {
    const open = indexedDB.open('tongche', 1);
    await new Promise((resolve) => { open.onsuccess = resolve; });
    const store = open.result.transaction('kv', 'readwrite').objectStore('kv');
    const got = store.get('me');
    await new Promise((resolve) => { got.onsuccess = resolve; });
    const me = got.result;
    ${change};
    const put = store.put(me, 'me');
    await new Promise((resolve) => { put.onsuccess = resolve; });
    open.result.close();
  })()`);
}

/** Empties an origin's storage as some browsers do after a week; cookies stay. */
export async function clearStorage(page: Page, origin: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const storageTypes = 'indexeddb,local_storage,cache_storage,service_workers';
  await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes });
  await devtools.detach();
}

export async function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const giveUpMs = performance.now() + shownWithinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > giveUpMs) throw new Error(`never saw: ${what}`);
    await wait(pollMs);
  }
}

/** Waits until an expression over the page holds; unlike waitForFunction it asks nothing of the page's own policy. */
export async function until(page: Page, expression: string): Promise<void> {
  await eventually(expression, async () => page.evaluate<boolean>(expression));
}

/** A fresh phone whose owner has registered in a vehicle. */
export async function registeredPhone(
  city: LivingCity,
  browser: Browser,
  vehicle: Vehicle,
  digits: string,
): Promise<{ readonly context: BrowserContext; readonly page: Page; readonly digits: string }> {
  const { context, page } = await openPhonePage(browser);
  await page.goto(`${city.urls.registrar}/r/${vehicle.code}`);
  await enrol(city, page, digits);
  await state(page, '登记成功');
  return { context, page, digits };
}

export interface PlatformRows {
  readonly db: Database;
  rides(tag: string | null): Promise<readonly { readonly w2: number; readonly flags: number }[]>;
  /** How many of the ride's three notes there are. */
  notes(ride: Pick<KeptRide, 'day' | 'tag'> | undefined): Promise<number>;
  total(): Promise<number>;
}

/** The operator's database as its administrator sees it. The caller ends `db`. */
export function platformRows(city: LivingCity): PlatformRows {
  const db = connect({ url: city.engine.adminUrl('tongche_platform'), max: 1, name: 'rows', log: silentLog });
  const notePlace = notePlaceOf(city);
  return {
    db,
    rides: async (tag) => db.query<{ w2: number; flags: number }>('select w2, flags from ride where tag = $1', [tag]),
    async notes(ride) {
      const { day = null, tag = null } = ride ?? {};
      if (day === null || tag === null) return 0;
      const places = [0, 1, 2].map((idx) => notePlace(day, Buffer.from(tag, 'hex'), idx));
      return (await db.query('select 1 from ride_note where place = any ($1::uuid[])', [places])).length;
    },
    async total() {
      return (await db.query<{ ride_id: string }>('select ride_id from ride')).length;
    },
  };
}
