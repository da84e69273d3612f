// Subscription messages: error codes and what they mean. Source: developers.weixin.qq.com, "sendMessage" and
// "全局返回码说明", as of 2026. Codes are written `wx.<errcode>`, -1 as `wx.busy`.
import type { Answer } from './answers.ts';

const minute = 60_000;

export const wechatAnswers: readonly Answer[] = [
  // This recipient: never subscribed, or not any more; not an openid of this mini-program.
  { code: 'wx.43101', means: 'message' },
  { code: 'wx.40003', means: 'message' },
  // This template, until somebody changes it.
  { code: 'wx.40037', means: 'provider' },
  { code: 'wx.47003', means: 'provider' },
  { code: 'wx.41030', means: 'provider' },
  { code: 'wx.43104', means: 'provider' },
  // The account: token, secret, rights, quota.
  { code: 'wx.40001', means: 'provider-later' },
  { code: 'wx.40014', means: 'provider-later' },
  { code: 'wx.42001', means: 'provider-later' },
  { code: 'wx.40013', means: 'provider-later' },
  { code: 'wx.40125', means: 'provider-later' },
  { code: 'wx.48001', means: 'provider-later' },
  { code: 'wx.61004', means: 'provider-later' },
  { code: 'wx.45009', means: 'provider-later' },
  { code: 'wx.45011', means: 'provider-later', retryInMs: minute },
  { code: 'wx.busy', means: 'provider-later', retryInMs: minute },
];
