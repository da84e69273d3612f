// Opens a view over the page; the phone's back button closes it.
import type { App } from '../app.ts';
import { $, show } from '../view/dom.ts';
import { drawAlight } from './alight.ts';
import { drawFamily } from './family.ts';
import { button, h } from './parts.ts';
import { drawRecords } from './records.ts';
import { drawRules } from './rules.ts';

export type ViewName = 'records' | 'rules' | 'alight' | 'family';

const VIEWS = { records: drawRecords, rules: drawRules, alight: drawAlight, family: drawFamily } as const;
const TITLES = { records: 'records', rules: 'rules', alight: 'whereOff', family: 'familyTitle' } as const;

export async function openView(app: App, name: ViewName): Promise<void> {
  const element = $('view');
  if (element.hidden) history.pushState({ view: name }, '', '/');
  const { t } = app.words;
  const title = h('h2', { tabindex: '-1' }, t(TITLES[name]));
  const back = button(`‹ ${t('back')}`, () => history.back(), 'link');
  const body = h('div');
  element.replaceChildren(h('div', { class: 'between' }, title, back), body);
  show('view', true);
  app.draw();
  scrollTo(0, 0);
  title.focus();
  await VIEWS[name](app, body);
}
