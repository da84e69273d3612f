// The wording of a one-time code. It names the authority and says nobody will ask for the code; nothing about a ride.
import type { Name } from '@tongche/contract';
import type { Wording } from '@tongche/messages';

/** Of the two wordings below; providers' templates carry the values `code` and `minutes` in this order. */
const VERSION = 1;

/** zh unless the page speaks another language; a foreign number without a language reads English. */
export function otpWording(
  authority: Name,
  code: string,
  options: { readonly language: string | undefined; readonly abroad: boolean; readonly lifeMs: number },
): Wording {
  const minutes = Math.floor(options.lifeMs / 60_000);
  const chinese = options.language === undefined ? !options.abroad : options.language.startsWith('zh');
  const text = chinese
    ? `【${authority.zh}】乘车登记验证码 ${code}，${minutes} 分钟内有效。工作人员不会索要验证码，请勿告诉他人。`
    : `${authority.en}: your ride check-in code is ${code}, valid for ${minutes} minutes. Nobody from our staff will ask for it.`;
  return {
    template: chinese ? 'code' : 'code-en',
    version: VERSION,
    values: { code, minutes: String(minutes) },
    text,
  };
}
