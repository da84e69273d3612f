// The later-loaded part of the page: the form of the first scan, what follows a ride, and the views behind the buttons.
import zh from '../i18n/zh-CN.more.json' with { type: 'json' };
import type { App, Later } from '../app.ts';
import { flush, letGo, waitLeftMs } from './send.ts';
import { retryDelayMs, START, step } from '../ride/flow.ts';
import { SAME_RIDE_MS, stillOnRun } from '../ride/model.ts';
import type { Me, StoredRide } from '../ride/model.ts';
import { $, fillTexts, on, remembered, show } from '../view/dom.ts';
import { bigSwitch } from '../view/big.ts';
import { afterRide } from './after.ts';
import { enrolForm } from './enrol-form.ts';
import { drawExtras, tickUndo } from './extras.ts';
import { mend } from './mend.ts';
import { addParts } from './parts.ts';
import { partyStepper } from './party.ts';
import { serveOffline } from './serve-offline.ts';
import { takeBack } from './undo.ts';
import { vehicleNumber } from './vehicle-number.ts';
import { openView } from './views.ts';
import { recover, refill, rulesToAgree } from './wallet.ts';

export { memoryStore } from './memory-store.ts';

const DAY_MS = 86_400_000;
/** A wallet that ends within this is refilled after a scan's answer. */
const REFILL_BEFORE_MS = 2 * DAY_MS;

/** Rules go into the page's own style sheet: the policy allows no other, and needs none for this. */
function addRules(): void {
  const sheet = document.styleSheets[0];
  for (const rule of LATER_RULES) sheet?.insertRule(rule, sheet.cssRules.length);
}

export async function attach(app: App): Promise<Later> {
  const { phone } = app;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;
  let keptTimer: ReturnType<typeof setTimeout> | undefined;
  let keptTries = 0;
  let last: StoredRide | undefined;

  app.learn(zh);
  addRules();
  addParts();
  // No part is ever seen without words: Chinese ones where another language's are late or lost.
  const speak = (): void => {
    void app.speak().catch(() => undefined);
    fillTexts(app.words);
  };
  speak();
  show('demo', phone.settings.demo);
  bigSwitch();
  const form = await enrolForm(
    phone,
    () => app.words,
    () => void enrolled(),
  );
  const vehicle = vehicleNumber(app);
  const party = partyStepper(app);

  async function enrolled(): Promise<void> {
    await app.read();
    app.draw();
    await app.go(step(app.flow, { type: 'enrolled' }));
  }

  /** A refill nobody waits for; newer rules are then asked about beside whatever is on the screen. */
  async function refillQuietly(): Promise<void> {
    await refill(phone);
    app.draw();
  }

  function retry(): void {
    const { flow, ride } = app;
    if ((flow.phase !== 'saved' && flow.phase !== 'busy') || waitLeftMs(ride) > 0) return;
    clearTimeout(retryTimer);
    void app.go(step(flow, { type: 'retry', sealed: ride?.sealed !== undefined && ride.status === 'sealed' }));
  }

  /** Rides of before that are still on the phone, beside the one on the screen. */
  async function sendKept(): Promise<void> {
    clearTimeout(keptTimer);
    const askedMs = await flush(phone, app.ride?.id);
    keptTries = askedMs === undefined ? 0 : keptTries + 1;
    if (askedMs === undefined) return;
    keptTimer = setTimeout(() => void sendKept(), retryDelayMs(keptTries, Math.random(), askedMs));
  }

  async function rested(): Promise<void> {
    const { phase } = app.flow;
    clearTimeout(retryTimer);
    if (phase === 'saved' || phase === 'busy') {
      retryTimer = setTimeout(retry, retryDelayMs(tries, Math.random(), waitLeftMs(app.ride)));
      tries += 1;
    }
    if (phase === 'first') {
      void vehicle.describe();
      if (app.me === undefined && (await recover(phone)) === 'refilled') await enrolled();
      else app.draw();
    }
    if (phase !== 'registered' && phase !== 'repeat') return;
    tries = 0;
    serveOffline();
    await sendKept();
    await afterRide(phone, app.ride, app.nowMs());
    const lastDayMs = Math.max(...(app.me?.bundles.map((b) => b.notAfterMs) ?? [0]));
    if (lastDayMs - app.nowMs() <= REFILL_BEFORE_MS) await refillQuietly();
  }

  /** Opened without a code: the ride under way, the code that was asked for, or the way to a scan. */
  async function reopened(): Promise<void> {
    const rides = await phone.store.transact((tx) => tx.rides());
    const latest = (...states: readonly string[]): StoredRide | undefined =>
      rides.filter((r) => states.includes(r.status)).sort((a, b) => b.boardedMs - a.boardedMs)[0];
    last = latest('registered');
    const waiting = latest('held', 'sealed');
    if (last !== undefined && (app.nowMs() - last.boardedMs < SAME_RIDE_MS || stillOnRun(last, app.nowMs()))) {
      app.ride = last;
      app.flow = { ...START, phase: 'repeat' };
      await rested();
    } else if (waiting !== undefined) {
      app.ride = waiting;
      const sends = waiting.status === 'sealed' ? 'posting' : 'sealing';
      const phase = app.me === undefined ? 'first' : waitLeftMs(waiting) > 0 ? 'busy' : sends;
      await app.go({ ...START, phase });
    }
    app.draw();
  }

  on('language', 'click', () => {
    remembered('language', app.words.language.startsWith('zh') ? 'en' : 'zh-CN');
    $('view').hidden = true;
    speak();
  });
  on('undo', 'click', () => void takeBack(app));
  on('boardAgain', 'click', () => void boardAgain());
  for (const view of ['records', 'alight', 'family'] as const) on(view, 'click', () => void openView(app, view));
  document.querySelectorAll<HTMLAnchorElement>('a[href="#rules"]').forEach((link) => {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      void openView(app, 'rules');
    });
  });
  addEventListener('popstate', () => {
    show('view', false);
    void app.read().then(() => app.draw());
  });
  addEventListener('online', retry);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    retry();
    if (app.flow.phase === 'first' && app.ride !== undefined) {
      void app.read().then(() => (app.me === undefined ? undefined : enrolled()));
    }
  });
  // The wallet is refilled at a time that no scan's answer marks.
  setTimeout(() => void refillQuietly(), SAME_RIDE_MS * (1 + Math.random()));

  /** The rider says that the second scan is another ride: the first one is over. */
  async function boardAgain(): Promise<void> {
    const { ride } = app;
    if (ride === undefined) return;
    const alighted = { basis: 'rescan', stop: null, atMs: app.nowMs() } as const;
    await phone.store.transact(async (tx) => tx.put(`r:${ride.id}`, { ...ride, alighted }));
    await app.scan(ride.code);
  }

  return {
    refill: () => refill(phone),
    mend: (answer, body) => mend(app, answer, body),
    draw() {
      drawExtras(app, vehicle.found(), last);
      const { flow, ride, me, working } = app;
      const first = flow.phase === 'first' && ride !== undefined;
      const idle = ride === undefined || flow.phase === 'registered' || flow.phase === 'repeat';
      const rules = rulesToAgree() !== undefined && me !== undefined && idle && !working;
      if (rules && $('view').hidden) show('first', true);
      if (first || rules) form.draw(me !== undefined);
      vehicle.draw();
      party.draw();
    },
    tick() {
      form.tick();
      tickUndo(app);
    },
    rested,
    async opened(part, scanned) {
      await letGo(phone, app.nowMs());
      if (!scanned) await reopened();
      if (part !== undefined) await openView(app, part);
      const me = await phone.store.transact((tx) => tx.get<Me>('me'));
      if (me === undefined || scanned) return;
      await sendKept();
      await afterRide(phone, undefined, app.nowMs());
    },
  };
}
