// My records: the phone's own history by day, what was published, export, deletion and withdrawal.
import { dateText, dayText, nameText, plateText, timeText } from '@tongche/ui';
import type { App } from '../app.ts';
import type { Me, StoredRide } from '../ride/model.ts';
import { ask } from '../ride/net.ts';
import { toBase64Url } from '@tongche/protocol/formats';
import { ridesCsv, ridesJson } from './export.ts';
import { compare } from './lists.ts';
import { button, h } from './parts.ts';
import { eraseLater, sendOutbox } from './relay.ts';

const STATES = {
  held: 'held',
  sealed: 'waiting',
  refused: 'refusedShort',
  unknown: 'refusedShort',
  undone: 'undoneShort',
} as const;

export async function drawRecords(app: App, body: HTMLElement): Promise<void> {
  const { phone, words } = app;
  const { zone } = phone.settings.authority;
  const rides = (await phone.store.transact((tx) => tx.rides())).sort((a, b) => b.boardedMs - a.boardedMs);
  const again = (): void => void drawRecords(app, body);
  const days = Map.groupBy?.(rides, (r) => dateText(r.boardedMs, words.language, zone)) ?? grouped(rides, app);
  const list = [...days].flatMap(([day, those]) => [
    h('h3', {}, day),
    h('ul', { class: 'list card' }, ...those.map((ride) => rideRow(app, ride, again))),
  ]);
  const { t } = words;
  const file = (name: string, type: string, text: string): void => {
    const link = h('a', { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  const exports = h(
    'div',
    { class: 'buttons' },
    button(t('exportJson'), () => file('rides.json', 'application/json', ridesJson(rides, zone))),
    button(t('exportCsv'), () => file('rides.csv', 'text/csv', ridesCsv(rides, zone, words.language, t('csvHead')))),
  );
  body.replaceChildren(
    ...(rides.length === 0 ? [h('p', { class: 'card' }, t('empty'))] : [...list, exports]),
    published(app, 'notice1'),
    published(app, 'expo1'),
    withdrawal(app, body),
  );
}

/** For browsers without Map.groupBy. */
function grouped(rides: readonly StoredRide[], app: App): Map<string, StoredRide[]> {
  const days = new Map<string, StoredRide[]>();
  for (const ride of rides) {
    const day = dateText(ride.boardedMs, app.words.language, app.phone.settings.authority.zone);
    days.set(day, [...(days.get(day) ?? []), ride]);
  }
  return days;
}

function rideRow(app: App, ride: StoredRide, again: () => void): HTMLElement {
  const { t, language } = app.words;
  const { zone } = app.phone.settings.authority;
  const { receipt, alighted } = ride;
  const unit = receipt === undefined ? '—' : plateText(receipt.unit.plate ?? nameText(receipt.unit.label, language));
  const facts = [
    receipt?.line ? nameText(receipt.line.name, language) : '',
    ride.party > 0 ? t('companions', { n: ride.party }) : '',
    ride.companion ?? '',
    alighted === undefined
      ? ''
      : t('gotOff', {
          time: timeText(alighted.atMs, zone),
          stop: alighted.stop ? nameText(alighted.stop, language) : '',
        }),
  ].filter((fact) => fact !== '');
  const state = ride.status === 'registered' ? [] : [h('span', { class: 'tag' }, t(STATES[ride.status]))];
  const actions = h('span');
  const confirm = (): void =>
    actions.replaceChildren(
      button(t('deleteYes'), () => void erase(app, ride).then(again), 'danger'),
      ' ',
      button(t('cancel'), again, 'link'),
    );
  actions.append(button(t('deleteRide'), confirm, 'link'));
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'between' },
      h('b', {}, timeText(ride.boardedMs, zone)),
      h('span', { class: 'plate small' }, unit),
      ...state,
      actions,
    ),
    h('div', { class: 'soft' }, facts.join(' · ')),
  );
}

async function erase(app: App, ride: StoredRide): Promise<void> {
  const { phone } = app;
  if (ride.status !== 'undone' && !(await eraseLater(phone, ride))) return;
  await phone.store.transact(async (tx) => tx.remove(`r:${ride.id}`));
  await sendOutbox(phone);
}

/** "Who looked" and the self-check: the same comparison, against two lists. */
function published(app: App, kind: 'notice1' | 'expo1'): HTMLElement {
  const { t, language } = app.words;
  const { zone } = app.phone.settings.authority;
  const result = h('div', { role: 'status' });
  const say = (ride: StoredRide): string => {
    const day = dayText(ride.boardedMs, language, zone);
    const { receipt } = ride;
    const line = receipt?.line ? nameText(receipt.line.name, language) : '';
    const values = { day, line, plate: plateText(receipt?.unit.plate ?? ''), time: timeText(ride.boardedMs, zone) };
    return t(kind === 'notice1' ? 'looked' : 'hit', values);
  };
  const look = async (): Promise<void> => {
    result.replaceChildren(h('p', { class: 'soft' }, t('lookup')));
    const found = await compare(app.phone, kind);
    if (found === undefined) result.replaceChildren(h('p', { class: 'problem' }, t('listsFailed')));
    else if (found.hits.length > 0)
      result.replaceChildren(...found.hits.map((ride) => h('p', { class: 'problem' }, say(ride))));
    else {
      const time = timeText(app.nowMs(), zone);
      result.replaceChildren(
        h('p', { class: 'good' }, `✓ ${t(kind === 'notice1' ? 'lookedNone' : 'hitNone', { time })}`),
      );
    }
  };
  return h(
    'section',
    { class: 'card' },
    h(
      'div',
      { class: 'between' },
      h('b', {}, t(kind === 'notice1' ? 'lookers' : 'checkSelf')),
      button(t('lookNow'), () => void look()),
    ),
    h('p', { class: 'soft' }, t('checkSelfMore')),
    result,
  );
}

function withdrawal(app: App, body: HTMLElement): HTMLElement {
  const { t } = app.words;
  const card = h('section', { class: 'card' });
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true }, t('withdrawFailed'));
  const really = (): void =>
    card.replaceChildren(
      h('p', {}, t('withdrawMore')),
      problem,
      h(
        'div',
        { class: 'buttons' },
        button(
          t('withdrawYes'),
          () => void withdraw(app).then((done) => (done ? end() : (problem.hidden = false))),
          'danger',
        ),
        button(t('cancel'), () => void drawRecords(app, body)),
      ),
    );
  const end = (): void => body.replaceChildren(h('p', { class: 'card', role: 'status' }, t('withdrawDone')));
  card.append(button(t('withdraw'), really, 'link'), h('p', { class: 'soft' }, t('change2')));
  return card;
}

/** Erases every ride by the relay first, then the ticket, then this phone. Nothing is wiped before it is on its way. */
async function withdraw(app: App): Promise<boolean> {
  const { phone } = app;
  const { me, rides } = await phone.store.transact(async (tx) => ({
    me: await tx.get<Me>('me'),
    rides: await tx.rides(),
  }));
  for (const ride of rides) {
    if (ride.status === 'undone') continue;
    if (!(await eraseLater(phone, ride))) return false;
    await phone.store.transact(async (tx) => tx.remove(`r:${ride.id}`));
  }
  if (!(await sendOutbox(phone))) return false;
  if (me !== undefined) {
    const body = { ticket: me.ticket, deviceKey: toBase64Url(me.deviceKey) };
    const answer = await ask('/withdraw', body, { credentials: 'same-origin' });
    if (answer.status !== 204 && answer.status !== 401) return false;
  }
  await phone.store.wipe();
  app.ride = undefined;
  await app.read();
  return true;
}
