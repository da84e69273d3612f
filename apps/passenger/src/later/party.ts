// The stepper of heads that travel with the holder: remembered, and part of the ride as long as it can be made again.
import type { App } from '../app.ts';
import { START } from '../ride/flow.ts';
import { undoLeftMs } from '../ride/model.ts';
import type { Me, StoredRide } from '../ride/model.ts';
import { $, on, show, text } from '../view/dom.ts';
import { eraseNow } from './send.ts';

const MAX_PARTY = 7;
/** Several taps are one change. */
const SETTLES_MS = 700;

export function partyStepper(app: App): { draw(): void } {
  let chosen: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function draw(): void {
    const { ride, words } = app;
    const { t } = words;
    const party = chosen ?? ride?.party ?? 0;
    const open = ride !== undefined && (ride.status !== 'registered' || undoLeftMs(ride) > 0);
    show('partyRow', open || party > 0);
    text('party', t('partyN', { n: party }));
    for (const [id, end] of [
      ['less', 0],
      ['more', MAX_PARTY],
    ] as const) {
      show(id, open);
      $<HTMLButtonElement>(id).disabled = party === end;
      $(id).setAttribute('aria-label', t(id));
    }
  }

  function change(by: number): void {
    chosen = Math.min(MAX_PARTY, Math.max(0, (chosen ?? app.ride?.party ?? 0) + by));
    draw();
    clearTimeout(timer);
    timer = setTimeout(() => void settle(), SETTLES_MS);
  }

  /** The row is taken back and made again with the same tag and minute, so the check on the screen stays the same. */
  async function settle(): Promise<void> {
    const { ride, phone } = app;
    const party = chosen;
    if (ride === undefined || party === undefined || party === ride.party) return;
    const sent = ride.status === 'registered';
    if (sent && (undoLeftMs(ride) <= 0 || !(await eraseNow(phone, ride)))) {
      chosen = undefined;
      app.draw();
      text('stateMore', app.words.t('undoFailed'));
      return;
    }
    await phone.store.transact(async (tx) => {
      const [me, stored] = [await tx.get<Me>('me'), await tx.get<StoredRide>(`r:${ride.id}`)];
      if (me !== undefined) tx.put('me', { ...me, party });
      if (stored !== undefined) tx.put(`r:${ride.id}`, { ...stored, party, status: sent ? 'sealed' : stored.status });
    });
    chosen = undefined;
    await app.read();
    if (sent || ride.status === 'sealed') await app.go({ ...START, phase: 'sealing' }, sent);
    else app.draw();
  }

  on('less', 'click', () => change(-1));
  on('more', 'click', () => change(1));
  return { draw };
}
