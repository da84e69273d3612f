// A self-signed certificate for tests of TLS on this machine, made anew each time: a kept one would expire, and a kept
// key would look like a leak. X.509 v3 (RFC 5280) with ECDSA on P-256, written as DER by hand because Node only reads.
import { generateKeyPairSync, sign } from 'node:crypto';

const LIFE_MS = 24 * 3_600_000;
const OID_EC_SHA256 = '06082a8648ce3d040302';
const OID_COMMON_NAME = '0603550403';
const OID_ALT_NAME = '0603551d11';

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

function utcTime(ms: number): Buffer {
  const time = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${time}Z`));
}

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

/** For the host name `localhost`. */
export function testCertificate(nowMs: number): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(0x30, hex(OID_EC_SHA256));
  const host = Buffer.from('localhost');
  const name = der(0x30, der(0x31, der(0x30, hex(OID_COMMON_NAME), der(0x0c, host))));
  const altNames = der(0x30, hex(OID_ALT_NAME), der(0x04, der(0x30, der(0x82, host))));
  const body = der(
    0x30,
    der(0xa0, hex('020102')),
    hex('020101'),
    algorithm,
    name,
    der(0x30, utcTime(nowMs - LIFE_MS), utcTime(nowMs + LIFE_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, altNames)),
  );
  const signature = sign('sha256', body, privateKey);
  const whole = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}
