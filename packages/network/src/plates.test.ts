// Plates as people, files and stickers write them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { formatPlate, parsePlate, PROVINCES } from './index.ts';

const seed = 20_261_120;

describe('plates', () => {
  it('reads every way of writing one plate', () => {
    const ways = [
      '粤B12345D',
      '粤B·12345D',
      '粤B 12345D',
      '粤b12345d',
      '粤Ｂ１２３４５Ｄ',
      ' 粤B-12345-D ',
      '粤B.12345D',
      '粤B•12345D',
    ];
    for (const text of ways) {
      const parsed = parsePlate(text);
      assert.ok(parsed.ok, text);
      assert.equal(parsed.value.text, '粤B12345D');
      assert.equal(parsed.value.kind, 'new-energy-large');
    }
    assert.equal(formatPlate('粤B12345D'), '粤B·12345D');
  });

  it('puts the office of the fleet before bare serials only', () => {
    const text = (plate: string): string | undefined => {
      const parsed = parsePlate(plate, '粤B');
      return parsed.ok ? parsed.value.text : undefined;
    };
    assert.equal(text('01620D'), '粤B01620D');
    assert.equal(text('粤B49990D'), '粤B49990D');
    assert.equal(text('京A12345'), '京A12345');
    assert.equal(parsePlate('01620D').ok, false);
  });

  it('tells the kinds apart', () => {
    const kind = (plate: string): string | undefined => {
      const parsed = parsePlate(plate);
      return parsed.ok ? parsed.value.kind : undefined;
    };
    const plates = [
      '渝AT3456',
      '粤BD12345',
      '粤BDF1234',
      '沪A12345F',
      '粤B1234学',
      '粤Z1234港',
      '津C123挂',
      '粤B123456',
      '使123456',
    ];
    assert.deepEqual(plates.map(kind), [
      'ordinary',
      'new-energy-small',
      'new-energy-small',
      'new-energy-large',
      'special',
      'special',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('takes I and O of a serial for the digits they look like, and no others', () => {
    const parsed = parsePlate('粤BI2O45D');
    assert.ok(parsed.ok);
    assert.equal(parsed.value.text, '粤B12045D');
    assert.equal(parsePlate('粤I12345').ok, false);
  });

  it('knows 31 provinces', () => {
    assert.equal(new Set(PROVINCES).size, 31);
    for (const province of PROVINCES) assert.ok(parsePlate(`${province}A12345`).ok, province);
  });

  it('reads its own printed form, and never fails on other text', () => {
    const serial = fc.stringMatching(/^([0-9A-HJ-NP-Z]{5}|[0-9]{5}[A-HJK]|[A-HJK][0-9A-HJ-NP-Z][0-9]{4})$/);
    fc.assert(
      fc.property(
        fc.constantFrom(...Array.from(PROVINCES)),
        fc.stringMatching(/^[A-HJ-Z]$/),
        serial,
        (province, office, rest) => {
          const text = province + office + rest;
          const parsed = parsePlate(formatPlate(text));
          assert.ok(parsed.ok);
          assert.deepEqual([parsed.value.text, parsed.value.province, parsed.value.serial], [text, province, rest]);
        },
      ),
      { seed },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const parsed = parsePlate(text);
        if (parsed.ok) assert.equal(parsePlate(parsed.value.text).ok, true);
      }),
      { seed },
    );
  });
});
