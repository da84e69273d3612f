// The tables of providers' answers: no code twice, the longest one that fits counts, and what is unknown stays unknown.
import assert from 'node:assert/strict';
import test from 'node:test';

import { aliyunAnswers } from './aliyun-answers.ts';
import { doubledCodes, readAnswer } from './answers.ts';
import { tencentAnswers } from './tencent-answers.ts';
import { wechatAnswers } from './wechat-answers.ts';

test('no table says two things about a code', () => {
  for (const table of [tencentAnswers, aliyunAnswers, wechatAnswers]) assert.deepEqual(doubledCodes(table), []);
  assert.deepEqual(doubledCodes([...aliyunAnswers, { code: 'Throttling', means: 'message' }]), ['Throttling']);
});

test('a code of its own counts before its family, and a family only up to a dot', () => {
  const read = (code: string) => readAnswer(tencentAnswers, code, 'unknown');
  assert.equal(read('InvalidParameterValue.IncorrectPhoneNumber').kind, 'refused');
  assert.deepEqual(read('InvalidParameterValue.Other'), {
    kind: 'refused',
    reason: 'InvalidParameterValue.Other',
    fault: 'provider',
    retry: false,
  });
  assert.equal(read('InternalError.Anything').kind, 'unknown');
  assert.equal(read('InternalErrorish').kind, 'unknown');
  assert.deepEqual(readAnswer([], 'X.Y', 'provider-later'), {
    kind: 'refused',
    reason: 'X.Y',
    fault: 'provider',
    retry: true,
  });
});

test('a provider’s own words never become a reason', () => {
  assert.deepEqual(readAnswer(tencentAnswers, 'to +8613800001111: no', 'unknown'), {
    kind: 'unknown',
    reason: 'no-code',
  });
});
