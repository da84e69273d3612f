// In how many parts a text message goes out. GSM 7-bit alphabet and its extension: 3GPP TS 23.038, 6.2.1; joined parts
// carry a header of six octets: 3GPP TS 23.040, 9.2.3.24.1.

const GSM =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** Each of these takes an escape before it. */
const GSM_EXTENSION = '\f^{}\\[~]|€';

const BASIC = new Set(GSM);
const EXTENDED = new Set(GSM_EXTENSION);

const GSM_ALONE = 160;
const GSM_A_PART = 153;
const UCS2_ALONE = 70;
const UCS2_A_PART = 67;

/** Parts a text is sent in; what stands in the GSM alphabet takes fewer. A pair of surrogates or an escape is never cut. */
export function partsOf(text: string): number {
  const characters = Array.from(text);
  const gsm = characters.every((character) => BASIC.has(character) || EXTENDED.has(character));
  const sizes = characters.map((character) => (gsm ? (EXTENDED.has(character) ? 2 : 1) : character.length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= (gsm ? GSM_ALONE : UCS2_ALONE)) return 1;
  const room = gsm ? GSM_A_PART : UCS2_A_PART;
  let parts = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > room) {
      parts += 1;
      used = 0;
    }
    used += size;
  }
  return parts;
}
