// The way from another QR of the city to its ride: the site behind that QR sends the phone to /a#<what the QR says>. The
// platform names our code, and the ordinary page opens. The content stays out of every address and log: it is behind the
// hash, taken away at once, and sent in a body.
import zh from '../i18n/zh-CN.alias.json' with { type: 'json' };
import en from '../i18n/en.alias.json' with { type: 'json' };
import { ask } from '../ride/net.ts';
import { on, settingsOf, show, text, writtenTexts } from '../view/dom.ts';
import type { Words } from '../view/dom.ts';
import { speakBoth } from '../view/page.ts';

type Problem = 'unknown' | 'revoked' | 'offline';

const kept = (history.state as { readonly content?: string } | null)?.content;
const content = fromHash(location.hash) ?? kept;
// The content leaves the address; a reload of this tab still finds it.
history.replaceState({ content }, '', location.pathname);

let words: Words | undefined;
let problem: Problem | undefined;

function fromHash(hash: string): string | undefined {
  try {
    return decodeURIComponent(hash.slice(1)) || undefined;
  } catch {
    return undefined;
  }
}

function draw(now: Words): void {
  words = now;
  show('wait', problem === undefined);
  show('problem', problem !== undefined);
  show('again', problem === 'offline');
  show('type', problem === 'unknown' || problem === 'revoked');
  if (problem !== undefined) text('problem', now.t(problem));
}

function say(found: Problem | undefined): void {
  problem = found;
  if (words !== undefined) draw(words);
}

async function open(): Promise<void> {
  say(undefined);
  if (content === undefined) return say('unknown');
  const url = `${settingsOf().platformUrl}/v1/codes/resolve`;
  const { status, body } = await ask<{ readonly code: string }>(url, { content });
  // Replaced, so that "back" leads out and not here again.
  if (status === 200) return location.replace(`/r/${body.code}`);
  say(status === 404 || status === 400 ? 'unknown' : status === 410 ? 'revoked' : 'offline');
}

speakBoth({ ...writtenTexts(), ...zh }, en, draw);
on('again', 'click', () => void open());
void open();
