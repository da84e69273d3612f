// A phone without a screen: enrols, scans, writes stop notes and erases, over the same interfaces and with the same
// formats as the passenger page. For the demonstration, replay, tests and load.
import type { OtpReply, RideReceipt, WalletReply } from '@tongche/contract';
import {
  concat,
  decodeWallet,
  fromBase64Url,
  makeRide,
  pickSlot,
  sealNote,
  sealRelay,
  toBase64Url,
  unwrap,
  type Bytes,
  type DayBundle,
  type MadeRide,
  type RelayMessage,
  type StopNote,
  type Suite,
  type WalletDay,
} from '@tongche/protocol';
import type { Static } from 'typebox';
import { refusalOf, type Answer, type Caller } from './caller.ts';
import { solveWork } from './work.ts';

const deviceKeyBytes = 16;
/** One fresh seal and one refill, as the page does; a third refusal is a fault of the simulation. */
const maxTries = 4;

export interface PhoneWorld {
  readonly suite: Suite;
  readonly registrar: Caller;
  readonly platform: Caller;
  now(): number;
  /** Day of a moment in the authority's zone. */
  dayOf(ms: number): number;
  /** The code sent to a number (E.164 digits) after `ask` has been called. */
  otpFor(digits: string, ask: () => Promise<void>): Promise<string>;
  readonly consentVersion: number;
  /** Days whose part of a wallet is kept, all when absent: thousands of phones that ride on one day need not keep nine. */
  readonly keepsDay?: (day: number) => boolean;
}

export interface PhoneOptions {
  /** E.164 digits. */
  readonly digits: string;
  readonly name?: string;
  /** Simulated network address, believed where the servers trust the loopback proxy. */
  readonly address?: string;
}

export interface Scan {
  readonly ride: MadeRide;
  readonly receipt: RideReceipt;
}
export interface ScanOptions {
  readonly code: Bytes;
  readonly boardedMs: number;
  readonly party?: number;
  readonly queued?: boolean;
  /** Somebody with an own number who rides on this phone's wallet: a record of their own. */
  readonly companion?: { readonly digits: string; readonly name?: string };
}

/** Something a phone could not do; `code` is the catalogue's. */
export class PhoneRefused extends Error {
  readonly code: string;
  readonly status: number;
  constructor(what: string, answer: Answer) {
    super(`${what}: ${answer.status} ${refusalOf(answer)}`);
    this.name = 'PhoneRefused';
    this.code = refusalOf(answer);
    this.status = answer.status;
  }
}

export interface Phone {
  readonly digits: string;
  enrol(): Promise<void>;
  /** Enrols or refills where there is no tag for the day of a moment, as a page opened in good time does. */
  prepare(ms: number): Promise<void>;
  scan(options: ScanOptions): Promise<Scan>;
  /** Seals the bytes of a ride without sending them. */
  seal(options: ScanOptions): Promise<MadeRide>;
  /** Sends sealed bytes once and returns the answer as it is. */
  post(ride: MadeRide): Promise<Answer>;
  note(ride: MadeRide, note: StopNote, idx?: number): Promise<void>;
  /** What follows a scan at a moment of a day in the wallet when no ride before has an end to be told. */
  nothing(ms: number): Promise<void>;
  erase(ride: MadeRide): Promise<void>;
  undo(ride: MadeRide): Promise<void>;
  withdraw(): Promise<void>;
}

interface State {
  ticket: string | undefined;
  readonly deviceKey: Bytes;
  walletNo: number;
  /** Days of the wallet as they came: many phones hold many days, and open the few they ride on. */
  days: Map<number, WalletReply['days'][number]>;
  readonly used: Map<number, Set<number>>;
}

/** Days and bundles are the same for everybody: kept once a world. */
const bundlesOf = new WeakMap<PhoneWorld, Map<number, DayBundle>>();

function keepBundles(world: PhoneWorld, bundles: readonly unknown[]): Map<number, DayBundle> {
  let kept = bundlesOf.get(world);
  if (kept === undefined) bundlesOf.set(world, (kept = new Map()));
  for (const bundle of bundles as readonly DayBundle[]) kept.set(bundle.day, bundle);
  return kept;
}

function keepWallet(world: PhoneWorld, state: State, reply: WalletReply): void {
  keepBundles(world, reply.bundles);
  const today = world.dayOf(world.now());
  state.ticket = reply.ticket;
  state.walletNo = reply.walletNo;
  const kept = reply.days.filter(({ day }) => world.keepsDay?.(day) ?? true);
  state.days = new Map(kept.map((day) => [day.day, day]));
  for (const day of state.used.keys()) if (day < today - 1) state.used.delete(day);
}

function openDay({ walletNo, days }: State, day: number): WalletDay | undefined {
  const packed = days.get(day);
  return packed === undefined ? undefined : unwrap(decodeWallet({ walletNo, days: [packed] })).days[0];
}

async function enrol(world: PhoneWorld, state: State, { digits, address }: PhoneOptions): Promise<void> {
  let challenge = '';
  const body = { phone: `+${digits}`, consentVersion: world.consentVersion };
  const where = address === undefined ? {} : { address };
  const otp = await world.otpFor(digits, async () => {
    let answer = await world.registrar.call('POST', '/otp', { json: body, ...where });
    if (refusalOf(answer) === 'work-required') {
      const { salt, bits } = answer.body as { salt: string; bits: number };
      answer = await world.registrar.call('POST', '/otp', {
        json: { ...body, work: { salt, nonce: solveWork(salt, bits) } },
        ...where,
      });
    }
    if (answer.status !== 200) throw new PhoneRefused('one-time code', answer);
    challenge = (answer.body as Static<typeof OtpReply>).challenge;
  });
  const device = toBase64Url(await world.suite.sha256(state.deviceKey));
  const answer = await world.registrar.call('POST', '/otp/verify', { json: { challenge, otp, device }, ...where });
  if (answer.status !== 200) throw new PhoneRefused('enrolment', answer);
  keepWallet(world, state, answer.body as WalletReply);
}

async function refill(world: PhoneWorld, state: State, options: PhoneOptions): Promise<void> {
  if (state.ticket === undefined) return enrol(world, state, options);
  const json = { ticket: state.ticket, deviceKey: toBase64Url(state.deviceKey) };
  const answer = await world.registrar.call('POST', '/wallet', {
    json,
    ...(options.address === undefined ? {} : { address: options.address }),
  });
  if (refusalOf(answer) === 'ticket-invalid') return enrol(world, state, options);
  if (answer.status !== 200) throw new PhoneRefused('wallet', answer);
  keepWallet(world, state, answer.body as WalletReply);
}

export function openPhone(world: PhoneWorld, options: PhoneOptions): Phone {
  const { digits, name = '', address } = options;
  const where = address === undefined ? {} : { address };
  const state: State = {
    ticket: undefined,
    walletNo: 0,
    deviceKey: world.suite.randomBytes(deviceKeyBytes),
    days: new Map(),
    used: new Map(),
  };

  async function seal({ code, boardedMs, party = 0, queued = false, companion }: ScanOptions): Promise<MadeRide> {
    const day = world.dayOf(boardedMs);
    if (!state.days.has(day)) await refill(world, state, options);
    const walletDay = openDay(state, day);
    const bundle = bundlesOf.get(world)?.get(day);
    if (walletDay === undefined || bundle === undefined) throw new Error(`no wallet for day ${day}`);
    const used = state.used.get(day) ?? new Set<number>();
    state.used.set(day, used);
    const picked = unwrap(pickSlot({ walletNo: 0, days: [walletDay] }, day, used, (n) => world.suite.randomBytes(n)));
    used.add(picked.slotIndex);
    return makeRide(world.suite, {
      bundle,
      ...picked,
      code,
      boardedMs,
      party,
      queued,
      contact: {
        flags: { companion: companion !== undefined, assisted: false },
        kind: 'phone',
        subject: BigInt(companion?.digits ?? digits),
        reach: 0n,
        name: companion === undefined ? name : (companion.name ?? ''),
        openid: '',
        ...(companion === undefined ? {} : { holder: BigInt(digits) }),
      },
    });
  }
  function post(ride: MadeRide): Promise<Answer> {
    return world.platform.call('POST', '/v1/rides', { text: toBase64Url(ride.record), ...where });
  }
  async function relay(day: number, message: RelayMessage): Promise<void> {
    const bundle = bundlesOf.get(world)?.get(day);
    if (bundle === undefined) throw new Error(`no bundle for day ${day}`);
    const sealed = await sealRelay(world.suite, unwrap(fromBase64Url(bundle.relayPk)), message);
    const answer = await world.registrar.call('POST', '/relay', { text: toBase64Url(sealed), ...where });
    if (answer.status !== 204) throw new PhoneRefused('relay', answer);
  }

  return {
    digits,
    enrol: () => enrol(world, state, options),
    async prepare(ms) {
      if (!state.days.has(world.dayOf(ms))) await refill(world, state, options);
    },
    seal,
    post,
    async scan(scan) {
      let answer: Answer = { status: 0, body: undefined };
      for (let attempt = 0; attempt < maxTries; attempt += 1) {
        const ride = await seal(scan);
        answer = await post(ride);
        if (answer.status === 200) return { ride, receipt: answer.body as RideReceipt };
        if (refusalOf(answer) === 'not-admitted') await refill(world, state, options);
        else if (refusalOf(answer) !== 'tag-used') break;
      }
      throw new PhoneRefused('scan', answer);
    },
    async note(ride, note, idx = 0) {
      const ct32 = await sealNote(world.suite, ride.noteKey, { day: ride.day, tag: ride.tag, idx }, note);
      await relay(ride.day, { kind: 'note', day: ride.day, tag: ride.tag, key16: ride.adm, idx, ct32 });
    },
    nothing: async (ms) => relay(world.dayOf(ms), { kind: 'empty' }),
    erase: (ride) => relay(ride.day, { kind: 'erase', day: ride.day, tag: ride.tag, key16: ride.eraseKey }),
    async undo(ride) {
      const day = new Uint8Array([ride.day >> 8, ride.day & 255]);
      const answer = await world.platform.call('POST', '/v1/rides/undo', {
        text: toBase64Url(concat(day, ride.tag, ride.eraseKey)),
        ...where,
      });
      if (answer.status !== 204) throw new PhoneRefused('undo', answer);
    },
    async withdraw() {
      const json = { ticket: state.ticket ?? '', deviceKey: toBase64Url(state.deviceKey) };
      const answer = await world.registrar.call('POST', '/withdraw', { json, ...where });
      if (answer.status !== 204) throw new PhoneRefused('withdrawal', answer);
      state.ticket = undefined;
      state.days.clear();
    },
  };
}
