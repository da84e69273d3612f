// The face of message templates and their linter: portable, no I/O.
export type { Channel, Route, Wording } from './message.ts';
export { fill, gapsOf, piecesOf } from './template.ts';
export type { GapKind, Piece, Purpose, Template } from './template.ts';
export { TEMPLATES, TEMPLATES_BY_KEY } from './templates.ts';
export { partsOf } from './parts.ts';
export type { Finding, Rule, Severity } from './findings.ts';
export { lint, lintQuietHours, lintText, MAX_TEXT_CHARS } from './lint.ts';
export { lintProviderTemplate, lintWechatFields, PROVIDER_RULES } from './provider-rules.ts';
export type { TemplateProvider } from './provider-rules.ts';
