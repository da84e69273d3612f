// Every form in which a person could hide in stored bytes: written out, packed, encoded, hashed, or keyed with what the
// holder of the store has.
import { createHash, createHmac } from 'node:crypto';
import { parseSubject, rideTagInput, unwrap } from '@tongche/protocol';
import type { Person } from './people.ts';
import type { Needle } from './search.ts';

export interface NamedKey {
  readonly name: string;
  readonly key: Uint8Array;
}

type Forms = readonly (readonly [form: string, bytes: Buffer])[];

/** What is cut from digests and codes made of them is at least this long. */
const prefixBytes = 8;
const leastPacked = 6;
/** So many slots has a rider; an operator who guessed the formula would try them all. */
const slots = 256;

function utf16(text: string, bigEndian: boolean): Buffer {
  const little = Buffer.from(text, 'utf16le');
  return bigEndian ? little.swap16() : little;
}

/** Eight bytes and, where enough is left, only those that tell something: numbers are stored in fewer bytes too. */
function integers(name: string, value: bigint): Forms {
  const big = Buffer.alloc(8);
  big.writeBigUInt64BE(value);
  const significant = big.subarray(big.findIndex((byte) => byte !== 0));
  const kept = significant.length >= leastPacked ? significant : big;
  const double = Buffer.alloc(8);
  double.writeDoubleBE(Number(value));
  return [
    [`${name} as a big-endian integer`, Buffer.from(kept)],
    [`${name} as a little-endian integer`, Buffer.from(kept).reverse()],
    [`${name} as a big-endian double`, double],
    [`${name} as a little-endian double`, Buffer.from(double).reverse()],
  ];
}

/** PostgreSQL's numeric: groups of four decimal digits in 16 bits each, on disk little-endian, in COPY big-endian. */
function numeric(name: string, digits: string): Forms {
  const groups = digits.padStart(Math.ceil(digits.length / 4) * 4, '0').match(/\d{4}/g) ?? [];
  const big = Buffer.alloc(groups.length * 2);
  for (const [index, group] of groups.entries()) big.writeUInt16BE(Number(group), index * 2);
  return [
    [`${name} as numeric on the wire`, big],
    [`${name} as numeric on disk`, Buffer.from(big).swap16()],
  ];
}

function packedDecimal(digits: string): Forms {
  const even = (text: string, filler: string) => (text.length % 2 === 0 ? text : text + filler);
  const swapped = even(digits, 'f').replaceAll(/(.)(.)/g, '$2$1');
  return [
    ['packed decimal', Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')],
    ['packed decimal, filled', Buffer.from(even(digits, 'f'), 'hex')],
    ['semi-octets', Buffer.from(swapped, 'hex')],
  ];
}

function phoneForms(digits: string): Forms {
  const national = digits.slice(2);
  const grouped = [national.slice(0, 3), national.slice(3, 7), national.slice(7)];
  const texts = [
    ['national', national],
    ['grouped with spaces', grouped.join(' ')],
    ['grouped with dashes', grouped.join('-')],
    ['reversed', Array.from(national).reverse().join('')],
    ['full-width', Array.from(national, (digit) => String.fromCharCode(0xff10 + Number(digit))).join('')],
    ['base 36', BigInt(digits).toString(36)],
    ['base 36, national', BigInt(national).toString(36)],
    ['hexadecimal', BigInt(digits).toString(16)],
    ['hexadecimal, national', BigInt(national).toString(16)],
  ] as const;
  return [
    ...texts.map(([form, text]) => [form, Buffer.from(text, 'utf8')] as const),
    ['national in UTF-16 LE', utf16(national, false)],
    ['national in UTF-16 BE', utf16(national, true)],
    ...integers('E.164', BigInt(digits)),
    ...integers('national', BigInt(national)),
    ...numeric('E.164', digits),
    ...numeric('national', national),
    ...packedDecimal(digits),
    ...packedDecimal(national).map(([form, bytes]) => [`national ${form}`, bytes] as const),
  ];
}

function textForms(name: string, text: string): Forms {
  const escaped = Array.from({ length: text.length }, (_, at) => {
    const unit = text.charCodeAt(at);
    return unit < 128 ? String.fromCharCode(unit) : `\\u${unit.toString(16).padStart(4, '0')}`;
  }).join('');
  return [
    [name, Buffer.from(text, 'utf8')],
    [`${name} in UTF-16 LE`, utf16(text, false)],
    [`${name} in UTF-16 BE`, utf16(text, true)],
    ...(escaped === text ? [] : [[`${name} escaped`, Buffer.from(escaped)] as const]),
    ...(encodeURIComponent(text) === text
      ? []
      : [[`${name} in a URL`, Buffer.from(encodeURIComponent(text))] as const]),
  ];
}

/** Base64 of the bytes wherever they stand in a longer text: the characters that depend on nothing else, at each offset. */
function base64Forms(form: string, bytes: Buffer): Forms {
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const text = padded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    const url = text.replaceAll('+', '-').replaceAll('/', '_');
    return [text, ...(url === text ? [] : [url])]
      .filter((one) => one.length >= leastPacked + 2)
      .map((one) => [`${form} in base64 at offset ${offset}`, Buffer.from(one)] as const);
  });
}

/** The bytes themselves, in hexadecimal of both cases, and in base64. */
function encoded([form, bytes]: readonly [string, Buffer]): Forms {
  return [
    [form, bytes],
    [`${form} in hexadecimal`, Buffer.from(bytes.toString('hex'))],
    [`${form} in upper hexadecimal`, Buffer.from(bytes.toString('hex').toUpperCase())],
    ...base64Forms(form, bytes),
  ];
}

/** What somebody would hash. */
function hashInputs(person: Person): Forms {
  const national = person.digits.slice(2);
  const idNumber = unwrap(parseSubject('cn-id', person.idNumber));
  const passport = unwrap(parseSubject('passport', person.passport));
  const u64 = (value: bigint, little = false): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    return little ? bytes.reverse() : bytes;
  };
  return [
    ['national', Buffer.from(national)],
    ['E.164', Buffer.from(person.digits)],
    ['E.164 with plus', Buffer.from(`+${person.digits}`)],
    ['E.164 with 00', Buffer.from(`00${person.digits}`)],
    ['tel: URI', Buffer.from(`tel:+${person.digits}`)],
    ['u64', u64(BigInt(person.digits))],
    ['u64 LE', u64(BigInt(person.digits), true)],
    ['national u64', u64(BigInt(national))],
    ['national u64 LE', u64(BigInt(national), true)],
    ['name', Buffer.from(person.name)],
    ['ID number', Buffer.from(person.idNumber)],
    ['packed ID number', u64(idNumber)],
    ['passport', Buffer.from(person.passport)],
    ['packed passport', u64(passport)],
    ['address', Buffer.from(person.address)],
  ];
}

function plainForms(person: Person): Forms {
  const idNumber = unwrap(parseSubject('cn-id', person.idNumber));
  const passport = unwrap(parseSubject('passport', person.passport));
  return [
    ...phoneForms(person.digits),
    ...textForms('name', person.name),
    ...textForms('ID number', person.idNumber),
    ...textForms('ID number without check character', person.idNumber.slice(0, 17)),
    ...integers('ID number', idNumber),
    ...textForms('packed ID number in decimal', idNumber.toString()),
    ...textForms('passport', person.passport),
    ...textForms('passport in lower case', person.passport.toLowerCase()),
    ...integers('passport', passport),
    ...textForms('address', person.address),
  ];
}

function digestForms(person: Person): Forms {
  return hashInputs(person).flatMap(([form, input]) =>
    ['md5', 'sha1', 'sha256', 'sha512'].flatMap((algorithm) => {
      const digest = createHash(algorithm).update(input).digest();
      return encoded([`${algorithm} of ${form}`, digest.subarray(0, prefixBytes)]);
    }),
  );
}

function keyedForms(person: Person, keys: readonly NamedKey[]): Forms {
  const tagInputs = Array.from({ length: slots }, (_, slot) =>
    Buffer.from(rideTagInput({ iss: 1, phone: BigInt(person.digits), slot })),
  );
  return keys.flatMap(({ name, key }) => [
    ...hashInputs(person).flatMap(([form, input]) =>
      encoded([
        `HMAC under ${name} of ${form}`,
        createHmac('sha256', key).update(input).digest().subarray(0, prefixBytes),
      ]),
    ),
    ...tagInputs.map((input, slot): readonly [string, Buffer] => [
      `tag under ${name}, slot ${slot}`,
      createHmac('sha256', key).update(input).digest().subarray(0, prefixBytes),
    ]),
  ]);
}

/** All of it for one person. `keys` are those the holder of the searched state has. */
export function needlesOf(owner: string, person: Person, keys: readonly NamedKey[]): readonly Needle[] {
  const forms = [
    ...plainForms(person).flatMap((form) => encoded(form)),
    ...digestForms(person),
    ...keyedForms(person, keys),
  ];
  const seen = new Set<string>();
  return forms.flatMap(([form, bytes]) => {
    const text = bytes.toString('latin1');
    if (seen.has(text)) return [];
    seen.add(text);
    return [{ owner, form, bytes }];
  });
}
