// The kind of a chosen file is guessed from its bytes first and its name second.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guessKind } from './guess-kind.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('a zip is a network, unless it is a spreadsheet', () => {
  const zip = new Uint8Array([0x50, 0x4b, 0x03, 0x04, 0, 0]);
  assert.equal(guessKind('shenzhen.zip', zip), 'gtfs');
  assert.equal(guessKind('车辆.xlsx', zip), 'fleet');
  assert.equal(guessKind('roster.xlsx', zip), 'roster');
});

test('headers tell more than names', () => {
  assert.equal(guessKind('export.csv', bytes('day,line_id,hour,riders\n')), 'rider-counts');
  assert.equal(guessKind('a.csv', bytes('\ufeffunit_id;kind;plate\n')), 'fleet');
  assert.equal(guessKind('a.csv', bytes('code,short_code,unit_id\n')), 'codes');
  assert.equal(guessKind('a.csv', bytes('content,code\n')), 'aliases');
  // 车牌 in GB18030.
  assert.equal(guessKind('a.csv', new Uint8Array([0xb3, 0xb5, 0xc5, 0xc6, 0x0a])), 'fleet');
  assert.equal(guessKind('vehicle.pb', new Uint8Array([0x0a, 0x0d, 0x0a, 0x03, 0x00, 0x01])), 'positions');
  assert.equal(guessKind('unknown.csv', bytes('a,b\n')), 'fleet');
});
