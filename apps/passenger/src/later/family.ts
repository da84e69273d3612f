// Checks in somebody of the family: an own entry for an own phone, sealed on this phone and carried by this wallet.
import {
  fromBase64Url,
  makeRide,
  maskName,
  maskPhone,
  parsePhone,
  toBase64Url,
  unwrap,
} from '@tongche/protocol/formats';
import type { App } from '../app.ts';
import { drive } from '../ride/engine.ts';
import { START } from '../ride/flow.ts';
import type { StoredRide } from '../ride/model.ts';
import { takeSlot } from '../ride/slot.ts';
import { button, h } from './parts.ts';

interface Relative {
  readonly name: string;
  /** E.164 digits. */
  readonly phone: string;
}
/** The platform takes a ride as just boarded for three minutes. */
const QUEUED_AFTER_MS = 2 * 60_000;
/** A family, not a tour group: those have a guide and the staff's form. */
const MAX_RELATIVES = 8;

/** An own record from the holder's wallet: the tag is the holder's, the contact inside the relative's. */
async function checkIn(app: App, relative: Relative): Promise<boolean> {
  const { phone, ride } = app;
  if (ride === undefined) return false;
  const taken = await takeSlot(phone, ride.boardedMs);
  if (taken === undefined) return false;
  const { bundle, me, pass, slotIndex } = taken;
  const suite = await phone.suite();
  const made = await makeRide(suite, {
    bundle,
    pass,
    code: unwrap(fromBase64Url(ride.code)).slice(0, 8),
    boardedMs: ride.boardedMs,
    queued: app.nowMs() - ride.boardedMs > QUEUED_AFTER_MS,
    party: 0,
    contact: {
      flags: { companion: true, assisted: false },
      kind: 'phone',
      subject: BigInt(relative.phone),
      reach: 0n,
      name: relative.name,
      openid: '',
      holder: BigInt(me.phone),
    },
  });
  const { record, ...rest } = made;
  const id = toBase64Url(suite.randomBytes(9));
  const { code, boardedMs, offsetMs } = ride;
  const sealed = { ...rest, body: toBase64Url(record), dayStartMs: bundle.notBeforeMs, slotIndex };
  const companion = maskName(relative.name) || maskPhone(relative.phone);
  const own: StoredRide = {
    id,
    code,
    boardedMs,
    offsetMs,
    party: 0,
    status: 'sealed',
    sealed,
    notes: 0,
    companion,
  };
  await phone.store.transact(async (tx) => {
    const known = ((await tx.get<readonly Relative[]>('family')) ?? []).filter((r) => r.phone !== relative.phone);
    tx.put('family', [relative, ...known].slice(0, MAX_RELATIVES));
    tx.put(`r:${id}`, own);
  });
  await drive(phone, id, { ...START, phase: 'posting' }, () => undefined);
  return true;
}

export async function drawFamily(app: App, body: HTMLElement): Promise<void> {
  const { t } = app.words;
  const known = await app.phone.store.transact(async (tx) => (await tx.get<readonly Relative[]>('family')) ?? []);
  const status = h('p', { role: 'status', class: 'good' });
  const problem = h('p', { role: 'alert', class: 'problem', hidden: true });
  const add = async (relative: Relative): Promise<void> => {
    const made = await checkIn(app, relative).catch(() => false);
    status.textContent = made
      ? `✓ ${t('familyDone', { name: maskName(relative.name) || maskPhone(relative.phone) })}`
      : '';
    problem.hidden = made;
    problem.textContent = t('failed');
  };
  const name = h('input', { id: 'relativeName', autocomplete: 'off', maxlength: '16' });
  const number = h('input', {
    id: 'relativePhone',
    type: 'tel',
    inputmode: 'tel',
    autocomplete: 'off',
    maxlength: '24',
  });
  const form = h(
    'form',
    { class: 'card' },
    h('label', { for: 'relativeName' }, t('relation')),
    name,
    h('label', { for: 'relativePhone' }, t('companionPhone')),
    number,
    problem,
    h('button', { class: 'main' }, t('familyAdd')),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const parsed = parsePhone(number.value);
    problem.hidden = parsed.ok;
    problem.textContent = t('bad-phone');
    if (!parsed.ok) return;
    void add({ name: name.value.trim(), phone: `${parsed.value}` }).then(() => {
      name.value = number.value = '';
    });
  });
  const chips = known.map((r) => button(`${r.name} ${maskPhone(r.phone)}`, () => void add(r)));
  body.replaceChildren(
    h('p', { class: 'soft' }, t('familyMore')),
    h('div', { class: 'buttons' }, ...chips),
    form,
    status,
  );
}
