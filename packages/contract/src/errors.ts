// The catalogue of everything a client can be told went wrong. Codes are stable; texts are for people.
// `docs/errors.md` is generated from this table.

/** One entry: HTTP status and what a person reads. `retry` says what a client does without asking anybody. */
export interface ErrorEntry {
  readonly status: number;
  readonly zh: string;
  readonly en: string;
  readonly retry: 'never' | 'later' | 'reseal-once' | 'refill-once' | 'sign-in';
}

function entry(status: number, retry: ErrorEntry['retry'], zh: string, en: string): ErrorEntry {
  return { status, retry, zh, en };
}

export const errors = {
  // Requests of any kind
  'bad-request': entry(400, 'never', '请求格式不正确。', 'The request is malformed.'),
  'unknown-field': entry(400, 'never', '请求含有未知字段。', 'The request has a field that is not known here.'),
  'not-signed-in': entry(401, 'sign-in', '请先登录。', 'Please sign in.'),
  'wrong-credentials': entry(401, 'never', '账号或密码不正确。', 'The account or the password is wrong.'),
  forbidden: entry(403, 'never', '没有权限。', 'This is not allowed for this account.'),
  'wrong-origin': entry(403, 'never', '请求来源不正确。', 'The request comes from a page that may not send it.'),
  'not-found': entry(404, 'never', '没有找到。', 'Nothing was found here.'),
  'method-not-allowed': entry(405, 'never', '不支持该请求方法。', 'This method is not allowed here.'),
  conflict: entry(
    409,
    'never',
    '与当前状态冲突，请刷新后重试。',
    'This does not fit the present state; reload and try again.',
  ),
  'too-slow': entry(408, 'later', '请求发送太慢，请重试。', 'The request came too slowly; please try again.'),
  'too-large': entry(413, 'never', '请求内容过大。', 'The request is too large.'),
  'wrong-type': entry(415, 'never', '请求内容类型不正确。', 'The content type is not the expected one.'),
  'rate-limited': entry(429, 'later', '请求过于频繁，请稍后再试。', 'Too many requests; please try again later.'),
  internal: entry(500, 'later', '系统内部错误，已记录。', 'Something failed on our side; it has been recorded.'),
  busy: entry(503, 'later', '系统繁忙，请稍后自动重试。', 'The system is busy; it will be tried again.'),
  // Rides
  'bad-record': entry(400, 'never', '登记内容无法识别。', 'The ride record cannot be read.'),
  'unsupported-record': entry(
    422,
    'never',
    '登记版本不受支持，请刷新页面。',
    'This version of the ride record is not supported; reload the page.',
  ),
  'wrong-authority': entry(422, 'never', '登记不属于本城市。', 'The ride record is for another city.'),
  'not-admitted': entry(
    403,
    'refill-once',
    '登记凭证无效或已过期，正在更新。',
    'The wallet entry is not valid any more; it will be renewed.',
  ),
  'clock-wrong': entry(
    409,
    'reseal-once',
    '手机时间不准，已按服务器时间重新登记。',
    'The phone clock is off; the ride is sealed again with the server time.',
  ),
  'too-old': entry(
    422,
    'never',
    '登记时间超过 7 天，无法补登。',
    'The ride is more than 7 days old and cannot be registered.',
  ),
  'tag-used': entry(
    409,
    'reseal-once',
    '登记凭证已使用，正在换用。',
    'This wallet entry is used up; another one is taken.',
  ),
  'unknown-code': entry(
    404,
    'never',
    '无法识别此二维码，请重新扫描或输入车辆编号。',
    'This code is not known; scan again or type the vehicle number.',
  ),
  'bad-short-code': entry(
    400,
    'never',
    '车辆编号有误，请核对后重新输入。',
    'This vehicle number has a typing mistake; check it and type it again.',
  ),
  'code-revoked': entry(
    410,
    'never',
    '此二维码已停用，请告知司机或拨打 12328。',
    'This code is out of use; please tell the driver or call 12328.',
  ),
  // Enrolment
  'bad-phone': entry(400, 'never', '手机号格式不正确。', 'This is not a valid phone number.'),
  'bad-document': entry(400, 'never', '证件号码不正确。', 'This is not a valid document number.'),
  'consent-outdated': entry(
    409,
    'never',
    '个人信息处理规则已更新，请重新阅读。',
    'The personal information notice has changed; please read it again.',
  ),
  'wrong-otp': entry(400, 'never', '验证码不正确。', 'The code is not correct.'),
  'otp-expired': entry(
    410,
    'never',
    '验证码已失效，请重新获取。',
    'The code is no longer valid; please get a new one.',
  ),
  'wechat-code-invalid': entry(
    400,
    'never',
    '微信授权已失效，请重新点击授权。',
    'The WeChat authorisation is not valid any more; please tap again.',
  ),
  'work-required': entry(428, 'later', '请稍候，正在进行安全校验。', 'One moment, a small safety check is needed.'),
  'ticket-invalid': entry(
    401,
    'sign-in',
    '登记信息已失效，请重新验证手机号。',
    'Please confirm your phone number again.',
  ),
  // Staff
  'assist-token-invalid': entry(
    401,
    'sign-in',
    '代登记授权已过期，请返回司机页面。',
    'The assist permission has expired; go back to the staff page.',
  ),
  'no-shift': entry(409, 'never', '请先绑定车辆。', 'Take a vehicle first.'),
  // Operator's office
  'unknown-unit': entry(404, 'never', '没有该车辆或站点。', 'This vehicle, carriage or station is not known.'),
  'no-units': entry(422, 'never', '没有符合条件的车辆或站点。', 'No vehicle or station fits this choice.'),
  'import-running': entry(
    409,
    'later',
    '同类文件正在导入，请稍后再试。',
    'A file of this kind is being imported; please try again in a moment.',
  ),
  'import-unreadable': entry(
    422,
    'never',
    '无法读取该文件，请检查格式。',
    'The file cannot be read as a file of this kind.',
  ),
  'import-refused': entry(
    422,
    'never',
    '文件中有错误，未导入任何内容。',
    'The file has errors; nothing of it was taken in.',
  ),
  'import-over': entry(
    410,
    'never',
    '该导入已完成或已过期，请重新上传文件。',
    'This import is done or has expired; send the file again.',
  ),
  // Cases
  'bad-case': entry(400, 'never', '病例信息不完整或不正确。', 'The case is incomplete or not correct.'),
  'no-policy': entry(
    422,
    'never',
    '该病种在这一天没有生效的判定标准。',
    'No rule for this disease is in force on this day.',
  ),
  'bad-told': entry(
    400,
    'never',
    '所述乘车信息不完整或不在调查令日期内：请填写线路、车辆或上车站，以及时间和日期。',
    'The told ride is incomplete or outside the days of the order: a line, vehicle or stop, a time and days are needed.',
  ),
  'span-too-long': entry(422, 'never', '查询天数超过允许范围。', 'The order covers more days than are allowed.'),
  'outside-retention': entry(
    422,
    'never',
    '查询日期超出保存期限，相关密钥已销毁。',
    'These days are outside retention; their keys are destroyed.',
  ),
  'order-expired': entry(410, 'never', '调查令已过期，请重新申请。', 'The order has expired; ask for a new one.'),
  'signature-invalid': entry(403, 'never', '签名无效。', 'The signature is not valid.'),
  'same-signer': entry(
    403,
    'never',
    '需由两名不同角色的人员分别签署。',
    'Two different people in two different roles must sign.',
  ),
  'demo-key-refused': entry(
    403,
    'never',
    '演示密钥仅可用于演示模式。',
    'The demonstration key is accepted in demonstration mode only.',
  ),
  'order-limit': entry(422, 'never', '超出调查令的范围。', 'This goes beyond the limits of the order.'),
  'stale-request': entry(403, 'never', '请求已过期或重复。', 'The request is not fresh or has been seen before.'),
  'proof-invalid': entry(403, 'never', '日志证明无效。', 'The log proof is not valid.'),
  'case-closed': entry(410, 'never', '病例已结案，数据已销毁。', 'The case is closed; its data are destroyed.'),
  'reveal-limit': entry(429, 'never', '查看次数已达上限。', 'The limit of reveals has been reached.'),
  'export-limit': entry(
    429,
    'never',
    '导出次数已达上限，请稍后再试。',
    'The limit of exports has been reached; try later.',
  ),
  'export-expired': entry(410, 'never', '该导出已过期，请重新申请。', 'This export has expired; ask for a new one.'),
  'text-refused': entry(422, 'never', '短信内容不符合规则。', 'The message text breaks a rule.'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errors;

/** The one body of every error answer. Further fields (`nowMs`, `retryAfterS`, `line`) stand beside `error`. */
export interface ErrorBody {
  readonly error: { readonly code: ErrorCode; readonly message: { readonly zh: string; readonly en: string } };
  readonly [extra: string]: unknown;
}

/** An expected refusal on its way to the edge, where it becomes status and body. Never carries personal data. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly extra: Readonly<Record<string, unknown>>;
  constructor(code: ErrorCode, extra: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.name = 'Refusal';
    this.code = code;
    this.extra = extra;
  }
}

/** Body of an error answer. */
export function errorBody(code: ErrorCode, extra: Readonly<Record<string, unknown>> = {}): ErrorBody {
  const { zh, en } = errors[code];
  return { ...extra, error: { code, message: { zh, en } } };
}
