// The notice of a shared ride: the sealed text comes from the registrar, its key from the link, and only this phone puts them together.
import { fromBase64Url, fromUtf8, unwrap, utf8 } from '@tongche/protocol/formats';
import type { Suite } from '@tongche/protocol/formats';
import { webCryptoSuite } from '@tongche/protocol/webcrypto';
import { dayText, nameText, plateText, timeText } from '@tongche/ui';
import zh from '../i18n/zh-CN.notice.json' with { type: 'json' };
import type { NoticeContent } from '@tongche/contract';
import en from '../i18n/en.notice.json' with { type: 'json' };
import { h } from '../later/parts.ts';
import { ask } from '../ride/net.ts';
import { $, on, show, text, writtenTexts } from '../view/dom.ts';
import type { Words } from '../view/dom.ts';
import { speakBoth } from '../view/page.ts';

const id = /^\/n\/([\w-]{22})\/?$/.exec(location.pathname)?.[1];
const kept = (history.state as { readonly key?: string } | null)?.key;
const key = /^#([\w-]{22})$/.exec(location.hash)?.[1] ?? kept;
// The key leaves the address; a reload of this tab still finds it.
history.replaceState({ key }, '', location.pathname);

const NONCE_BYTES = 12;
type Opened = { readonly notice: NoticeContent } | { readonly problem: 'gone' | 'badKey' | 'offline' };

async function suite(): Promise<Suite> {
  if (crypto.subtle) return webCryptoSuite(crypto as never);
  const module = (await import(/* @vite-ignore */ `/assets/noble-${BUILD}.js`)) as { readonly nobleSuite: Suite };
  return module.nobleSuite;
}

async function open(): Promise<Opened> {
  if (id === undefined || key === undefined) return { problem: 'badKey' };
  const answer = await ask<{ readonly blob: string }>(`/notices/${id}`);
  if (answer.status === undefined) return { problem: 'offline' };
  if (answer.status !== 200) return { problem: 'gone' };
  const blob = fromBase64Url(answer.body.blob);
  const keyBytes = fromBase64Url(key);
  if (!blob.ok || !keyBytes.ok) return { problem: 'badKey' };
  const nonce = blob.value.slice(0, NONCE_BYTES);
  const opened = await (
    await suite()
  ).aesGcmOpen(keyBytes.value, nonce, utf8(`notice1|${id}`), blob.value.slice(NONCE_BYTES));
  if (!opened.ok) return { problem: 'badKey' };
  return { notice: JSON.parse(unwrap(fromUtf8(opened.value))) as NoticeContent };
}

let words: Words;
let opened: Opened | undefined;
let receipt: 'acknowledged' | 'disputed' | 'receiptFailed' | undefined;

function draw(w: Words): void {
  words = w;
  const { t, language } = w;
  show('wait', opened === undefined);
  if (opened === undefined) return;
  show('problem', 'problem' in opened);
  show('notice', 'notice' in opened);
  if ('problem' in opened) return text('problem', t(opened.problem));
  const { notice } = opened;
  text('from', nameText(notice.authority, language));
  $('rides').replaceChildren(
    ...notice.rides.map((ride) => {
      const from = timeText(ride.fromMs, notice.zone);
      const to = timeText(ride.toMs, notice.zone);
      const plate = plateText(ride.plate ?? nameText(ride.label, language));
      const line = ride.line === null ? '' : nameText(ride.line, language);
      const when = `${dayText(ride.fromMs, language, notice.zone)} ${from}–${to}`;
      return h(
        'li',
        {},
        h('div', { class: 'between' }, h('b', {}, when), h('span', { class: 'plate small' }, plate)),
        h('div', { class: 'soft' }, line),
      );
    }),
  );
  $('advice').replaceChildren(...notice.advice.map((line) => h('li', {}, nameText(line, language))));
  text('checkCode', notice.checkCode);
  const call = $<HTMLAnchorElement>('call');
  call.href = `tel:${notice.phone.replace(/[^\d+]/g, '')}`;
  call.textContent = `☏ ${t('call', { phone: notice.phone })}`;
  show('receipt', receipt !== undefined);
  if (receipt !== undefined) text('receipt', t(receipt));
}

async function say(outcome: 'seen' | 'acknowledged' | 'disputed'): Promise<void> {
  const { status } = await ask(`/notices/${id}/receipt`, { outcome });
  if (outcome === 'seen') return;
  receipt = status !== undefined && status < 300 ? outcome : 'receiptFailed';
  draw(words);
}

async function start(): Promise<void> {
  speakBoth({ ...zh, ...writtenTexts() }, en, draw);
  opened = await open();
  draw(words);
  if ('notice' in opened) void say('seen');
  on('known', 'click', () => void say('acknowledged'));
  on('dispute', 'click', () => void say('disputed'));
}
void start();
