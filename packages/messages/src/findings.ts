// What the linter says: which rule, how grave, where, and why, for the person who writes the text.

/** `refuse`: the text is not sent. `warn`: somebody should look. */
export type Severity = 'refuse' | 'warn';

export type Rule =
  | 'case-identity'
  | 'vehicle'
  | 'clock-time'
  | 'personal-number'
  | 'sender-unverifiable'
  | 'no-diagnosis-word'
  | 'no-objection'
  | 'threat'
  | 'unknown-gap'
  | 'unused-gap'
  | 'too-long'
  | 'link-in-text'
  | 'quiet-hours'
  | 'provider-link'
  | 'provider-gaps-touch'
  | 'provider-gap-twice'
  | 'provider-only-gaps'
  | 'provider-gap-long'
  | 'provider-brackets'
  | 'provider-length'
  | 'provider-code-word'
  | 'provider-unknown-gap'
  | 'provider-unknown-field';

export interface Finding {
  readonly rule: Rule;
  readonly severity: Severity;
  /** The words it is about, where there are some. */
  readonly words?: string;
  readonly zh: string;
  readonly en: string;
}

const TEXTS: Readonly<Record<Rule, readonly [Severity, string, string]>> = {
  'case-identity': [
    'refuse',
    '短信不得透露病例身份或病情。',
    'A message must not tell who the case is, or anything about them.',
  ],
  vehicle: [
    'refuse',
    '短信不得写车牌、线路、站点或座位；这些只在收件人的通知页显示。',
    'A message names no plate, line, stop or seat; only the recipient’s own notice page does.',
  ],
  'clock-time': [
    'refuse',
    '短信只写日期和时段（如上午），不写几点几分。',
    'A message tells the day and the part of the day, never the time by the clock.',
  ],
  'personal-number': [
    'refuse',
    '短信中不得直接写电话号码或证件号码；核实电话用变量。',
    'No phone or document number stands in the text; the number for questions is a gap.',
  ],
  'sender-unverifiable': [
    'refuse',
    '短信须以发送单位开头，并写明核实电话和核对码。',
    'A message begins with its sender and gives a number and a check code by which it can be verified.',
  ],
  'no-diagnosis-word': ['refuse', '短信须写明“不是诊断”。', 'A message says that it is not a diagnosis.'],
  'no-objection': ['warn', '短信宜写明如何提出异议。', 'A message should say how to object.'],
  threat: ['refuse', '短信不得威胁收件人。', 'A message does not threaten.'],
  'unknown-gap': ['refuse', '文本含有未说明用途的变量。', 'The text has a gap whose kind is not known.'],
  'unused-gap': ['warn', '有变量未在文本中使用。', 'A gap is described that the text does not have.'],
  'too-long': ['refuse', '短信过长。', 'The message is too long.'],
  'link-in-text': ['refuse', '短信中不得有固定链接。', 'No fixed link stands in the text.'],
  'quiet-hours': [
    'refuse',
    '非紧急短信须避开 22:00 至 8:00。',
    'Messages that are not urgent must rest from 22:00 to 8:00.',
  ],
  'provider-link': ['refuse', '服务商不允许变量为链接。', 'The provider allows no link in a variable.'],
  'provider-gaps-touch': [
    'refuse',
    '服务商不允许变量相连。',
    'The provider allows no two variables without words between.',
  ],
  'provider-gap-twice': ['refuse', '服务商不允许同一变量出现两次。', 'The provider allows a variable only once.'],
  'provider-only-gaps': ['refuse', '模板不能只有变量。', 'A template cannot consist of variables only.'],
  'provider-gap-long': [
    'refuse',
    '变量取值可能超过服务商的长度限制。',
    'A variable’s value may be longer than the provider allows.',
  ],
  'provider-brackets': [
    'refuse',
    '签名由服务商添加，模板中不得有【】。',
    'The provider adds the signature; the template has no 【】.',
  ],
  'provider-length': ['refuse', '模板超过服务商的长度限制。', 'The template is longer than the provider allows.'],
  'provider-code-word': ['refuse', '验证码模板须含“验证码”。', 'A code template must contain the word for code.'],
  'provider-unknown-field': ['refuse', '服务商没有此字段。', 'The provider knows no such field.'],
  'provider-unknown-gap': [
    'refuse',
    '模板含有消息没有的变量。',
    'The template has a variable that the message does not give.',
  ],
};

export function finding(rule: Rule, words?: string): Finding {
  const [severity, zh, en] = TEXTS[rule];
  return { rule, severity, zh, en, ...(words === undefined ? {} : { words }) };
}
