// The operator's lists: fleet, vehicle runs, codes; and a whole city read from them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codesCsv, fleetCsv, readCity, readCodes, readFleet, readVehicleRuns, vehicleRunsCsv } from './index.ts';

const where = (errors: readonly { line: number; column: string; reason: string }[]): readonly string[] =>
  errors.map(({ line, column, reason }) => `${line}:${column}:${reason}`);

describe('fleet list', () => {
  it('reads back what it wrote', async () => {
    const { rows, errors } = await readFleet(
      Buffer.from(
        'unit_id,kind,vehicle_id,carriage_no,plate,label_zh,label_en,line_id,stop_id,capacity\n' +
          'b1,bus,,,粤B·12345D,1路车,"Line 1, bus",L1,,80\nt1c2,carriage,t1,2,,二号车厢,Carriage 2,M1,,250\ns,station,,,,站,,,stop,900\n',
      ),
    );
    assert.deepEqual(errors, []);
    assert.deepEqual(rows[0], {
      unitId: 'b1',
      kind: 'bus',
      plate: '粤B12345D',
      label: { zh: '1路车', en: 'Line 1, bus' },
      vehicleId: 'b1',
      usualLineId: 'L1',
      capacity: 80,
    });
    assert.deepEqual((await readFleet(Buffer.from(fleetCsv(rows)))).rows, rows);
  });

  it('fills in what a short list leaves out', async () => {
    const { rows, errors } = await readFleet(
      Buffer.from('unit_id,kind,plate\n1,Bus,01620D\n2,taxi,粤BD12345\n3,ferry,\n'),
      { platePrefix: '粤B' },
    );
    assert.deepEqual(errors, []);
    assert.deepEqual(
      rows.map(({ plate, capacity, label }) => [plate, capacity, label.zh]),
      [
        ['粤B01620D', 80, '粤B·01620D'],
        ['粤BD12345', 4, '粤B·D12345'],
        [undefined, 300, '3'],
      ],
    );
  });

  it('knows how the air is kept, in the words of either language', async () => {
    const text =
      '编号,类型,车内空气,人均新风量\n1,公交,全封闭空调,3.2\n2,公交,开窗通风,\n3,公交,,\n4,公交,香,\n5,公交,sealed,-1\n';
    const { rows, errors } = await readFleet(Buffer.from(text));
    assert.deepEqual(
      rows.map(({ air, litresPerSecond }) => [air, litresPerSecond]),
      [
        ['sealed', 3.2],
        ['ventilated', undefined],
        [undefined, undefined],
      ],
    );
    assert.deepEqual(where(errors), ['5:车内空气:unknown-value', '6:人均新风量:bad-number']);
  });

  it('names every bad row and keeps the good ones', async () => {
    const text =
      'unit_id,kind,plate,line_id,capacity\n1,bus,粤B12345D,L,80\n2,bus,粤B12345D,L,80\n1,bus,,L,80\n3,tram,,L,80\n4,bus,XX,L,80\n5,bus,,Z,80\n6,bus,,L,0\n,bus,,,\n7,bus,,,\n';
    const { rows, errors, errorCount } = await readFleet(Buffer.from(text), { lineIds: new Set(['L']) });
    assert.deepEqual(
      rows.map(({ unitId }) => unitId),
      ['1', '7'],
    );
    assert.equal(errorCount, 7);
    assert.deepEqual(where(errors), [
      '3:plate:duplicate',
      '4:unit_id:duplicate',
      '5:kind:unknown-value',
      '6:plate:bad-plate',
      '7:line_id:unknown-reference',
      '8:capacity:bad-number',
      '9:unit_id:missing-value',
    ]);
  });
});

describe('vehicle runs and codes', () => {
  it('read back what they wrote', async () => {
    const runs = [
      { blockId: 'b', vehicleId: 'v' },
      { blockId: 'b', vehicleId: 'w', day: 20_777 },
      { tripId: 't', vehicleId: 'v', day: 20_777 },
    ];
    assert.deepEqual((await readVehicleRuns(Buffer.from(vehicleRunsCsv(runs)))).rows, runs);
    const codes = [
      { code8: 'AAAAAAAAAAA', shortCode: '2345678', unitId: 'u', purpose: 'passenger' as const },
      { code8: '__________8', shortCode: 'ABCDEFG', unitId: 'u', purpose: 'crew' as const },
    ];
    assert.deepEqual((await readCodes(Buffer.from(codesCsv(codes)), new Set(['u']))).rows, codes);
  });

  it('refuse two vehicles for one block, codes that are no 64 bits, and repeated codes', async () => {
    const runs = await readVehicleRuns(Buffer.from('block_id,vehicle_id,date\nb,v,\nb,w,\n,v,\nb,w,20261131\n'));
    assert.deepEqual(where(runs.errors), ['3:block_id:duplicate', '4:block_id:missing-value', '5:date:bad-date']);
    const codes = await readCodes(
      Buffer.from(
        'code,short_code,unit_id,purpose\nAAAAAAAAAAA,2345678,u,passenger\nAAAAAAAAAAB,2345679,u,crew\nAAAAAAAAAAA,2345672,u,crew\nAAAAAAAAAAE,2345678,u,guest\nAAAAAAAAAAI,234567,x,crew\n',
      ),
      new Set(['u']),
    );
    assert.equal(codes.rows.length, 1);
    assert.deepEqual(where(codes.errors), [
      '3:code:bad-code',
      '4:code:duplicate',
      '5:purpose:unknown-value',
      '5:short_code:duplicate',
      '6:short_code:bad-code',
      '6:unit_id:unknown-reference',
    ]);
  });
});

describe('a city on disk', () => {
  it('is refused by name when a file is absent', async () => {
    const read = await readCity({ gtfs: '/nowhere/gtfs.zip', fleet: '/nowhere/fleet.csv' });
    assert.deepEqual(read, { ok: false, code: 'no-such-file', detail: '/nowhere/gtfs.zip' });
  });
});
