// "I'm getting off": the likely stop is chosen already; one tap writes it down for the authority alone.
import { nameText, timeText } from '@tongche/ui';
import type { App } from '../app.ts';
import type { Alighting } from '../ride/model.ts';
import { button, h } from './parts.ts';
import { writeNote } from './relay.ts';
import { likelyStop, noteAtStop, noteNow, stopsAhead } from './stops.ts';

export async function drawAlight(app: App, body: HTMLElement): Promise<void> {
  const { ride, words, phone } = app;
  const { t, language } = words;
  if (ride?.sealed === undefined || ride.receipt === undefined) return;
  const { sealed } = ride;
  const { run } = ride.receipt;
  const nowMs = app.nowMs();
  const minute = (nowMs - sealed.dayStartMs) / 60_000;
  const stops = run === null ? [] : stopsAhead(run);
  const likely = run === null ? undefined : likelyStop(run, minute);
  const basis: Alighting['basis'] = app.flow.phase === 'aboard' ? 'rescan' : 'off-tap';
  const choice = (value: string, label: string, checked: boolean): HTMLElement =>
    h('label', { class: 'choice' }, h('input', { type: 'radio', name: 'stop', value, checked }), label);
  const time = timeText(nowMs, phone.settings.authority.zone);
  const form = h(
    'form',
    { class: 'card stops' },
    choice('now', t('now', { time }), likely === undefined),
    ...stops.map((stop) => choice(String(stop.seq), nameText(stop.name, language), stop === likely)),
  );
  const save = async (): Promise<void> => {
    const value = new FormData(form).get('stop');
    const stop = stops.find((s) => String(s.seq) === value);
    const note =
      stop === undefined || run === null ? noteNow(basis, run, sealed.minute, minute) : noteAtStop(basis, run, stop);
    await writeNote(phone, ride, note, { basis, stop: stop?.name ?? null, atMs: nowMs });
    history.back();
  };
  body.replaceChildren(
    form,
    button(t('noteSave'), () => void save(), 'main'),
    h('p', { class: 'soft' }, t('noteMore')),
  );
}
