// The wording of a one-time code. It names the authority and says nobody will ask for the code; nothing about a ride.
import type { Name } from '@tongche/contract';
import { fill, TEMPLATES } from '@tongche/messages';
import type { Wording } from '@tongche/messages';

/** zh unless the page speaks another language; a foreign number without a language reads English. */
export function otpWording(
  authority: Name,
  code: string,
  options: { readonly language: string | undefined; readonly abroad: boolean; readonly lifeMs: number },
): Wording {
  const minutes = String(Math.floor(options.lifeMs / 60_000));
  const chinese = options.language === undefined ? !options.abroad : options.language.startsWith('zh');
  const { zh, en } = TEMPLATES['one-time-code'];
  return chinese
    ? fill(zh, { authority: authority.zh, code, minutes })
    : fill(en, { authority: authority.en, code, minutes });
}
