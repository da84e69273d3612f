// Both providers' signatures, held to the worked examples of their documentation.
import assert from 'node:assert/strict';
import test from 'node:test';

import { acs3Fault } from './acs3.ts';
import { tc3Fault } from './tc3.ts';
import type { SignedRequest } from './tc3.ts';

// Tencent, "Signature v3", the example of DescribeInstances: id and key are printed with asterisks there, and signed so.
const secretId = 'AKID********************************';
const secretKey = '********************************';
const tencent: SignedRequest = {
  method: 'POST',
  path: '/',
  query: '',
  headers: {
    host: 'cvm.tencentcloudapi.com',
    'content-type': 'application/json; charset=utf-8',
    'x-tc-action': 'DescribeInstances',
    'x-tc-timestamp': '1551113065',
    authorization:
      `TC3-HMAC-SHA256 Credential=${secretId}/2019-02-25/cvm/tc3_request, ` +
      'SignedHeaders=content-type;host;x-tc-action, ' +
      'Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f',
  },
  body: '{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}',
};
const tencentMs = 1_551_113_065_000;

// Aliyun, "V3 request structure and signature", the example of RunInstances with fixed values.
const aliyun: SignedRequest = {
  method: 'POST',
  path: '/',
  query: 'ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai',
  headers: {
    host: 'ecs.cn-shanghai.aliyuncs.com',
    'x-acs-action': 'RunInstances',
    'x-acs-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'x-acs-date': '2023-10-26T10:22:32Z',
    'x-acs-signature-nonce': '3156853299f313e23d1673dc12e1703d',
    'x-acs-version': '2014-05-26',
    authorization:
      'ACS3-HMAC-SHA256 Credential=YourAccessKeyId,' +
      'SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,' +
      'Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
  },
  body: '',
};
const aliyunMs = Date.parse('2023-10-26T10:22:32Z');

function changed(request: SignedRequest, name: string, value: string): SignedRequest {
  return { ...request, headers: { ...request.headers, [name]: value } };
}

test('TC3-HMAC-SHA256: the documented example holds, and nothing else does', () => {
  const secretOf = (id: string) => (id === secretId ? secretKey : undefined);
  assert.equal(tc3Fault(tencent, 'cvm', secretOf, tencentMs), undefined);
  assert.equal(tc3Fault({ ...tencent, body: '{}' }, 'cvm', secretOf, tencentMs), 'SignatureFailure');
  assert.equal(tc3Fault(changed(tencent, 'host', 'x.com'), 'cvm', secretOf, tencentMs), 'SignatureFailure');
  assert.equal(
    tc3Fault(tencent, 'cvm', () => 'other', tencentMs),
    'SignatureFailure',
  );
  assert.equal(
    tc3Fault(tencent, 'cvm', () => undefined, tencentMs),
    'SecretIdNotFound',
  );
  assert.equal(tc3Fault(tencent, 'sms', secretOf, tencentMs), 'InvalidAuthorization');
  assert.equal(tc3Fault(changed(tencent, 'authorization', ''), 'cvm', secretOf, tencentMs), 'InvalidAuthorization');
  assert.equal(tc3Fault(tencent, 'cvm', secretOf, tencentMs + 301_000), 'SignatureExpire');
});

test('ACS3-HMAC-SHA256: the documented example holds, and nothing else does', () => {
  const secretOf = (id: string) => (id === 'YourAccessKeyId' ? 'YourAccessKeySecret' : undefined);
  assert.equal(acs3Fault(aliyun, secretOf, aliyunMs), undefined);
  assert.equal(acs3Fault({ ...aliyun, body: 'x' }, secretOf, aliyunMs), 'SignatureDoesNotMatch');
  assert.equal(acs3Fault({ ...aliyun, query: 'RegionId=cn-beijing' }, secretOf, aliyunMs), 'SignatureDoesNotMatch');
  assert.equal(
    acs3Fault(changed(aliyun, 'x-acs-action', 'StopInstances'), secretOf, aliyunMs),
    'SignatureDoesNotMatch',
  );
  assert.equal(acs3Fault(changed(aliyun, 'x-acs-extra', '1'), secretOf, aliyunMs), 'IncompleteSignature');
  assert.equal(
    acs3Fault(aliyun, () => undefined, aliyunMs),
    'InvalidAccessKeyId.NotFound',
  );
  assert.equal(acs3Fault(aliyun, secretOf, aliyunMs + 16 * 60_000), 'InvalidTimeStamp.Expired');
});
