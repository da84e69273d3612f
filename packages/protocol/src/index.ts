// The face of the package: formats, rules and the noble suite. Node's suite is './node', the browser's './webcrypto'.
export * from './formats.ts';
export { makeNobleSuite, nobleSha256, nobleSuite } from './noble.ts';
