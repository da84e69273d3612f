// What phones, the assist form and notice pages say to the health authority's registrar.
import { Type, type Static } from 'typebox';
import { Base64Url, Base64UrlUpTo, Day, DayText, EpochMs, Name, SubjectKind, strict } from './common.ts';

/** A signed day bundle as phones fetch it (see protocol `DayBundle`). */
export const Bundle = strict({
  authority: strict({ iss: Type.Integer({ minimum: 0, maximum: 65535 }), name: Name, zone: Type.String() }),
  day: Day,
  keyId: Type.String({ maxLength: 32 }),
  suite: Type.Literal(1),
  pkEnv: Base64Url(65),
  notBeforeMs: EpochMs,
  notAfterMs: EpochMs,
  platformUrl: Type.String({ maxLength: 200 }),
  relayPk: Base64Url(65),
  signatures: strict({ ed25519: Base64Url(64), p256: Base64Url(64) }),
});
export type Bundle = Static<typeof Bundle>;
/** GET /bundles → yesterday..+7. GET /settings → page configuration, also inlined in the page. */
export const BundlesReply = strict({ bundles: Type.Array(Bundle, { maxItems: 12 }), nowMs: EpochMs });
export type BundlesReply = Static<typeof BundlesReply>;

/** Inlined into every page as JSON in <script type="application/json" id="settings">. */
export const PageSettings = strict({
  authority: strict({ iss: Type.Integer(), name: Name, zone: Type.String(), phone: Type.String() }),
  signP256: Base64Url(65),
  platformUrl: Type.String(),
  consentVersion: Type.Integer(),
  retentionDays: Type.Integer(),
  demo: Type.Boolean(),
  smsProvider: Name,
  askName: Type.Boolean(),
  languages: Type.Array(Type.String()),
});
export type PageSettings = Static<typeof PageSettings>;

/**
 * POST /otp → {challenge}; same body and same time for every number, also for one over its own limit (no code is sent then).
 * `work-required` (428) carries {salt, bits, expiresMs}; the answer is a `nonce` such that SHA-256 of the UTF-8 text
 * `${salt}.${nonce}` begins with `bits` zero bits. A salt counts once. `consent-outdated` carries {consentVersion}.
 */
export const OtpRequest = strict({
  phone: Type.String({ minLength: 5, maxLength: 24 }),
  consentVersion: Type.Integer(),
  language: Type.Optional(Type.String({ maxLength: 8 })),
  work: Type.Optional(strict({ salt: Type.String({ maxLength: 64 }), nonce: Type.String({ maxLength: 32 }) })),
});
export const OtpReply = strict({ challenge: Type.String({ maxLength: 400 }), expiresMs: EpochMs });
/** POST /otp/verify. `device` = SHA-256(r_dev), 32 bytes. Sets the ticket as an HttpOnly cookie with path /wallet too. */
export const OtpVerify = strict({
  challenge: Type.String({ maxLength: 400 }),
  otp: Type.String({ minLength: 4, maxLength: 8 }),
  device: Base64Url(32),
});
/** Wallet: per day 32 (tag, adm) pairs, 32 bytes each, packed: base64url of 1024 bytes. */
export const WalletDay = strict({ day: Day, slots: Base64Url(1024) });
export const WalletReply = strict({
  ticket: Type.String({ maxLength: 400 }),
  walletNo: Type.Integer({ minimum: 0, maximum: 7 }),
  days: Type.Array(WalletDay, { maxItems: 12 }),
  bundles: Type.Array(Bundle, { maxItems: 12 }),
  consentVersion: Type.Integer(),
  nowMs: EpochMs,
  /** E.164 digits of the ticket's own phone, only where the ticket came as the cookie: page storage was lost, and sealing needs it. */
  phone: Type.Optional(Type.String({ maxLength: 20 })),
});
export type WalletReply = Static<typeof WalletReply>;
/**
 * POST /wx/phone, from the mini-program: `code` of the tap on "get phone number" and `loginCode` of the sign-in, each good
 * for five minutes and once. The phone is proven by WeChat, whose word the server fetches itself. Phone and openid come
 * back because the page seals them; nothing is kept here. `wechat-code-invalid`, `consent-outdated` {consentVersion}.
 */
export const WxPhoneRequest = strict({
  code: Type.String({ minLength: 1, maxLength: 512 }),
  loginCode: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
  device: Base64Url(32),
  consentVersion: Type.Integer(),
});
export const WxPhoneReply = strict({
  ...WalletReply.properties,
  phone: Type.String({ maxLength: 20 }),
  openid: Type.Union([Type.String({ maxLength: 28 }), Type.Null()]),
});
export type WxPhoneReply = Static<typeof WxPhoneReply>;
/**
 * POST /wallet. With `ticket` in the body, `deviceKey` (r_dev, 16 bytes, whose hash the ticket carries) must be there and match.
 * With the cookie alone, as after a browser emptied the page's storage, `device` (SHA-256 of a new r_dev) takes the old one's place;
 * a `deviceKey` sent beside the cookie must match.
 * A ticket of an older consent answers `consent-outdated` with {consentVersion}; the rider who agreed to that version asks
 * again with `consentVersion`, and the fresh ticket carries it.
 */
export const WalletRequest = strict({
  ticket: Type.Optional(Type.String({ maxLength: 400 })),
  deviceKey: Type.Optional(Base64Url(16)),
  device: Type.Optional(Base64Url(32)),
  consentVersion: Type.Optional(Type.Integer()),
});
/** POST /withdraw: the ticket joins the deny list; always 204; takes the cookie away. */
export const WithdrawRequest = strict({ ticket: Type.String({ maxLength: 400 }), deviceKey: Base64Url(16) });
/** POST /relay: text/plain base64url of 153 bytes (204 characters). Always 204 when well-formed. */
export const RELAY_BODY_CHARS = 204;

/**
 * POST /assist with `authorization: Bearer <assist token>`. Only derived values come back; nothing is kept.
 * Token = `body.signature`, both base64url: body = UTF-8 JSON {kid, expMs} (kid ≤ 64 characters, expMs ≤ 12 h ahead),
 * signature = P's assist key (Ed25519, public half in PlatformIdentity) over "assist-token/1|" ‖ the base64url text of body.
 * `day` is yesterday or today; `authorization` failing → `assist-token-invalid`.
 */
export const AssistRequest = strict({
  kind: SubjectKind,
  value: Type.String({ minLength: 1, maxLength: 24 }),
  day: Day,
});
export const AssistReply = strict({
  tag: Base64Url(16),
  adm: Base64Url(16),
  slot: Type.Integer({ minimum: 0, maximum: 63 }),
  bundle: Bundle,
  nowMs: EpochMs,
});
export type AssistReply = Static<typeof AssistReply>;

/**
 * GET /notices/:id → sealed blob. POST /notices/:id/receipt {outcome}. The page is `/n/<id>#<key>`, key = 16 bytes base64url.
 * blob = nonce12 ‖ AES-128-GCM(key, nonce, aad = utf8('notice1|' + id), utf8(JSON of NoticeContent)).
 */
export const NoticeBlob = strict({ blob: Base64UrlUpTo(8192) });
/** What the recipient reads. Names no patient; the list of advice is the authority's. */
export const NoticeContent = strict({
  authority: Name,
  /** Number to call back; also in the message. */
  phone: Type.String({ maxLength: 24 }),
  /** The check code of the message, repeated so that the reader can compare. */
  checkCode: Type.String({ maxLength: 12 }),
  issuedMs: EpochMs,
  zone: Type.String(),
  rides: Type.Array(
    strict({
      fromMs: EpochMs,
      toMs: EpochMs,
      line: Type.Union([Name, Type.Null()]),
      plate: Type.Union([Type.String(), Type.Null()]),
      label: Name,
    }),
    { maxItems: 20 },
  ),
  advice: Type.Array(Type.Object({ zh: Type.String({ maxLength: 400 }), en: Type.String({ maxLength: 400 }) }), {
    maxItems: 12,
  }),
});
export type NoticeContent = Static<typeof NoticeContent>;
export const NoticeReceipt = strict({
  outcome: Type.Union([Type.Literal('seen'), Type.Literal('acknowledged'), Type.Literal('disputed')]),
});
/** GET /lists/:kind/:date → binary of 8-byte values, sorted; kind expo1 | notice1. GET /lists → the dates there are. */
export const ListsReply = strict({
  lists: Type.Array(
    strict({
      kind: Type.Union([Type.Literal('expo1'), Type.Literal('notice1')]),
      date: DayText,
      count: Type.Integer(),
    }),
  ),
});
/** GET /consent → the notice people agree to, with its hash (which stands in the log). */
export const ConsentReply = strict({
  version: Type.Integer(),
  sha256: Base64Url(32),
  zh: Type.String(),
  en: Type.String(),
});
export type ConsentReply = Static<typeof ConsentReply>;
/**
 * The public transparency log. GET /log/checkpoint (text) · GET /log/entries?from=&limit= (JSON) · GET /log/entries.txt?from=&limit=
 * (one entry per line). An entry is one line of text; its leaf in the tree is its UTF-8 bytes.
 */
export const LogEntries = strict({ from: Type.Integer(), entries: Type.Array(Type.String(), { maxItems: 1000 }) });
