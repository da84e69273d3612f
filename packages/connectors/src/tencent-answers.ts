// Tencent Cloud SMS: error codes and what they mean. Sources: "SMS API 3.0 sending error codes" (cloud.tencent.com
// document/api/382/59177) and "common error codes" (382/38780), both as of 2026.
import type { Answer } from './answers.ts';

const second = 1_000;
const hour = 3_600 * second;

export const TENCENT_OK = 'Ok';

export const tencentAnswers: readonly Answer[] = [
  // This number, for good.
  { code: 'FailedOperation.PhoneNumberInBlacklist', means: 'message' },
  { code: 'InvalidParameterValue.IncorrectPhoneNumber', means: 'message' },
  { code: 'UnsupportedOperation.UnsuportedRegion', means: 'message' },
  // This number, later. Our own rates (rates.ts) usually keep us from it; they are empty after a restart.
  { code: 'LimitExceeded.DeliveryFrequencyLimit', means: 'message-later', retryInMs: 60 * second },
  { code: 'LimitExceeded.PhoneNumberThirtySecondLimit', means: 'message-later', retryInMs: 30 * second },
  { code: 'LimitExceeded.PhoneNumberOneHourLimit', means: 'message-later', retryInMs: hour },
  { code: 'LimitExceeded.PhoneNumberDailyLimit', means: 'message-later', retryInMs: 6 * hour },
  { code: 'LimitExceeded.PhoneNumberSameContentDailyLimit', means: 'message-later', retryInMs: 6 * hour },
  // This wording under this account: another provider may have it approved, or take free text.
  { code: 'FailedOperation.ContainSensitiveWord', means: 'provider' },
  { code: 'FailedOperation.FailResolvePacket', means: 'provider' },
  { code: 'FailedOperation.JsonParseFail', means: 'provider' },
  { code: 'FailedOperation.MissingSignature', means: 'provider' },
  { code: 'FailedOperation.SignatureIncorrectOrUnapproved', means: 'provider' },
  { code: 'FailedOperation.TemplateIncorrectOrUnapproved', means: 'provider' },
  { code: 'FailedOperation.ParametersOtherError', means: 'provider' },
  { code: 'FailedOperation.MarketingSendTimeConstraint', means: 'provider' },
  { code: 'InvalidParameter', means: 'provider' },
  { code: 'InvalidParameterValue', means: 'provider' },
  { code: 'MissingParameter', means: 'provider' },
  { code: 'UnsupportedOperation', means: 'provider' },
  { code: 'LimitExceeded.PhoneNumberCountLimit', means: 'provider' },
  // The account: quota, money, keys. Worth another try, because people repair it while messages wait.
  { code: 'FailedOperation.InsufficientBalanceInSmsPackage', means: 'provider-later' },
  { code: 'UnauthorizedOperation', means: 'provider-later' },
  { code: 'AuthFailure', means: 'provider-later' },
  { code: 'IpInBlacklist', means: 'provider-later' },
  { code: 'IpNotInWhitelist', means: 'provider-later' },
  { code: 'LimitExceeded', means: 'provider-later' },
  { code: 'LimitExceeded.AppDailyLimit', means: 'provider-later' },
  { code: 'LimitExceeded.DailyLimit', means: 'provider-later' },
  { code: 'RequestLimitExceeded', means: 'provider-later', retryInMs: second },
  { code: 'ResourceInsufficient', means: 'provider-later' },
  { code: 'ResourceUnavailable', means: 'provider-later' },
  { code: 'ServiceUnavailable', means: 'provider-later' },
  { code: 'InternalError.RequestTimeException', means: 'provider-later' },
  { code: 'InternalError.SigFieldMissing', means: 'provider-later' },
  { code: 'InternalError.SigVerificationFail', means: 'provider-later' },
  { code: 'InternalError.RestApiInterfaceNotExist', means: 'provider' },
  { code: 'InternalError.JsonParseFail', means: 'provider' },
  // Behind the provider's door something went wrong at an unknown moment: time-outs towards the networks among them.
  { code: 'InternalError', means: 'unknown' },
  { code: 'FailedOperation', means: 'unknown' },
];
