// The card of a ride: one big truth, the running clock, plate, line, check; and the check. All else comes later.
import { dateText, nameText, plateText, timeText } from '@tongche/ui';
import type { Flow } from '../ride/flow.ts';
import type { Settings, StoredRide } from '../ride/model.ts';
import { $, show, text } from './dom.ts';
import type { Words } from './dom.ts';

/** Class, icon and whether the ride counts as made, by phase. */
const LOOK = {
  registered: ['ok', 'M12 23l7 7 14-15'],
  repeat: ['ok', 'M12 23l7 7 14-15'],
  aboard: ['ok', 'M12 23l7 7 14-15'],
  saved: ['off', 'M22 32V13M14 20l8-8 8 8'],
  busy: ['off', 'M22 11v12l8 5'],
  undone: ['gone', 'M14 14l16 16M30 14L14 30'],
  working: ['wait', 'M22 10a12 12 0 1 1-12 12'],
} as const;

export interface CardData {
  readonly flow: Flow;
  readonly ride: StoredRide | undefined;
  readonly settings: Settings;
  readonly words: Words;
}

export function drawCard({ flow, ride, settings, words }: CardData): void {
  const { t, language } = words;
  const { zone } = settings.authority;
  const look = ride !== undefined && flow.phase in LOOK ? (flow.phase as keyof typeof LOOK) : 'working';
  const [kind, tick] = LOOK[look];
  const { receipt, sealed } = ride ?? {};
  const time = timeText(ride?.boardedMs ?? 0, zone);
  $('ride').className = `ride ${kind}`;
  $('tick').setAttribute('d', tick);
  text('state', t(look));
  const more = look === 'saved' && sealed === undefined ? 'savedNoCheck' : `${look}More`;
  text('stateMore', look === 'working' || look === 'registered' ? '' : t(more, { time }));
  show('plate', receipt !== undefined);
  text('plate', receipt === undefined ? '' : plateText(receipt.unit.plate ?? nameText(receipt.unit.label, language)));
  const { line } = receipt ?? {};
  const headsign = line?.headsign ? ` · ${t('toward', { stop: nameText(line.headsign, language) })}` : '';
  text('line', line ? nameText(line.name, language) + headsign : '');
  const check = receipt?.check ?? sealed?.check;
  show('check', check !== undefined && look !== 'undone' && look !== 'working');
  $('check').className = `check ${check?.colour ?? ''}`;
  text('checkText', check?.text ?? '');
  text('colour', check === undefined ? '' : t(check.colour));
}

/** The running clock of the authority. */
export function drawClock(nowMs: number, { language }: Words, zone: string): void {
  text('clock', timeText(nowMs, zone, true));
  text('date', dateText(nowMs, language, zone));
}
