// A staff member with the assist form: registers riders who have no phone, over the interfaces the two pages use.
import type { AssistReply, AssistToken, RideReceipt, Shift } from '@tongche/contract';
import { fromBase64Url, makeRide, parseSubject, toBase64Url, unwrap } from '@tongche/protocol';
import type { MadeRide, SubjectKind } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import type { Answer } from '@tongche/simulator';
import type { City } from './city.ts';

export interface AssistedRider {
  readonly kind: SubjectKind;
  readonly value: string;
  /** E.164 digits of a number to call; '' for none. */
  readonly reach: string;
  readonly name: string;
}

export interface AssistDesk {
  register(rider: AssistedRider): Promise<{ readonly ride: MadeRide; readonly receipt: RideReceipt }>;
}

function expected(what: string, answer: Answer): unknown {
  if (answer.status !== 200) throw new Error(`${what} answered ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Tokens last twelve hours; a colleague takes the vehicle over before that. */
const renewMs = 8 * 3_600_000;

interface Shown {
  readonly token: string;
  readonly code: string;
  readonly untilMs: number;
}

/** Signs the demonstration's driver in, takes the unit's vehicle and asks for a token. */
async function takeUnit(city: City, unitId: string): Promise<Shown> {
  const { platform } = city.world;
  const driver = city.accounts.platform.find(({ role }) => role === 'driver');
  const signedIn = await platform.call('POST', '/staff/session', {
    json: { account: driver?.account, password: driver?.password },
  });
  expected('sign-in', signedIn);
  const headers = { cookie: signedIn.cookie ?? '' };
  const { shortCode } = city.codes.find((one) => one.unitId === unitId && one.purpose === 'passenger') ?? {};
  const taken = await platform.call('POST', '/staff/shifts', { json: { code: shortCode }, headers });
  const { shiftId, code } = expected('shift', taken) as Shift;
  const asked = await platform.call('POST', `/staff/shifts/${shiftId}/assist-token`, { headers });
  const { token } = expected('assist token', asked) as AssistToken;
  return { token, code, untilMs: city.clock.now() + renewMs };
}

export async function assistDesk(city: City, unitId: string): Promise<AssistDesk> {
  const { platform, registrar } = city.world;
  let shown = await takeUnit(city, unitId);

  return {
    async register({ kind, value, reach, name }) {
      const boardedMs = city.clock.now();
      if (boardedMs > shown.untilMs) shown = await takeUnit(city, unitId);
      const { token, code } = shown;
      const asked = await registrar.call('POST', '/assist', {
        json: { kind, value, day: city.world.dayOf(boardedMs) },
        headers: { authorization: `Bearer ${token}` },
      });
      const { tag, adm, slot, bundle } = expected('assist form', asked) as AssistReply;
      const bytes = (text: string) => unwrap(fromBase64Url(text));
      const ride = await makeRide(nodeSuite, {
        bundle,
        pass: { slot, tag: bytes(tag), adm: bytes(adm) },
        code: bytes(code),
        boardedMs,
        queued: false,
        party: 0,
        contact: {
          flags: { companion: false, assisted: true },
          kind,
          subject: unwrap(parseSubject(kind, value)),
          reach: BigInt(reach === '' ? 0 : reach),
          name,
          openid: '',
        },
      });
      const posted = await platform.call('POST', '/v1/rides?via=assist', { text: toBase64Url(ride.record) });
      return { ride, receipt: expected('assisted ride', posted) as RideReceipt };
    },
  };
}
