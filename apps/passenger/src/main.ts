// The passenger's page: a scan becomes a ride. What a returning rider needs before the green is in here; the rest is loaded later.
import { asked, scannedCode } from './first.ts';
import { nameText } from '@tongche/ui';
import type { Dictionary } from '@tongche/ui';
import { webCryptoSuite } from '@tongche/protocol/webcrypto';
import type { Suite } from '@tongche/protocol/formats';
import type { App, Later, LaterModule } from './app.ts';
import zh from './i18n/zh-CN.json' with { type: 'json' };
import { begin, drive } from './ride/engine.ts';
import { START, step } from './ride/flow.ts';
import type { Me } from './ride/model.ts';
import { openStore } from './ride/store.ts';
import { drawCard, drawClock } from './view/card.ts';
import { $, fillTexts, remembered, settingsOf, show, text, wordsOf, writtenTexts } from './view/dom.ts';

const settings = settingsOf();
const { authority, retentionDays, smsProvider } = settings;
/** The page is written in Chinese: its own text is the rest of that dictionary. */
const loaded: Record<string, Dictionary> = { 'zh-CN': { ...zh, ...writtenTexts() } };
const VIBRATE_MS = 80;
const TICK_MS = 500;

function load<T>(name: string): Promise<T> {
  return import(/* @vite-ignore */ `/assets/${name}-${BUILD}.js`) as Promise<T>;
}

function makeWords(): App['words'] {
  return wordsOf(loaded, settings.languages, (language) => ({
    days: retentionDays,
    authority: nameText(authority.name, language),
    sms: nameText(smsProvider, language),
  }));
}

async function start(): Promise<void> {
  let suite: Promise<Suite> | undefined;
  let later: Later | undefined;
  let attaching: Promise<Later> | undefined;
  const attach = (): Promise<Later> =>
    (attaching ??= load<LaterModule>('later').then(async (module) => {
      later = await module.attach(app);
      app.draw();
      return later;
    }));

  const app: App = {
    phone: {
      settings,
      store: await openStore().catch(() => load<LaterModule>('later').then((module) => module.memoryStore())),
      // Plain-HTTP pages have no WebCrypto: the same protocol over a portable library then.
      suite: () =>
        (suite ??= crypto.subtle
          ? Promise.resolve(webCryptoSuite(crypto as never))
          : load<{ readonly nobleSuite: Suite }>('noble').then((module) => module.nobleSuite)),
      refill: () => attach().then((l) => l.refill()),
      mend: (answer, body) => attach().then((l) => l.mend(answer, body)),
    },
    words: makeWords(),
    flow: START,
    ride: undefined,
    me: undefined,
    working: scannedCode !== undefined,
    nowMs: () => Date.now() + (app.me?.offsetMs ?? 0),

    async read() {
      const id = app.ride?.id;
      await app.phone.store.transact(async (tx) => {
        app.me = await tx.get<Me>('me');
        app.ride = id === undefined ? undefined : await tx.get(`r:${id}`);
      });
    },

    draw() {
      const { flow, ride, words } = app;
      const trouble = ['number', 'revoked', 'refused'].includes(flow.phase);
      const first = ride !== undefined && flow.phase === 'first';
      const card = (ride !== undefined || app.working) && !first && !trouble;
      show('ride', card);
      show('first', first);
      if (card) drawCard({ flow, ride, settings, words });
      drawClock(app.nowMs(), words, authority.zone);
      later?.draw();
    },

    learn(more) {
      loaded['zh-CN'] = { ...loaded['zh-CN'], ...more };
    },

    async speak() {
      app.words = makeWords();
      const { language } = app.words;
      if (loaded[language] === undefined) {
        // Chinese meanwhile: a page without words helps nobody.
        loaded[language] = (await load<{ readonly words: Dictionary }>(`words-${language}`)).words;
        app.words = makeWords();
      }
      fillTexts(app.words);
      $<HTMLInputElement>('phone').placeholder = app.words.t('phoneHint');
      app.draw();
    },

    async go(next, quiet = false) {
      const id = app.ride?.id;
      if (id === undefined) return;
      const rest = await drive(app.phone, id, next, (flow, ride) => {
        if (quiet || app.ride?.id !== id) return;
        [app.flow, app.ride, app.working] = [flow, ride, false];
        app.draw();
      });
      app.flow = rest;
      await app.read();
      app.draw();
      if (rest.phase === 'registered' && !quiet) navigator.vibrate?.(VIBRATE_MS);
      await (await attach()).rested(quiet);
    },

    async scan(code, typedFor) {
      app.working = true;
      app.draw();
      const begun = await begin(app.phone, code, typedFor);
      app.ride = begun.ride;
      await app.read();
      await app.go(step(START, begun.event));
    },
  };

  document.documentElement.classList.toggle('big', remembered('big') === '1');
  fillTexts(app.words);
  setInterval(() => {
    drawClock(app.nowMs(), app.words, authority.zone);
    later?.tick();
  }, TICK_MS);
  app.draw();
  const spoken = app.speak().catch(() => undefined);
  if (scannedCode !== undefined) await app.scan(scannedCode);
  else await app.read();
  await spoken;
  await (await attach()).opened(asked, scannedCode !== undefined);
}

// The later part could not be loaded: what was sealed is safe, and the card says how it stands.
void start().catch(() => text('stateMore', zh.savedMore));
