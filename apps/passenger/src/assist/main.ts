// The assist form: staff enter a passenger without a phone. One field that a scanner can always type into, Enter sends it.
import { parseCnId, parsePhone, parseSubject } from '@tongche/protocol/formats';
import type { RideCheck, Suite } from '@tongche/protocol/formats';
import { webCryptoSuite } from '@tongche/protocol/webcrypto';
import zh from '../i18n/zh-CN.assist.json' with { type: 'json' };
import en from '../i18n/en.assist.json' with { type: 'json' };
import { button, h } from '../later/parts.ts';
import { memoryStore } from '../later/memory-store.ts';
import { serveOffline } from '../later/serve-offline.ts';
import { alone, openStore } from '../ride/store.ts';
import { $, on, settingsOf, show, text, writtenTexts } from '../view/dom.ts';
import type { Words } from '../view/dom.ts';
import { speakBoth } from '../view/page.ts';
import { retryDelayMs } from '../ride/flow.ts';
import { postSealed, sealEntry } from './send.ts';
import type { Entry, Queue, Waiting } from './vault.ts';
import { assistQueue } from './vault.ts';

const kept = (history.state as { readonly given?: string } | null)?.given;
const given = new URLSearchParams(location.hash.slice(1) || kept);
// Token and code leave the address bar before anything else; a reload of this tab still finds them.
history.replaceState({ given: `${given}` }, '', location.pathname);

const KINDS = ['phone', 'cn-id', 'passport', 'slip'] as const;
/** Refusals that staff are told in words of their own, by error code; the others share one. */
const REASONS: Readonly<Record<string, string>> = {
  'bad-phone': 'bad-phone',
  'bad-document': 'bad-passport',
  'too-old': 'too-old',
  'unknown-code': 'unknown-code',
  'code-revoked': 'code-revoked',
  'signature-invalid': 'signature-invalid',
};
const MAX_PARTY = 7;
/** How often it is looked whether something waits and its time has come. */
const LOOK_MS = 1_000;
/** Slip numbers made here for people with a name only: 15 digits, so that no two meet. */
const RANDOM_SLIP = 10n ** 14n;
const TICK = { ok: 'M12 23l7 7 14-15', off: 'M22 32V13M14 20l8-8 8 8' } as const;

const settings = settingsOf();
const token = given.get('token') ?? '';
const code = /^[\w-]{11}$/.exec(given.get('code') ?? '')?.[0];
const field = (id: string): HTMLInputElement => $<HTMLInputElement>(id);

let words: Words;
let kind: Entry['kind'] = 'phone';
let party = 0;
let busy = false;
let problem: string | undefined;
let waiting = 0;
let refused: readonly Waiting[] = [];
/** Stops telling about these. Set once there is a queue. */
let forget: (ids: readonly string[]) => void = () => undefined;
let result: { readonly look: 'ok' | 'off'; readonly check?: RideCheck } | undefined;

async function suite(): Promise<Suite> {
  if (crypto.subtle) return webCryptoSuite(crypto as never);
  return ((await import(/* @vite-ignore */ `/assets/noble-${BUILD}.js`)) as { readonly nobleSuite: Suite }).nobleSuite;
}

/** The staff page of the platform this registrar works with; no address from elsewhere becomes a link here. */
function backLink(): string {
  const staff = new URL('/staff/', settings.platformUrl);
  const back = given.get('back') ?? '';
  return URL.canParse(back) && new URL(back).origin === staff.origin ? back : staff.href;
}

function draw(w: Words): void {
  words = w;
  const { t } = w;
  $('kinds').setAttribute('aria-label', t('kind'));
  $('kinds').replaceChildren(
    ...KINDS.map((k) => {
      const choice = button(t(k), () => choose(k));
      choice.setAttribute('role', 'radio');
      choice.setAttribute('aria-checked', String(k === kind));
      return choice;
    }),
  );
  text('valueLabel', t(`${kind}Label`));
  field('value').inputMode = kind === 'passport' ? 'text' : kind === 'cn-id' ? 'text' : 'numeric';
  show('reachRow', kind !== 'phone');
  show('nameRow', kind !== 'phone' || settings.askName);
  document.querySelector('[for=name]')?.replaceChildren(t(kind === 'slip' ? 'nameNeeded' : 'name'));
  text('party', String(party));
  $('less').setAttribute('aria-label', t('less'));
  $('more').setAttribute('aria-label', t('more'));
  $<HTMLButtonElement>('less').disabled = party === 0;
  $<HTMLButtonElement>('more').disabled = party === MAX_PARTY;
  $<HTMLButtonElement>('go').disabled = busy;
  text('go', t(busy ? 'working' : 'go'));
  show('problem', problem !== undefined);
  text('problem', problem === undefined ? '' : t(problem));
  const unusable = code === undefined || token === '';
  show('unusable', unusable);
  text('unusable', t('no-code'));
  show('entry', !unusable);
  show('waiting', waiting > 0);
  text('waiting', t('waitingN', { n: waiting }));
  drawRefused(w);
  show('ride', result !== undefined);
  if (result === undefined) return;
  const { look, check } = result;
  $('ride').className = `ride ${look}`;
  $('tick').setAttribute('d', TICK[look]);
  text('state', t(look === 'ok' ? 'done' : 'saved'));
  text('stateMore', t(look === 'ok' ? 'doneMore' : 'savedMore'));
  show('check', check !== undefined);
  $('check').className = `check ${check?.colour ?? ''}`;
  text('checkText', check?.text ?? '');
  text('colour', check === undefined ? '' : t(check.colour));
}

/** One line for each reason. Whom it was about is told to nobody: the line has a count and no more. */
function drawRefused({ t }: Words): void {
  const idsOf = new Map<string, string[]>();
  for (const { id, refused: why } of refused) {
    const reason = t(REASONS[why?.code ?? ''] ?? 'not-taken');
    idsOf.set(reason, [...(idsOf.get(reason) ?? []), id]);
  }
  const lines = [...idsOf].map(([reason, ids]) => ({ ids, said: t('refusedN', { n: ids.length, reason }) }));
  show('refused', lines.length > 0);
  // What is on the screen already is neither read out again nor taken from under a finger.
  const shown = [t('remove'), ...refused.map(({ id }) => id), ...idsOf.keys()].join();
  if ($('refused').dataset['shown'] === shown) return;
  $('refused').dataset['shown'] = shown;
  $('refused').replaceChildren(
    ...lines.flatMap(({ ids, said }) => [h('p', {}, said), button(t('remove'), () => forget(ids))]),
  );
}

/** What waits and what was refused, as it is in the queue now. */
async function recount(queue: Queue): Promise<void> {
  const list = await queue.list();
  refused = list.filter((item) => item.refused);
  waiting = list.length - refused.length;
  draw(words);
}

function choose(k: Entry['kind']): void {
  kind = k;
  problem = undefined;
  draw(words);
  field('value').focus();
}

/** A scanner types whatever was held before it: an ID card's number is recognised in any mode but passport. */
function recognise(value: string): Entry['kind'] {
  if (kind === 'passport') return kind;
  if (parseCnId(value).ok) return 'cn-id';
  return kind === 'cn-id' && parsePhone(value).ok ? 'phone' : kind;
}

function entryOf(): Entry | string {
  const typed = field('value').value;
  const name = field('name').value.trim();
  const actual = recognise(typed);
  let value = typed.trim();
  if (actual === 'slip' && value === '') {
    if (name === '') return 'need-name';
    const [a = 0, b = 0] = crypto.getRandomValues(new Uint32Array(2));
    value = String(RANDOM_SLIP + (((BigInt(a) << 32n) | BigInt(b)) % (9n * RANDOM_SLIP)));
  }
  const subject = parseSubject(actual, value);
  if (!subject.ok) return subject.code;
  const reach = actual === 'phone' ? '' : field('reach').value.trim();
  if (reach !== '' && !parsePhone(reach).ok) return 'bad-phone';
  return { kind: actual, value, reach, name, party, boardedMs: Date.now(), code: code ?? '' };
}

/** The next passenger: nothing of the last one stays on the screen or in a field. */
function clear(): void {
  for (const id of ['value', 'reach', 'name']) field(id).value = '';
  party = 0;
  kind = 'phone';
}

async function submit(queue: Queue | undefined): Promise<void> {
  if (busy) return;
  const entry = entryOf();
  problem = typeof entry === 'string' ? entry : undefined;
  if (typeof entry !== 'string') {
    busy = true;
    result = undefined;
    draw(words);
    problem = await register(entry, queue).catch(() => 'failed');
    busy = false;
    if (problem === undefined) clear();
  }
  draw(words);
  field('value').focus();
}

async function register(entry: Entry, queue: Queue | undefined): Promise<string | undefined> {
  const sealed = await sealEntry(await suite(), settings, token, entry);
  if ('refused' in sealed) {
    if (sealed.refused === 'assist-token-invalid' || sealed.refused === 'failed') return sealed.refused;
    if (queue === undefined) return 'no-vault';
    await queue.add(entry);
    waiting += 1;
    result = { look: 'off' };
    return undefined;
  }
  const { body, url, check } = sealed;
  const sent = await postSealed(url, body);
  if (typeof sent === 'object') return 'refused';
  if (sent === 'again') {
    if (queue === undefined) return 'busy';
    await queue.add(entry);
    const added = (await queue.list()).at(-1);
    if (added !== undefined) await queue.seal(added.id, body, url);
    waiting += 1;
  }
  result = { look: sent === 'ok' ? 'ok' : 'off', check };
  navigator.vibrate?.(80);
  return undefined;
}

/** Finishes what waits: derives and seals first, and from then on sends the same bytes. */
async function flush(queue: Queue): Promise<void> {
  for (let item of await queue.list()) {
    if (item.refused) continue;
    const entry = await queue.open(item).catch(() => undefined);
    if (entry !== undefined) {
      const sealed = await sealEntry(await suite(), settings, token, entry);
      if ('refused' in sealed) {
        if (sealed.refused !== 'failed') return;
        await queue.refuse(item.id, sealed.code);
        continue;
      }
      await queue.seal(item.id, sealed.body, sealed.url);
      item = { id: item.id, body: sealed.body, url: sealed.url };
    }
    if (!('body' in item)) continue;
    const sent = await postSealed(item.url, item.body);
    if (sent === 'again') return;
    await (sent === 'ok' ? queue.remove([item.id]) : queue.refuse(item.id, sent.code));
  }
}

async function start(): Promise<void> {
  speakBoth({ ...zh, ...writtenTexts() }, en, draw);
  // Without WebCrypto nothing could be encrypted at rest: then nothing is kept.
  const queue = crypto.subtle ? assistQueue(await openStore('tongche-assist').catch(memoryStore)) : undefined;
  let tries = 0;
  let nextMs = 0;
  const sendWaiting = async (): Promise<void> => {
    if (queue === undefined) return;
    if (token === '') return recount(queue);
    // "Online" often comes before the network does: soon again, then less and less often.
    nextMs = performance.now() + retryDelayMs(tries, Math.random());
    tries += 1;
    await alone(() => flush(queue)).catch(() => undefined);
    await recount(queue);
  };
  forget = (ids) => {
    field('value').focus();
    void queue?.remove(ids).then(() => recount(queue));
  };
  $<HTMLAnchorElement>('back').href = backLink();
  on('entry', 'submit', (event) => {
    event.preventDefault();
    void submit(queue);
  });
  on('less', 'click', () => {
    party -= 1;
    draw(words);
  });
  on('more', 'click', () => {
    party += 1;
    draw(words);
  });
  // A scanner types anywhere: what is typed outside a field goes to the one field.
  document.addEventListener('keydown', (event) => {
    const inField = event.target instanceof HTMLInputElement;
    if (!inField && event.key.length === 1 && !event.ctrlKey && !event.metaKey) field('value').focus();
  });
  addEventListener('online', () => {
    tries = 0;
    void sendWaiting();
  });
  addEventListener('pagehide', clear);
  setInterval(() => {
    if (waiting === 0) tries = 0;
    else if (performance.now() >= nextMs) void sendWaiting();
  }, LOOK_MS);
  field('value').focus();
  // The form opens in tunnels too: its worker keeps it.
  serveOffline();
  void navigator.serviceWorker?.ready.then((worker) => worker.active?.postMessage('/assist'));
  await sendWaiting();
}
void start();
