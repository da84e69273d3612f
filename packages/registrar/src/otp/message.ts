// The text of a one-time code. It names the authority and says nobody will ask for the code; nothing about a ride.
import type { Name } from '@tongche/contract';

/** zh unless the page speaks another language; a foreign number without a language reads English. */
export function otpText(
  authority: Name,
  code: string,
  options: { readonly language: string | undefined; readonly abroad: boolean; readonly lifeMs: number },
): string {
  const minutes = Math.floor(options.lifeMs / 60_000);
  const chinese = options.language === undefined ? !options.abroad : options.language.startsWith('zh');
  return chinese
    ? `【${authority.zh}】乘车登记验证码 ${code}，${minutes} 分钟内有效。工作人员不会索要验证码，请勿告诉他人。`
    : `${authority.en}: your ride check-in code is ${code}, valid for ${minutes} minutes. Nobody from our staff will ask for it.`;
}
