// Tencent Cloud SMS in the development sink: requests of API 2021-01-11, checked and answered as its documentation says.
import { randomUUID } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

import type { SinkDesk, SinkProvider, SinkReply, SinkRule } from './http-sink.ts';
import { tc3Fault } from './tc3.ts';
import type { SignedRequest } from './tc3.ts';

const API_VERSION = '2021-01-11';
/** Receipts nobody pulls; the oldest is forgotten first. */
const MAX_KEPT = 20_000;
/** Codes that concern the whole request and not one of its numbers. */
const REQUEST_LEVEL =
  /^(AuthFailure|RequestLimitExceeded|InternalError|UnauthorizedOperation|InvalidParameter|MissingParameter)\b/;

export interface TencentSinkOptions {
  readonly secretId: string;
  readonly secretKey: string;
  readonly sdkAppId: string;
  readonly signName: string;
  /** Approved templates: id and text, whose variables are {1}, {2}, … */
  readonly templates: Readonly<Record<string, string>>;
  readonly rules?: readonly SinkRule[];
}

const SendSms = Type.Object({
  PhoneNumberSet: Type.Array(Type.String({ pattern: '^\\+[1-9]\\d{5,14}$' }), { minItems: 1, maxItems: 200 }),
  SmsSdkAppId: Type.String(),
  SignName: Type.String(),
  TemplateId: Type.String(),
  TemplateParamSet: Type.Optional(Type.Array(Type.String())),
  SessionContext: Type.Optional(Type.String({ maxLength: 511 })),
});
const PullSmsSendStatus = Type.Object({
  Limit: Type.Integer({ minimum: 1, maximum: 100 }),
  SmsSdkAppId: Type.String(),
});

function ok(response: Readonly<Record<string, unknown>>): SinkReply {
  return { status: 200, body: { Response: { ...response, RequestId: randomUUID() } } };
}

function failed(code: string): SinkReply {
  return ok({ Error: { Code: code, Message: `refused: ${code}` } });
}

function statusOf(phone: string, code: string, more: Readonly<Record<string, unknown>>) {
  const message = code === 'Ok' ? 'send success' : `refused: ${code}`;
  return { PhoneNumber: phone, Fee: code === 'Ok' ? 1 : 0, Code: code, Message: message, IsoCode: 'CN', ...more };
}

export function tencentSink(options: TencentSinkOptions): (desk: SinkDesk) => SinkProvider {
  return (desk) => {
    const reports: Readonly<Record<string, unknown>>[] = [];
    let lastNo = 0;

    function textOf(body: Static<typeof SendSms>): string | undefined {
      const template = options.templates[body.TemplateId];
      const values = body.TemplateParamSet ?? [];
      if (template === undefined || new Set(template.match(/\{\d+\}/g)).size !== values.length) return undefined;
      const text = template.replaceAll(/\{(\d+)\}/g, (_whole, n: string) => values[Number(n) - 1] ?? '');
      return `【${options.signName}】${text}`;
    }

    function sendTo(phone: string, body: Static<typeof SendSms>, text: string) {
      const context = { SessionContext: body.SessionContext ?? '' };
      const rule = options.rules?.find(({ toEndsWith }) => phone.endsWith(toEndsWith));
      if (rule !== undefined) return statusOf(phone, rule.code, { ...context, SerialNo: '' });
      lastNo += 1;
      const serial = `2433:${desk.nowMs()}${String(lastNo).padStart(6, '0')}`;
      const to = phone.slice(1);
      const message = {
        channel: 'sms',
        provider: 'tencent',
        systemId: options.sdkAppId,
        from: options.signName,
      } as const;
      desk.receive({ ...message, to, text, parts: 1, receivedMs: desk.nowMs() }, (state) => {
        const delivered = state === 'delivered';
        reports.push({
          UserReceiveTime: Math.trunc(desk.nowMs() / 1_000),
          PhoneNumber: phone,
          SerialNo: serial,
          ReportStatus: delivered ? 'SUCCESS' : 'FAIL',
          Description: delivered ? 'DELIVRD' : 'UNDELIV',
          ...context,
        });
        if (reports.length > MAX_KEPT) reports.shift();
      });
      return statusOf(phone, 'Ok', { ...context, SerialNo: serial });
    }

    function send(body: unknown): SinkReply {
      if (!Value.Check(SendSms, body)) return failed('InvalidParameter');
      if (body.SmsSdkAppId !== options.sdkAppId) return failed('UnauthorizedOperation.SmsSdkAppIdVerifyFail');
      const refusal = (code: string) =>
        ok({ SendStatusSet: body.PhoneNumberSet.map((phone) => statusOf(phone, code, { SerialNo: '' })) });
      if (body.SignName !== options.signName) return refusal('FailedOperation.SignatureIncorrectOrUnapproved');
      const text = textOf(body);
      if (text === undefined) return refusal('FailedOperation.TemplateIncorrectOrUnapproved');
      return ok({ SendStatusSet: body.PhoneNumberSet.map((phone) => sendTo(phone, body, text)) });
    }

    function pull(body: unknown): SinkReply {
      if (!Value.Check(PullSmsSendStatus, body)) return failed('InvalidParameter');
      if (body.SmsSdkAppId !== options.sdkAppId) return failed('UnauthorizedOperation.SmsSdkAppIdVerifyFail');
      return ok({ PullSmsSendStatusSet: reports.splice(0, body.Limit) });
    }

    function answer(request: SignedRequest): SinkReply {
      const secretOf = (id: string) => (id === options.secretId ? options.secretKey : undefined);
      const fault = tc3Fault(request, 'sms', secretOf, desk.wireNowMs());
      if (fault !== undefined) return failed(`AuthFailure.${fault}`);
      if (request.headers['x-tc-version'] !== API_VERSION) return failed('NoSuchVersion');
      const body = JSON.parse(request.body) as unknown;
      const action = request.headers['x-tc-action'];
      return action === 'SendSms' ? send(body) : action === 'PullSmsSendStatus' ? pull(body) : failed('InvalidAction');
    }

    return {
      name: 'tencent',
      takes: ({ headers }) => headers['x-tc-action'] !== undefined,
      sends: ({ headers }) => headers['x-tc-action'] === 'SendSms',
      answer,
      refuse(request, code) {
        if (REQUEST_LEVEL.test(code)) return failed(code);
        const body = JSON.parse(request.body) as unknown;
        const phones = Value.Check(SendSms, body) ? body.PhoneNumberSet : [];
        return ok({ SendStatusSet: phones.map((phone) => statusOf(phone, code, { SerialNo: '' })) });
      },
    };
  };
}
