// Bodies that are wrong in every way JSON can be, made from one that is right.

export interface BadBody {
  /** What is wrong, for the failed test's text. */
  readonly what: string;
  readonly body: string | Uint8Array;
}

type Json = Readonly<Record<string, unknown>>;

/** In place of any field. */
const wrongValues: readonly (readonly [string, string])[] = [
  ['null', 'null'],
  ['true', 'true'],
  ['zero', '0'],
  ['a negative number', '-1'],
  ['a fraction', '0.5'],
  ['a huge number', '1e308'],
  ['a number beyond all numbers', '1e999'],
  ['an integer that doubles cannot hold', '9007199254740993'],
  ['minus zero', '-0'],
  ['an empty text', '""'],
  ['a long text', JSON.stringify('x'.repeat(3_000))],
  ['a NUL', '"\\u0000"'],
  ['NULs in a text', '"13\\u00008001\\u00008000"'],
  ['a lone surrogate', '"\\ud800"'],
  ['a right-to-left override', '"\\u202e13800138000"'],
  ['a quote and a semicolon', `"'; drop table ride; --"`],
  ['a template', '"${process.env}{{7*7}}<script>alert(1)</script>"'],
  ['a path', '"../../../../etc/passwd"'],
  ['a list', '[]'],
  ['a list of lists', '[[[[1]]]]'],
  ['an object', '{}'],
  ['an object with a prototype', '{"__proto__":{"polluted":true}}'],
  ['an object that is a text elsewhere', '{"toString":"x","length":11}'],
];

function objectText(body: Json, change: Readonly<Record<string, string | undefined>>): string {
  const merged: Record<string, string | undefined> = Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, JSON.stringify(value)]),
  );
  const fields = Object.entries({ ...merged, ...change }).filter(([, value]) => value !== undefined);
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

function wrongFields(good: Json): readonly BadBody[] {
  return Object.keys(good).flatMap((field) => [
    { what: `${field} missing`, body: objectText(good, { [field]: undefined }) },
    ...wrongValues.map(([what, value]) => ({ what: `${field}: ${what}`, body: objectText(good, { [field]: value }) })),
  ]);
}

/** Wrong for every route that takes JSON, whatever it expects. */
function wrongWholes(good: Json): readonly BadBody[] {
  const text = JSON.stringify(good);
  return [
    ...wrongValues.map(([what, body]) => ({ what: `the whole is ${what}`, body })),
    { what: 'an unknown field', body: objectText(good, { surprise: '1' }) },
    { what: 'an unknown field of the prototype', body: objectText(good, { __proto__x: '1', constructor: '{}' }) },
    { what: 'a prototype', body: `{"__proto__":{"a":1},${text.slice(1)}` },
    { what: 'a constructor with a prototype', body: `{"constructor":{"prototype":{"a":1}},${text.slice(1)}` },
    { what: 'nothing', body: '' },
    { what: 'blanks', body: ' \n\t ' },
    { what: 'half of it', body: text.slice(0, text.length / 2) },
    { what: 'something behind it', body: `${text}x` },
    { what: 'twice', body: text + text },
    { what: 'a comment', body: `/* */${text}` },
    { what: 'single quotes', body: text.replaceAll('"', "'") },
    { what: 'a byte order mark', body: `\ufeff${text}` },
    { what: 'a NUL behind it', body: `${text}\0` },
    { what: 'NaN', body: '{"a":NaN}' },
    { what: 'deep lists', body: `${'['.repeat(1_500)}${']'.repeat(1_500)}` },
    { what: 'deep objects', body: `${'{"a":'.repeat(600)}1${'}'.repeat(600)}` },
    { what: 'deep lists that never end', body: '['.repeat(3_000) },
    {
      what: 'invalid UTF-8',
      body: Buffer.concat([Buffer.from('{"phone":"'), Buffer.from([0xff, 0xfe, 0xc0, 0x80]), Buffer.from('"}')]),
    },
    {
      what: 'overlong UTF-8 inside',
      body: Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xc0, 0xaf, 0x7d])]),
    },
    { what: 'UTF-16', body: Buffer.from(text, 'utf16le') },
    { what: 'bytes', body: Buffer.from(Array.from({ length: 256 }, (_, index) => index)) },
    { what: 'too much', body: `{"a":"${'x'.repeat(200_000)}"}` },
    { what: 'a form', body: 'phone=13800138000&consentVersion=1' },
  ];
}

export function badBodies(good: Json): readonly BadBody[] {
  return [...wrongFields(good), ...wrongWholes(good)];
}

/** Content types a JSON route does not take. */
export const wrongTypes = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  'application/jsonp',
  'application/json, text/plain',
  'text/html;charset=utf-8',
  'application/',
  '/',
  ';',
  'x'.repeat(500),
  '应用/json',
];
