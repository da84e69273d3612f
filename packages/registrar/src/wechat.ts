// Enrolment through the mini-program: WeChat's word for the phone, fetched by us, takes the place of the one-time code.
import { Refusal } from '@tongche/contract';
import { wechatApi, WechatUnavailable } from '@tongche/connectors';
import type { WechatOptions } from '@tongche/connectors';
import type { Log } from '@tongche/runtime';
import { events } from './events.ts';

const RETRY_S = 10;

export interface WechatDesk {
  /**
   * Phone and openid behind two taps. Throws Refusal wechat-code-invalid, consent-outdated {consentVersion} (before a code
   * is used up), busy while WeChat does not answer.
   */
  prove(asked: {
    readonly code: string;
    readonly loginCode?: string;
    readonly consentVersion: number;
  }): Promise<{ readonly phone: bigint; readonly consentVersion: number; readonly openid: string | null }>;
}

export function wechatDesk(
  options: WechatOptions & { readonly consentVersion: number; readonly log: Log },
): WechatDesk {
  const { consentVersion, log } = options;
  const api = wechatApi(options);

  return {
    async prove(asked) {
      if (asked.consentVersion !== consentVersion) throw new Refusal('consent-outdated', { consentVersion });
      try {
        const { code, loginCode } = asked;
        const [phone, openid] = await Promise.all([
          api.phoneOf(code),
          loginCode === undefined ? undefined : api.openidOf(loginCode),
        ]);
        if (phone === undefined) throw new Refusal('wechat-code-invalid');
        // A sign-in that failed costs the rider messages through WeChat, not the registration.
        return { phone: BigInt(phone), consentVersion, openid: openid ?? null };
      } catch (error) {
        if (!(error instanceof WechatUnavailable)) throw error;
        log.event(events.wechatAway, {});
        throw new Refusal('busy', { retryAfterS: RETRY_S });
      }
    },
  };
}
