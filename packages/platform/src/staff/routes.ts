// What the staff page asks: sign in, take a vehicle, trips, the live view, a token for the assist form.
import {
  AssistToken,
  LiveState,
  Refusal,
  Shift,
  ShiftSummary,
  StaffSession,
  StaffSignIn,
  StartTrip,
  TakeShift,
} from '@tongche/contract';
import { sse } from '@tongche/http';
import type { App } from '@tongche/http';
import { Type } from 'typebox';
import { perMinute } from '../limits.ts';
import type { Platform } from '../platform.ts';
import type { StaffRow } from '../store/staff.ts';
import { makeAssistToken } from './assist-token.ts';
import { sessions } from './sessions.ts';
import type { Asked, Sessions } from './sessions.ts';
import type { OpenShift } from './shifts.ts';

/** Signing in hashes a password; a body never needs more. */
const bodyBytes = 4096;
/** What another QR on the vehicle says may be long. */
const takeBodyBytes = 16 * 1024;

const ShiftParams = Type.Object({ shiftId: Type.String({ pattern: '^[1-9]\\d{0,9}$' }) });

/** A request for one shift. */
type ShiftAsked = Asked & { readonly params: unknown };

interface OnShift {
  readonly staff: StaffRow;
  readonly shift: OpenShift;
}

export function staffRoutes(app: App, platform: Platform): void {
  const access = sessions(platform);
  const { shifts } = platform;

  /** The asker's own open shift. Another's is answered like one that is over. */
  async function onShift(request: ShiftAsked): Promise<OnShift> {
    const staff = await access.staff(request);
    const { shiftId } = request.params as { readonly shiftId: string };
    const shift = await shifts.find(Number(shiftId));
    if (shift === undefined || shift.staffId !== staff.staffId) throw new Refusal('no-shift');
    await shifts.ready(shift);
    return { staff, shift };
  }

  void app.register(async (routes: App) => {
    routes.addHook('onRequest', async (request) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') access.checkOrigin(request);
    });
    routes.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
    sessionRoutes(routes, platform, access);
    shiftRoutes(routes, platform, access, onShift);
    liveRoutes(routes, platform, onShift);
  });
}

function sessionRoutes(app: App, platform: Platform, access: Sessions): void {
  const { config, shifts, zone, clock } = platform;
  const limit = perMinute(clock, config.signInsPerMinute);

  async function view(staff: StaffRow): Promise<StaffSession> {
    const shift = await shifts.findOfStaff(staff.staffId);
    if (shift !== undefined) await shifts.ready(shift);
    return {
      account: staff.account,
      name: staff.name,
      role: staff.role,
      zone,
      registrarUrl: config.registrarUrl,
      demo: config.mode === 'demo',
      shift: shift === undefined ? null : shifts.view(shift),
    };
  }

  app.get('/staff/session', { schema: { response: { 200: StaffSession } } }, async (request) =>
    view(await access.staff(request)),
  );
  app.post(
    '/staff/session',
    { bodyLimit: bodyBytes, schema: { body: StaffSignIn, response: { 200: StaffSession } } },
    async (request, reply) => {
      limit(request.ip);
      return view(await access.signIn(reply, request.body.account, request.body.password));
    },
  );
  app.delete('/staff/session', async (request, reply) => {
    await access.signOut(request, reply);
    return reply.code(204).send();
  });
}

function shiftRoutes(
  app: App,
  platform: Platform,
  access: Sessions,
  onShift: (request: ShiftAsked) => Promise<OnShift>,
): void {
  const { shifts } = platform;

  app.post(
    '/staff/shifts',
    { bodyLimit: takeBodyBytes, schema: { body: TakeShift, response: { 200: Shift } } },
    async (request) => {
      const shift = await shifts.take(await access.staff(request), request.body.code);
      await shifts.ready(shift);
      return shifts.view(shift);
    },
  );
  app.delete(
    '/staff/shifts/:shiftId',
    { schema: { params: ShiftParams, response: { 200: ShiftSummary } } },
    async (request) => shifts.end((await onShift(request)).shift),
  );
  app.post(
    '/staff/shifts/:shiftId/trip',
    { bodyLimit: bodyBytes, schema: { params: ShiftParams, body: StartTrip, response: { 200: Shift } } },
    async (request) => {
      const { shift } = await onShift(request);
      return shifts.view(await shifts.startTrip(shift, request.body.dir === 0 ? 0 : 1));
    },
  );
  app.delete(
    '/staff/shifts/:shiftId/trip',
    { schema: { params: ShiftParams, response: { 200: ShiftSummary } } },
    async (request) => shifts.endTrip((await onShift(request)).shift),
  );
  app.post(
    '/staff/shifts/:shiftId/assist-token',
    { schema: { params: ShiftParams, response: { 200: AssistToken } } },
    async (request) => {
      const { shift } = await onShift(request);
      return makeAssistToken(platform, shift, shifts.view(shift).code);
    },
  );
}

function liveRoutes(app: App, platform: Platform, onShift: (request: ShiftAsked) => Promise<OnShift>): void {
  const { live, liveState } = platform;

  app.get(
    '/staff/shifts/:shiftId/live.json',
    { schema: { params: ShiftParams, response: { 200: LiveState } } },
    async (request) => {
      const { shift } = await onShift(request);
      return liveState(shift.shiftId, (await live.channel(shift)).snapshot());
    },
  );

  app.get('/staff/shifts/:shiftId/live', { schema: { params: ShiftParams } }, async (request, reply) => {
    const { shift } = await onShift(request);
    const { shiftId } = shift;
    const channel = await live.channel(shift);
    // Between what is sent now and the subscription nothing can happen: this is one turn of the event loop.
    const stream = sse(reply, {
      onClose() {
        live.leave(shiftId, stream);
      },
    });
    const missed = stream.lastEventId === undefined ? undefined : channel.since(stream.lastEventId);
    if (missed === undefined) {
      const now = channel.snapshot();
      stream.send({ event: 'state', id: now.id, data: liveState(shiftId, now) });
    } else {
      for (const frame of missed) stream.send(frame);
    }
    live.join(shiftId, stream);
    return reply;
  });
}
