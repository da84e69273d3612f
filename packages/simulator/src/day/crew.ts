// The crew of a day at their own pages: sign in, take the vehicle, scan the crew's code, start and end trips, register riders
// without a phone through the form their shift has a token for.
import type { AssistReply, AssistToken, RideReceipt, Shift } from '@tongche/contract';
import { decodeCode, fromBase64Url, makeRide, parseSubject, toBase64Url, unwrap } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import type { Answer } from '../phone/caller.ts';
import { refusalOf } from '../phone/caller.ts';
import type { PhoneWorld } from '../phone/phone.ts';
import type { PlannedRide, PlannedShift, PlannedTrip, PlannedUnit, Rider } from './model.ts';
import type { Tally } from './statistics.ts';

const hourMs = 3_600_000;
/** Tokens last twelve hours, sessions sixteen. */
const renewTokenMs = 8 * hourMs;
const renewSessionMs = 12 * hourMs;

/** A member of staff could not do something; `code` is the catalogue's. */
export class StaffRefused extends Error {
  readonly code: string;
  constructor(what: string, answer: Answer) {
    super(`${what}: ${answer.status} ${refusalOf(answer)}`);
    this.name = 'StaffRefused';
    this.code = refusalOf(answer);
  }
}

export interface Crew {
  begin(shift: PlannedShift): Promise<void>;
  startTrip(shift: PlannedShift, trip: PlannedTrip): Promise<void>;
  endTrip(shift: PlannedShift): Promise<void>;
  end(shift: PlannedShift): Promise<void>;
  /** Throws StaffRefused; where nobody is on the vehicle any more too. */
  register(rider: Rider & { readonly kind: 'assisted' }, ride: PlannedRide, party: number): Promise<RideReceipt>;
}

interface OnBoard {
  readonly account: string;
  readonly address: string;
  headers: Record<string, string>;
  sessionUntilMs: number;
  readonly shiftId: number;
  token: string;
  tokenUntilMs: number;
}

export interface CrewOptions {
  readonly world: PhoneWorld;
  readonly units: ReadonlyMap<string, PlannedUnit>;
  readonly tally: Tally;
  readonly passwordOf: (account: string) => string;
  readonly addressOf: (shiftNo: number) => string;
}

export function openCrew({ world, units, tally, passwordOf, addressOf }: CrewOptions): Crew {
  const { platform, registrar, suite } = world;
  /** By the shift's number. */
  const onBoard = new Map<number, OnBoard>();
  /** The shift that has a unit. */
  const holders = new Map<string, number>();

  async function signIn(staff: OnBoard): Promise<void> {
    const { account, address } = staff;
    const json = { account, password: passwordOf(account) };
    const signedIn = await platform.call('POST', '/staff/session', { json, address });
    if (signedIn.status !== 200) throw new StaffRefused('sign-in', signedIn);
    staff.headers = { cookie: signedIn.cookie ?? '' };
    staff.sessionUntilMs = world.now() + renewSessionMs;
    tally.counts.signIns += 1;
  }

  async function asked<T>(
    what: string,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    staff: OnBoard,
    json?: object,
  ): Promise<T> {
    if (world.now() > staff.sessionUntilMs) await signIn(staff);
    const { headers, address } = staff;
    const answer = await platform.call(method, path, { ...(json === undefined ? {} : { json }), headers, address });
    if (answer.status > 299) throw new StaffRefused(what, answer);
    return answer.body as T;
  }

  async function begin(shift: PlannedShift): Promise<void> {
    const { account, unitId, shiftNo } = shift;
    const never = -Infinity;
    const staff: OnBoard = {
      account,
      address: addressOf(shiftNo),
      headers: {},
      sessionUntilMs: never,
      shiftId: 0,
      token: '',
      tokenUntilMs: never,
    };
    const code = units.get(unitId)?.shortCode ?? '';
    const { shiftId } = await asked<Shift>('shift', 'POST', '/staff/shifts', staff, { code });
    onBoard.set(shiftNo, { ...staff, shiftId });
    holders.set(unitId, shiftNo);
  }

  async function tokenOf(staff: OnBoard): Promise<string> {
    if (world.now() > staff.tokenUntilMs) {
      const path = `/staff/shifts/${staff.shiftId}/assist-token`;
      const { token } = await asked<AssistToken>('assist token', 'POST', path, staff);
      staff.token = token;
      staff.tokenUntilMs = world.now() + renewTokenMs;
    }
    return staff.token;
  }

  function present(shiftNo: number | undefined): OnBoard {
    const staff = shiftNo === undefined ? undefined : onBoard.get(shiftNo);
    if (staff === undefined) throw new StaffRefused('shift', { status: 404, body: { error: { code: 'no-shift' } } });
    return staff;
  }

  async function seal(rider: Rider & { kind: 'assisted' }, reply: AssistReply, code: Bytes, ms: number, party: number) {
    const bytes = (text: string): Bytes => unwrap(fromBase64Url(text));
    return makeRide(suite, {
      bundle: reply.bundle,
      pass: { slot: reply.slot, tag: bytes(reply.tag), adm: bytes(reply.adm) },
      code,
      boardedMs: ms,
      queued: false,
      party,
      contact: {
        flags: { companion: false, assisted: true },
        kind: 'cn-id',
        subject: unwrap(parseSubject('cn-id', rider.document)),
        reach: BigInt(rider.reach),
        name: rider.name,
        openid: '',
      },
    });
  }

  return {
    begin,
    async startTrip({ shiftNo }, { dir }) {
      const staff = present(shiftNo);
      await asked('trip', 'POST', `/staff/shifts/${staff.shiftId}/trip`, staff, { dir });
      tally.counts.trips += 1;
    },
    async endTrip({ shiftNo }) {
      const staff = present(shiftNo);
      await asked('end of trip', 'DELETE', `/staff/shifts/${staff.shiftId}/trip`, staff);
    },
    async end({ shiftNo }) {
      const staff = present(shiftNo);
      onBoard.delete(shiftNo);
      await asked('end of shift', 'DELETE', `/staff/shifts/${staff.shiftId}`, staff);
    },
    async register(rider, ride, party) {
      const staff = present(holders.get(ride.unitId));
      const code = unwrap(decodeCode(units.get(ride.unitId)?.code8 ?? ''));
      const asking = await registrar.call('POST', '/assist', {
        json: { kind: 'cn-id', value: rider.document, day: world.dayOf(ride.scanMs) },
        headers: { authorization: `Bearer ${await tokenOf(staff)}` },
        address: staff.address,
      });
      if (asking.status !== 200) throw new StaffRefused('assist form', asking);
      const made = await seal(rider, asking.body as AssistReply, code, ride.scanMs, party);
      const posted = await platform.call('POST', '/v1/rides?via=assist', {
        text: toBase64Url(made.record),
        address: staff.address,
      });
      if (posted.status !== 200) throw new StaffRefused('assisted ride', posted);
      return posted.body as RideReceipt;
    },
  };
}
