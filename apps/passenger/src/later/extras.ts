// What stands around the card: the vehicle, the facts of the ride, and the buttons that make sense now.
import type { CodeView } from '@tongche/contract';
import { nameText, plateText, timeText } from '@tongche/ui';
import type { App } from '../app.ts';
import { undoLeftMs } from '../ride/model.ts';
import type { StoredRide } from '../ride/model.ts';
import { $, show, text } from '../view/dom.ts';

export function drawExtras(app: App, vehicle: CodeView | undefined, last: StoredRide | undefined): void {
  const { flow, ride, me, words, working } = app;
  const { t, language } = words;
  const { phase } = flow;
  const viewing = !$('view').hidden;
  const idle = ride === undefined && !working;
  const first = phase === 'first' && ride !== undefined;
  const trouble = ride !== undefined && (phase === 'number' || phase === 'revoked' || phase === 'refused');
  const card = !idle && !first && !trouble && !working;
  if (viewing) for (const id of ['ride', 'first']) show(id, false);
  show('home', idle && !viewing);
  show('trouble', trouble && !viewing);
  show('bus', (first || (idle && last !== undefined)) && !viewing);
  drawBus(app, first ? vehicle : last?.receipt, first ? ride : last, first);
  const rests = card && phase !== 'sealing' && phase !== 'posting' && phase !== 'refilling';
  show('facts', rests && phase !== 'undone' && me !== undefined && !viewing);
  if (ride !== undefined) drawFacts(app, ride);
  if (trouble) {
    text('troubleTitle', t(phase === 'number' ? 'unknown' : phase));
    const told = language.startsWith('zh') ? ride.problem?.zh : ride.problem?.en;
    text(
      'troubleMore',
      phase === 'refused' ? (told ?? t('failed')) : t(phase === 'number' ? 'unknownMore' : 'revokedMore'),
    );
  }
  const done = card && (phase === 'registered' || phase === 'repeat' || phase === 'aboard');
  show('alight', done && ride?.receipt !== undefined && ride.alighted === undefined && !viewing);
  show('boardAgain', phase === 'aboard' && card && !viewing);
  show('family', done && !viewing);
  show('records', me !== undefined && !first && !viewing && (rests || idle || trouble));
  show('wrongPlate', done && !viewing);
  tickUndo(app);
}

function drawBus(
  { words, phone }: App,
  shown: Pick<CodeView, 'unit' | 'line'> | undefined,
  ride: StoredRide | undefined,
  first: boolean,
): void {
  const { t, language } = words;
  show('busPlate', shown !== undefined);
  text('busPlate', shown === undefined ? '' : plateText(shown.unit.plate ?? nameText(shown.unit.label, language)));
  text('busLine', first ? (shown?.line ? nameText(shown.line.name, language) : '') : t('last'));
  text('busTime', t('boarded', { time: timeText(ride?.boardedMs ?? 0, phone.settings.authority.zone) }));
  show('kept', first);
}

function drawFacts({ me, words, phone }: App, ride: StoredRide): void {
  const { t, language } = words;
  const { zone } = phone.settings.authority;
  const { receipt, alighted } = ride;
  const { name = '', phone: number = '' } = me?.masked ?? {};
  show('whoRow', name !== '');
  text('who', name);
  text('masked', number);
  text('boardTime', timeText(ride.boardedMs, zone));
  show('numberRow', receipt !== undefined);
  text('number', t('numberN', { n: receipt?.no ?? 0 }));
  show('offRow', alighted !== undefined);
  const stop = alighted?.stop ? nameText(alighted.stop, language) : '';
  text('off', alighted === undefined ? '' : `${timeText(alighted.atMs, zone)} ${stop}`);
}

/** What is left of the two minutes. */
export function tickUndo({ ride, words, flow }: App): void {
  const kept = ride?.status === 'registered' || (ride?.status === 'sealed' && ride.sealed !== undefined);
  const resting = ['registered', 'repeat', 'saved', 'busy'].includes(flow.phase);
  const leftS = kept && resting ? Math.ceil(undoLeftMs(ride) / 1_000) : 0;
  show('undo', leftS > 0 && ride?.alighted === undefined && !!$('view').hidden);
  if (leftS <= 0) return;
  text('undo', words.t('undo', { left: `${Math.floor(leftS / 60)}:${String(leftS % 60).padStart(2, '0')}` }));
}
