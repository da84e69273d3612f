// The portable cryptography, fetched only by pages without WebCrypto (plain HTTP in demonstrations).
export { nobleSuite } from '@tongche/protocol/noble';
