// Enrolment and wallets: the only public routes that see a phone number, and only within one call.
import {
  OtpReply,
  OtpRequest,
  OtpVerify,
  WalletReply,
  WalletRequest,
  WithdrawRequest,
  WxPhoneReply,
  WxPhoneRequest,
} from '@tongche/contract';
import type { App } from '@tongche/http';
import type { Clock } from '@tongche/runtime';
import type { Config } from '../config.ts';
import { TICKET_COOKIE_S } from '../limits.ts';
import type { OtpDesk } from '../otp/request.ts';
import type { Proven } from '../otp/verify.ts';
import { bytesOf } from '../wallet.ts';
import type { WalletDesk } from '../wallet.ts';
import type { WechatDesk } from '../wechat.ts';
import { networkLimit, ownOrigin } from './guard.ts';

interface EnrolRoutes {
  readonly config: Pick<Config, 'mode' | 'publicUrl' | 'perNetwork'>;
  readonly clock: Clock;
  readonly otp: OtpDesk;
  readonly verify: (asked: { readonly challenge: string; readonly otp: string }) => Promise<Proven>;
  readonly wallets: WalletDesk;
  /** Where the city has a mini-program. */
  readonly wechat: WechatDesk | undefined;
}

/**
 * The ticket cookie. Path /wallet keeps it out of every other request, above all the page's, the relay's and the
 * code's; that rules out the prefix `__Host-`, which demands path /. `__Secure-` stands in production: plain HTTP
 * cannot set it. What that costs is written in docs/decisions/0003.
 */
function ticketCookie(mode: Config['mode']) {
  const secure = mode === 'production';
  return {
    name: secure ? '__Secure-ticket' : 'ticket',
    options: { path: '/wallet', httpOnly: true, sameSite: 'strict', secure } as const,
  };
}

export function enrolRoutes(app: App, { config, clock, otp, verify, wallets, wechat }: EnrolRoutes): void {
  const cookie = ticketCookie(config.mode);
  const checkOrigin = ownOrigin(config);
  const limitVerify = networkLimit(clock, config.perNetwork.verify);
  const limitWallet = networkLimit(clock, config.perNetwork.wallet);

  app.addHook('onRequest', async (request) => checkOrigin(request.headers.origin, request.host));

  app.post('/otp', { schema: { body: OtpRequest, response: { 200: OtpReply } } }, async (request) =>
    otp.request(request.body, request.ip),
  );

  app.post('/otp/verify', { schema: { body: OtpVerify, response: { 200: WalletReply } } }, async (request, reply) => {
    limitVerify(request.ip);
    const wallet = wallets.enrol(await verify(request.body), bytesOf(request.body.device));
    void reply.setCookie(cookie.name, wallet.ticket, { ...cookie.options, maxAge: TICKET_COOKIE_S });
    return wallet;
  });

  if (wechat !== undefined) {
    app.post('/wx/phone', { schema: { body: WxPhoneRequest, response: { 200: WxPhoneReply } } }, async (request) => {
      limitVerify(request.ip);
      const { phone, consentVersion, openid } = await wechat.prove(request.body);
      const wallet = wallets.enrol({ phone, consentVersion }, bytesOf(request.body.device));
      return { ...wallet, phone: phone.toString(), openid };
    });
  }

  app.post('/wallet', { schema: { body: WalletRequest, response: { 200: WalletReply } } }, async (request, reply) => {
    limitWallet(request.ip);
    const { ticket, deviceKey, device, consentVersion } = request.body;
    const wallet = await wallets.refill({
      ticket,
      consentVersion,
      cookie: request.cookies[cookie.name],
      deviceKey: deviceKey === undefined ? undefined : bytesOf(deviceKey),
      device: device === undefined ? undefined : bytesOf(device),
    });
    void reply.setCookie(cookie.name, wallet.ticket, { ...cookie.options, maxAge: TICKET_COOKIE_S });
    return wallet;
  });

  app.post('/withdraw', { schema: { body: WithdrawRequest } }, async (request, reply) => {
    limitWallet(request.ip);
    await wallets.withdraw(request.body.ticket, bytesOf(request.body.deviceKey));
    void reply.clearCookie(cookie.name, cookie.options);
    return reply.code(204).send();
  });
}
