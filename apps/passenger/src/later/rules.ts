// The full text people agree to, as the authority publishes it; the three points where it cannot be loaded.
import type { ConsentReply } from '@tongche/contract';
import type { App } from '../app.ts';
import { ask } from '../ride/net.ts';
import { h } from './parts.ts';

export async function drawRules(app: App, body: HTMLElement): Promise<void> {
  const { t, language } = app.words;
  body.replaceChildren(h('p', { class: 'soft' }, t('lookup')));
  const answer = await ask<ConsentReply>('/consent');
  if (answer.status === 200) {
    body.replaceChildren(h('div', { class: 'card text' }, language.startsWith('zh') ? answer.body.zh : answer.body.en));
    return;
  }
  const points = ['point1', 'point2', 'point3'].map((key) => h('li', {}, t(key)));
  body.replaceChildren(h('div', { class: 'card' }, h('p', {}, t('rulesFallback')), h('ul', {}, ...points)));
}
