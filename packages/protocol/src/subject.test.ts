// What people type: phones, identity numbers, passports, folded and checked; and the masks of all of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { checkCharacterOf, formatCnId, parseCnId } from './cn-id.ts';
import { maskDocument, maskName, maskPhone, maskSubject } from './mask.ts';
import { formatPhone, parsePhone } from './phone.ts';
import { unwrap } from './result.ts';
import {
  encodeSubject,
  formatSubject,
  parseSubject,
  SUBJECT_KINDS,
  subjectKindByte,
  subjectKindOf,
} from './subject.ts';

const chineseMobile = fc
  .tuple(fc.integer({ min: 13, max: 19 }), fc.integer({ min: 0, max: 999_999_999 }))
  .map(([prefix, rest]) => `${prefix}${String(rest).padStart(9, '0')}`);

test('a Chinese mobile is read in every way people write it', () => {
  fc.assert(
    fc.property(chineseMobile, (n) => {
      const expected = BigInt(`86${n}`);
      const [a, b, c] = [n.slice(0, 3), n.slice(3, 7), n.slice(7)];
      const fullWidth = Array.from(n, (digit) => String.fromCodePoint(0xff10 + Number(digit))).join('');
      const ways = [n, ` ${n} `, `${a} ${b} ${c}`, `${a}-${b}-${c}`, `${a}—${b}—${c}`, `+86${n}`, `+86 ${a} ${b} ${c}`];
      for (const way of [
        ...ways,
        `0086${n}`,
        `86${n}`,
        fullWidth,
        `＋86${fullWidth}`,
        `\u202D+86 ${n}\u202C`,
        `(+86)${n}`,
      ]) {
        assert.equal(unwrap(parsePhone(way)), expected, way);
      }
      assert.equal(formatPhone(expected), `+86${n}`);
    }),
    { seed: 1 },
  );
});

test('what is no Chinese mobile is refused', () => {
  const wrong = ['', ' ', '1', '12345678901', '1380013800', '138001380000', '10086', '110', '+8612345678901', '86138'];
  for (const text of [...wrong, '1380013800a', '13800138000 转 1', '+', '00', '++8613800138000', '٠١٢']) {
    assert.deepEqual(parsePhone(text), { ok: false, code: 'bad-phone' }, text);
  }
});

test('numbers of other places need their country code, and keep its rules', () => {
  assert.equal(unwrap(parsePhone('+852 6123 4567')), 85261234567n);
  assert.equal(unwrap(parsePhone('+853 6612 3456')), 85366123456n);
  assert.equal(unwrap(parsePhone('+886 912 345 678')), 886912345678n);
  assert.equal(unwrap(parsePhone('+44 7700 900123')), 447700900123n);
  assert.equal(unwrap(parsePhone('00 1 (415) 555-0100')), 14155550100n);
  assert.equal(unwrap(parsePhone('6123 4567', '852')), 85261234567n);
  assert.equal(unwrap(parsePhone('0912 345 678', '886')), 886912345678n);
  for (const text of [
    '+852 1123 4567',
    '+852 612345678',
    '+853 2812 3456',
    '+886 212345678',
    '+12345',
    '+1234567890123456',
  ]) {
    assert.equal(parsePhone(text).ok, false, text);
  }
});

test('no text makes a parser throw, and what it accepts is written and read again alike', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SUBJECT_KINDS),
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.string()),
      (kind, text) => {
        const parsed = parseSubject(kind, text);
        if (!parsed.ok) return;
        assert.equal(encodeSubject(kind, parsed.value), parsed.value);
        assert.equal(unwrap(parseSubject(kind, formatSubject(kind, parsed.value))), parsed.value);
      },
    ),
    { seed: 2, numRuns: 500 },
  );
});

const idBody = fc
  .record({
    region: fc.constantFrom('11', '31', '44', '65', '71', '81', '82', '83'),
    area: fc.integer({ min: 0, max: 9999 }),
    date: fc.date({
      min: new Date('1900-01-01T00:00:00Z'),
      max: new Date('2026-01-01T00:00:00Z'),
      noInvalidDate: true,
    }),
    sequence: fc.integer({ min: 0, max: 999 }),
  })
  .map(({ region, area, date, sequence }) => {
    const day = date.toISOString().slice(0, 10).replaceAll('-', '');
    return region + String(area).padStart(4, '0') + day + String(sequence).padStart(3, '0');
  });

test('an identity number is read with its check character, in lower case and full width too', () => {
  fc.assert(
    fc.property(idBody, (body) => {
      const id = body + checkCharacterOf(body);
      const value = unwrap(parseCnId(id));
      assert.equal(formatCnId(value), id);
      assert.ok(value < 1n << 64n);
      assert.equal(unwrap(parseCnId(` ${id.slice(0, 6)} ${id.slice(6, 14)} ${id.slice(14).toLowerCase()} `)), value);
    }),
    { seed: 3 },
  );
});

test('every wrong digit and every swap of neighbours in an identity number is caught', () => {
  fc.assert(
    fc.property(idBody, fc.nat(16), fc.integer({ min: 1, max: 9 }), (body, at, add) => {
      const id = body + checkCharacterOf(body);
      const digit = (Number(id.charAt(at)) + add) % 10;
      assert.equal(parseCnId(id.slice(0, at) + String(digit) + id.slice(at + 1)).ok, false);
      const swapped = id.slice(0, at) + id.charAt(at + 1) + id.charAt(at) + id.slice(at + 2);
      if (swapped !== id) assert.equal(parseCnId(swapped).ok, false);
    }),
    { seed: 4 },
  );
});

test('the published example of GB 11643 is read; dates and regions that do not exist are refused', () => {
  assert.equal(formatCnId(unwrap(parseCnId('11010519491231002x'))), '11010519491231002X');
  const withCheck = (body: string) => body + checkCharacterOf(body);
  const detail = (body: string) => {
    const parsed = parseCnId(withCheck(body));
    return parsed.ok ? 'accepted' : parsed.detail;
  };
  assert.equal(detail('11010520000229123'), 'accepted', 'a leap day');
  assert.equal(detail('91110519800101123'), 'accepted', 'a permanent residence card');
  assert.equal(detail('11010519990230123'), 'date', '30 February');
  assert.equal(detail('11010519000229123'), 'date', '1900 was no leap year');
  assert.equal(detail('11010519991301123'), 'date');
  assert.equal(detail('11010517991201123'), 'date');
  assert.equal(detail('10010519991201123'), 'region');
  assert.equal(detail('99010519991201123'), 'region');
  for (const text of ['', '110105194912310', '1101051949123100', '11010519491231002Y', 'X1010519491231002X']) {
    assert.equal(parseCnId(text).ok, false);
  }
});

test('passports keep their leading zeros and fit 64 bits', () => {
  for (const text of ['E12345678', '012345678', 'ZZZZZZZZZZZZ', '00000', 'h0812345601']) {
    const value = unwrap(parseSubject('passport', text));
    assert.ok(value < 1n << 64n);
    assert.equal(formatSubject('passport', value), text.toUpperCase());
  }
  for (const text of ['', 'E123', 'E123456789012', 'Ä12345', 'E1234_5678']) {
    assert.equal(parseSubject('passport', text).ok, false, text);
  }
});

test('kinds have bytes 1 to 5', () => {
  assert.deepEqual(SUBJECT_KINDS.map(subjectKindByte), [1, 2, 3, 4, 5]);
  for (const kind of SUBJECT_KINDS) assert.equal(subjectKindOf(subjectKindByte(kind)), kind);
  for (const byte of [0, 6, 255]) assert.equal(subjectKindOf(byte), undefined);
});

test('a number no parser could have made is a fault', () => {
  for (const value of [-1n, 0n, 123n, 1n << 64n]) assert.throws(() => encodeSubject('phone', value), RangeError);
  assert.throws(() => encodeSubject('cn-id', 5n), RangeError);
  assert.throws(() => encodeSubject('passport', 5n), RangeError);
  assert.equal(encodeSubject('slip', 5n), 5n);
});

test('masked phones show at most the operator prefix and four digits', () => {
  assert.equal(maskPhone(8613800001234n), '138****1234');
  assert.equal(maskPhone('+447700900810'), '+44 ****0810');
  assert.equal(maskPhone(85261234567n), '+852 ****4567');
  assert.equal(maskPhone(14155550100n), '+1 ****0100');
  assert.equal(maskPhone(0n), '****');
});

test('masked names', () => {
  const cases = [
    ['张小三', '张*三'],
    ['李四', '李*'],
    ['李', '*'],
    ['欧阳小美丽', '欧***丽'],
    ['Anna Smith', 'Anna S.'],
    ['  Anna  Maria Smith ', 'Anna S.'],
    ['Anna', 'A***'],
    ['𠮷田', '𠮷*'],
    ['', ''],
    ['  ', ''],
  ] as const;
  for (const [name, masked] of cases) assert.equal(maskName(name), masked, name);
});

test('masked documents keep their birth date and middle to themselves', () => {
  const id = unwrap(parseCnId('11010519491231002X'));
  assert.equal(maskDocument('cn-id', id), '110***********002X');
  assert.equal(maskSubject('passport', unwrap(parseSubject('passport', 'E12345678'))), 'E1***78');
  assert.equal(maskSubject('card', 12345678n), '***5678');
  assert.equal(maskSubject('slip', 1234n), '***');
  assert.equal(maskSubject('phone', 8613800001234n), '138****1234');
});
