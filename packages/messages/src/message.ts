// What is said to a person, and the ways to reach that person.

export type Channel = 'sms' | 'wechat' | 'mail';

/** One way to reach a contact; tried in order, the next only after a definite failure, never after "unknown". */
export interface Route {
  readonly channel: Channel;
  /** E.164 digits, openid or mail address. */
  readonly address: string;
}

/** What is said: a template's key and version, its values in order of the template's variables, and the whole text as the recipient reads it. */
export interface Wording {
  readonly template: string;
  readonly version: number;
  readonly values: Readonly<Record<string, string>>;
  readonly text: string;
  readonly subject?: string;
}
