// Exports are hostile input to the spreadsheet that opens them, and Chinese must survive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredRide } from '../ride/model.ts';
import { ridesCsv, ridesJson } from './export.ts';

const ride: StoredRide = {
  id: 'a',
  code: 'AAAAAAAAAAA',
  boardedMs: Date.UTC(2026, 10, 20, 0, 12),
  offsetMs: 0,
  party: 2,
  status: 'registered',
  notes: 0,
  receipt: {
    nowMs: 0,
    boardedMs: 0,
    unit: { kind: 'bus', plate: '粤B12345D', label: { zh: '粤B12345D', en: '粤B12345D' }, shortCode: '2345678' },
    line: { id: '1', name: { zh: '=M133路', en: 'M133' }, headsign: null },
    run: null,
    basis: 'usual',
    no: 1,
    check: { text: 'K7', colour: 'blue' },
    flags: [],
  },
};

test('a ride as a line and as JSON, without keys', () => {
  const csv = ridesCsv([ride], 'Asia/Shanghai', 'zh-CN', '日期,时间');
  assert.ok(csv.startsWith('\ufeff"日期","时间"\r\n'));
  assert.ok(csv.includes(`"2026-11-20","08:12","粤B·12345D","'=M133路","","K7","2","registered"`));
  const json = JSON.parse(ridesJson([ride], 'Asia/Shanghai')) as { rides: { companions: number }[] };
  assert.equal(json.rides[0]?.companions, 2);
});
