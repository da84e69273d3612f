// Sends subscription messages of a WeChat mini-program. The recipient has allowed one (or, for transport, all) with a tap.
import { systemClock } from '@tongche/runtime';
import type { Clock, Log } from '@tongche/runtime';
import { piecesOf } from '@tongche/messages';
import type { Wording } from '@tongche/messages';

import { readAnswer } from './answers.ts';
import { providerCannot, providerDown, refusedMessage } from './gateway.ts';
import type { MessageGateway, OutgoingMessage, SendOutcome } from './gateway.ts';
import { createInFlight } from './in-flight.ts';
import { createReceiptDesk } from './receipt-desk.ts';
import { wechatAnswers } from './wechat-answers.ts';
import { OPENID, wechatApi } from './wechat-api.ts';

/** An approved subscription template: its id, and for each of its fields a text with our values' names in braces. */
export interface WechatTemplate {
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface WechatGatewayOptions {
  readonly baseUrl: string;
  readonly appId: string;
  readonly secret: string;
  /** By our template's key. */
  readonly templates: Readonly<Record<string, WechatTemplate>>;
  /** Page of the mini-program that opens: the same for everybody, so that WeChat learns nothing from it. */
  readonly page: string;
  readonly windowSize: number;
  readonly answerWaitMs: number;
  readonly wireClock?: Clock;
  readonly log: Log;
}

/** Fills the fields. The reason when the wording lacks a value. */
export function wechatFields(
  template: WechatTemplate,
  wording: Wording,
): Readonly<Record<string, string>> | 'no-value' {
  const filled: Record<string, string> = {};
  for (const [field, text] of Object.entries(template.fields)) {
    let value = '';
    for (const piece of piecesOf(text)) {
      const part = 'words' in piece ? piece.words : wording.values[piece.gap];
      if (part === undefined) return 'no-value';
      value += part;
    }
    filled[field] = value;
  }
  return filled;
}

export function wechatGateway(options: WechatGatewayOptions): MessageGateway {
  const wireClock = options.wireClock ?? systemClock((error, job) => options.log.fault(job, error));
  const api = wechatApi({ ...options, wireClock });
  const inFlight = createInFlight(options.windowSize, wireClock);
  const desk = createReceiptDesk(wireClock, options.log);

  async function sendOne({ id, to, wording }: OutgoingMessage): Promise<SendOutcome> {
    if (!OPENID.test(to)) return refusedMessage('bad-address');
    const template = options.templates[wording.template];
    if (template === undefined) return providerCannot('no-template');
    const data = wechatFields(template, wording);
    if (typeof data === 'string') return providerCannot(data);
    const answer = await api.sendSubscription({ touser: to, templateId: template.id, page: options.page, data });
    if (answer.kind === 'down') return providerDown('not-connected');
    if (answer.kind === 'lost') return { kind: 'unknown', reason: 'no-answer' };
    if (answer.errcode === 0) return handedOver(id);
    return readAnswer(wechatAnswers, answer.errcode === -1 ? 'wx.busy' : `wx.${answer.errcode}`, 'unknown');
  }

  /** WeChat gives no id, and tells later events only to an address on the internet: what it took is its last word. */
  function handedOver(messageId: string): SendOutcome {
    const gatewayId = `wechat:${messageId}`;
    void desk.hand({ gatewayId, messageId, state: 'delivered', reason: 'HANDED-OVER' });
    return { kind: 'accepted', gatewayIds: [gatewayId] };
  }

  return {
    send: (message) => inFlight.run(() => sendOne(message)),
    onReceipt: (handler) => desk.onReceipt(handler),
    onRoom: (handler) => inFlight.onRoom(handler),
    connected: () => true,
    room: () => inFlight.room(),
    async close() {
      desk.close();
      await inFlight.close();
    },
  };
}
