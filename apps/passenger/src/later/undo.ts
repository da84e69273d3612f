// Takes a ride back within two minutes, directly at the platform.
import type { App } from '../app.ts';
import { changeRide } from '../ride/engine.ts';
import { step } from '../ride/flow.ts';
import { text } from '../view/dom.ts';
import { eraseNow } from './send.ts';

export async function takeBack(app: App): Promise<void> {
  const { ride, phone } = app;
  if (ride === undefined) return;
  const gone = eraseNow(phone, ride);
  // What was never confirmed as sent is taken back here at once; the platform hears of it in case it did arrive.
  if (ride.status === 'registered' && !(await gone)) {
    text('stateMore', app.words.t('undoFailed'));
    return;
  }
  await changeRide(phone, ride.id, (r) => ({ ...r, status: 'undone' }));
  app.flow = step(app.flow, { type: 'undo' });
  await app.read();
  app.draw();
}
