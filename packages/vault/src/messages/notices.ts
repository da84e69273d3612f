// A notice page's sealed content: which rides, what to do, whom to call. Its key stands only in the message's link.
import { createCipheriv } from 'node:crypto';
import type { NoticeContent } from '@tongche/contract';
import { toBase64Url } from '@tongche/protocol';
import type { Random } from '@tongche/runtime';
import type { ContactDoc } from '../cases/model.ts';
import type { Config } from '../config.ts';

const ID_BYTES = 16;
const KEY_BYTES = 16;
const NONCE_BYTES = 12;
/** Rides shown on a page (contract: NoticeContent). */
const MAX_RIDES = 20;

export interface SealedNotice {
  readonly noticeId: Buffer;
  readonly blob: Buffer;
  /** `<registrar>/n/<id>#<key>` */
  readonly link: string;
}

export function noticeContent(config: Config, doc: ContactDoc, checkCode: string, issuedMs: number): NoticeContent {
  const { authority, notice } = config;
  return {
    authority: authority.name,
    phone: notice.phone,
    checkCode,
    issuedMs,
    zone: authority.zone,
    rides: doc.legs.slice(0, MAX_RIDES).map(({ fromMs, toMs, line, plate, unitLabel }) => ({
      fromMs,
      toMs,
      line,
      plate,
      label: unitLabel,
    })),
    advice: [...notice.advice],
  };
}

/** blob = nonce12 ‖ AES-128-GCM(key, nonce, 'notice1|' + id, JSON). */
export function sealNotice(registrarUrl: string, content: NoticeContent, random: Random): SealedNotice {
  const noticeId = Buffer.from(random(ID_BYTES));
  const id = toBase64Url(noticeId);
  const key = random(KEY_BYTES);
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  cipher.setAAD(Buffer.from(`notice1|${id}`));
  const text = Buffer.from(JSON.stringify(content));
  const blob = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  return { noticeId, blob, link: `${registrarUrl.replace(/\/$/, '')}/n/${id}#${toBase64Url(key)}` };
}
