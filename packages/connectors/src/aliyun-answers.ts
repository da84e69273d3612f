// Aliyun SMS (dysmsapi 2017-05-25): error codes and what they mean. Source: "API error codes of domestic messages"
// (help.aliyun.com document_detail/101346) and the common errors of its gateway, as of 2026.
import type { Answer } from './answers.ts';

const second = 1_000;
const hour = 3_600 * second;

export const ALIYUN_OK = 'OK';

export const aliyunAnswers: readonly Answer[] = [
  // This number, for good.
  { code: 'isv.MOBILE_NUMBER_ILLEGAL', means: 'message' },
  { code: 'isv.BLACK_KEY_CONTROL_LIMIT', means: 'message' },
  { code: 'isv.BLACKLIST_NUMBER', means: 'message' },
  // This number, later: once a minute, 5 an hour, 10 a day for codes; 50 a day for a notice.
  { code: 'isv.BUSINESS_LIMIT_CONTROL', means: 'message-later', retryInMs: hour },
  // This wording under this account.
  { code: 'isv.DOMESTIC_NUMBER_NOT_SUPPORTED', means: 'provider' },
  { code: 'isv.SMS_SIGNATURE_SCENE_ILLEGAL', means: 'provider' },
  { code: 'isv.SMS_SIGNATURE_ILLEGAL', means: 'provider' },
  { code: 'isv.SMS_SIGN_ILLEGAL', means: 'provider' },
  { code: 'isv.SIGN_STATE_ILLEGAL', means: 'provider' },
  { code: 'isv.SIGN_NAME_ILLEGAL', means: 'provider' },
  { code: 'isv.SMS_TEMPLATE_ILLEGAL', means: 'provider' },
  { code: 'isv.TEMPLATE_MISSING_PARAMETERS', means: 'provider' },
  { code: 'isv.TEMPLATE_PARAMS_ILLEGAL', means: 'provider' },
  { code: 'isv.SMS_CONTENT_ILLEGAL', means: 'provider' },
  { code: 'isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE', means: 'provider' },
  { code: 'isv.PARAM_LENGTH_LIMIT', means: 'provider' },
  { code: 'isv.PARAM_NOT_SUPPORT_URL', means: 'provider' },
  { code: 'isv.INVALID_PARAMETERS', means: 'provider' },
  { code: 'isv.INVALID_JSON_PARAM', means: 'provider' },
  { code: 'isv.MOBILE_COUNT_OVER_LIMIT', means: 'provider' },
  { code: 'isv.EXTEND_CODE_ERROR', means: 'provider' },
  { code: 'isv.CUSTOMER_REFUSED', means: 'message' },
  { code: 'MissingParameter', means: 'provider' },
  { code: 'InvalidParameter', means: 'provider' },
  // The account: money, limits, keys.
  { code: 'isv.OUT_OF_SERVICE', means: 'provider-later' },
  { code: 'isv.AMOUNT_NOT_ENOUGH', means: 'provider-later' },
  { code: 'isv.ACCOUNT_NOT_EXISTS', means: 'provider-later' },
  { code: 'isv.ACCOUNT_ABNORMAL', means: 'provider-later' },
  { code: 'isv.PRODUCT_UN_SUBSCRIPT', means: 'provider-later' },
  { code: 'isv.PRODUCT_UNSUBSCRIBE', means: 'provider-later' },
  { code: 'isv.DAY_LIMIT_CONTROL', means: 'provider-later' },
  { code: 'isv.MONTH_LIMIT_CONTROL', means: 'provider-later' },
  { code: 'isv.DENY_IP_RANGE', means: 'provider-later' },
  { code: 'isp.RAM_PERMISSION_DENY', means: 'provider-later' },
  { code: 'Throttling', means: 'provider-later', retryInMs: second },
  { code: 'ServiceUnavailable', means: 'provider-later' },
  { code: 'SignatureDoesNotMatch', means: 'provider-later' },
  { code: 'IncompleteSignature', means: 'provider-later' },
  { code: 'SignatureNonceUsed', means: 'provider-later' },
  { code: 'InvalidTimeStamp', means: 'provider-later' },
  { code: 'InvalidAccessKeyId', means: 'provider-later' },
  { code: 'Forbidden', means: 'provider-later' },
  { code: 'NoPermission', means: 'provider-later' },
  // At an unknown moment behind the provider's door.
  { code: 'isp.SYSTEM_ERROR', means: 'unknown' },
  { code: 'InternalError', means: 'unknown' },
];
