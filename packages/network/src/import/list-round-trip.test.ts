// What is exported can be imported again, in CSV and XLSX, whatever stands in the cells; and nothing in it is a formula.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import type { CityCode, Name, Unit, UnitKind } from '../model.ts';
import {
  ALIASES_HEADER,
  aliasesCsv,
  aliasesRows,
  CODES_HEADER,
  codesCsv,
  codesRows,
  FLEET_HEADER,
  fleetCsv,
  fleetRows,
  listCsv,
  readAliases,
  readCodes,
  readFleet,
  readRiderCounts,
  readRoster,
  readVehicleRuns,
  RIDER_COUNTS_HEADER,
  riderCountsCsv,
  riderCountsRows,
  ROSTER_HEADER,
  rosterCsv,
  rosterRows,
  tableXlsx,
  VEHICLE_RUNS_HEADER,
  vehicleRunsCsv,
  vehicleRunsRows,
} from './index.ts';
import type { AliasRow, Assignment, ListRead, ListRow, RiderCount, RosterEntry } from './index.ts';
import { guard, unguard } from './guard.ts';

const seed = 20_261_120;
const options = { seed, numRuns: 40 };

const STARTS = ['', '=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠', "'", "''", "'=", ' =', '\n-', '0', '+86'];
const PIECES = [
  '深圳湾',
  '"',
  ',',
  ';',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '🚌',
  "'",
  '1+1',
  'a',
  '_x0041_',
  '\u0007',
  '\uFFFD',
  '①',
];
/** Prose: anything that is not blank. */
const prose = fc
  .tuple(fc.constantFrom(...STARTS), fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 }))
  .map(([start, pieces]) => start + pieces.join(''))
  .filter((text) => text.trim() !== '');
/** Identifiers: no outer spaces, in normal form; formula signs and all. */
const id = fc
  .tuple(fc.constantFrom('', '=', '+', '-', '@', "'", "'="), fc.stringMatching(/^[A-Za-z0-9路_，"-]{1,8}$/))
  .map(([start, rest]) => (start + rest).normalize('NFKC'));
const name: fc.Arbitrary<Name> = fc.record({ zh: prose, en: prose });

const kinds: readonly UnitKind[] = ['bus', 'carriage', 'station', 'taxi', 'coach', 'ferry'];
const unit: fc.Arbitrary<Unit> = fc.record(
  {
    unitId: id,
    kind: fc.constantFrom(...kinds),
    label: name,
    vehicleId: id,
    capacity: fc.integer({ min: 1, max: 500 }),
    plate: fc.integer({ min: 0, max: 99_999 }).map((number) => `粤B${String(number).padStart(5, '0')}D`),
    carriageNo: fc.integer({ min: 1, max: 40 }),
    usualLineId: id,
    stopId: id,
    air: fc.constantFrom('sealed', 'ventilated'),
    litresPerSecond: fc.integer({ min: 1, max: 1_000 }).map((n) => n / 10),
  },
  { requiredKeys: ['unitId', 'kind', 'label', 'vehicleId', 'capacity'] },
);
const fleet = fc
  .uniqueArray(unit, { selector: ({ unitId }) => unitId, maxLength: 8 })
  .filter(
    (units) =>
      new Set(units.flatMap(({ plate }) => plate ?? [])).size ===
      units.filter(({ plate }) => plate !== undefined).length,
  );

const code8 = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
const code: fc.Arbitrary<CityCode> = fc.record({
  code8: fc.oneof(
    code8,
    code8.map((text) => `-${text.slice(1)}`),
  ),
  shortCode: fc.stringMatching(/^[2-9A-HJ-NP-Z]{7}$/),
  unitId: id,
  purpose: fc.constantFrom('passenger', 'crew'),
});
const codes = fc
  .uniqueArray(code, { selector: ({ code8: text }) => text, maxLength: 8 })
  .filter((list) => new Set(list.map(({ shortCode }) => shortCode)).size === list.length);
const alias: fc.Arbitrary<AliasRow> = fc.oneof(
  fc.record({ content: prose, code: code8 }),
  fc.record({ content: prose, unitId: id }),
);
const entry: fc.Arbitrary<RosterEntry> = fc.record(
  { account: id, name, role: fc.constantFrom('driver', 'station', 'admin'), depot: prose },
  { requiredKeys: ['account', 'name', 'role'] },
);
const day = fc.integer({ min: 0, max: 60_000 });
const assignment: fc.Arbitrary<Assignment> = fc.oneof(
  fc.record({ vehicleId: id, blockId: id, day }, { requiredKeys: ['vehicleId', 'blockId'] }),
  fc.record({ vehicleId: id, tripId: id, day }, { requiredKeys: ['vehicleId', 'tripId'] }),
);
const count: fc.Arbitrary<RiderCount> = fc.record({
  day,
  lineId: id,
  hour: fc.integer({ min: 0, max: 23 }),
  riders: fc.nat(1_000_000),
});

type List<T> = {
  readonly rows: fc.Arbitrary<readonly T[]>;
  readonly header: readonly string[];
  csv(rows: readonly T[]): string;
  cells(rows: readonly T[]): readonly ListRow[];
  read(bytes: Uint8Array): Promise<ListRead<T>>;
};

function roundTrips<T>(title: string, list: List<T>): void {
  it(title, async () => {
    await fc.assert(
      fc.asyncProperty(list.rows, async (rows) => {
        const plain = list.csv(rows);
        const sources = [
          Buffer.from(plain),
          Buffer.from(listCsv(list.header, list.cells(rows), { bom: true })),
          await tableXlsx(list.header, list.cells(rows)),
        ];
        for (const source of sources) {
          const { errors, rows: back } = await list.read(source);
          assert.deepEqual(errors, []);
          assert.deepEqual(back, structuredClone(rows));
        }
        for (const cell of (parse(plain) as readonly (readonly string[])[]).flat())
          assert.ok(!/^\s*[=+\-@\t\r＝＋－＠]/.test(cell) || /^[+-]?\d+$/.test(cell), JSON.stringify(cell));
      }),
      options,
    );
  });
}

describe('lists read back as they were written', () => {
  const unique = <T>(rows: fc.Arbitrary<T>, selector: (row: T) => string): fc.Arbitrary<readonly T[]> =>
    fc.uniqueArray(rows, { selector, maxLength: 8 });
  roundTrips('fleet', {
    rows: fleet,
    header: FLEET_HEADER,
    csv: fleetCsv,
    cells: fleetRows,
    read: (bytes) => readFleet(bytes),
  });
  roundTrips('codes', {
    rows: codes,
    header: CODES_HEADER,
    csv: codesCsv,
    cells: codesRows,
    read: (bytes) => readCodes(bytes),
  });
  roundTrips('aliases', {
    rows: unique(alias, ({ content }) => content),
    header: ALIASES_HEADER,
    csv: aliasesCsv,
    cells: aliasesRows,
    read: (bytes) => readAliases(bytes),
  });
  roundTrips('roster', {
    rows: unique(entry, ({ account }) => account),
    header: ROSTER_HEADER,
    csv: rosterCsv,
    cells: rosterRows,
    read: readRoster,
  });
  roundTrips('vehicle runs', {
    rows: unique(assignment, ({ day: on, tripId, blockId }) =>
      JSON.stringify([on, tripId, tripId === undefined ? blockId : '']),
    ),
    header: VEHICLE_RUNS_HEADER,
    csv: vehicleRunsCsv,
    cells: vehicleRunsRows,
    read: readVehicleRuns,
  });
  roundTrips('rider counts', {
    rows: unique(count, ({ day: on, lineId, hour }) => `${on} ${hour} ${lineId}`),
    header: RIDER_COUNTS_HEADER,
    csv: riderCountsCsv,
    cells: riderCountsRows,
    read: (bytes) => readRiderCounts(bytes),
  });
});

describe('formula guard', () => {
  it('comes off exactly as it went on', () => {
    const text = fc.oneof(prose, fc.string({ unit: 'binary', maxLength: 12 }));
    fc.assert(
      fc.property(text, (value) => {
        assert.equal(unguard(guard(value)), value);
        assert.ok(guard(value).endsWith(value));
        assert.ok(!/^[=+\-@＝＋－＠\t\r]/.test(guard(value)) || /^[+-]?\d+(\.\d+)?$/.test(value));
      }),
      { seed, numRuns: 500 },
    );
  });

  it('leaves what others wrote as it is, and leaves numbers to be numbers', () => {
    for (const text of ['=1+1', '-AAAA', "it's", "'quoted'", '-73.97', '+8613800138000', '粤B12345'])
      assert.equal(unguard(text), text);
    assert.equal(guard('-73.97'), '-73.97');
    assert.equal(guard('=1+1'), "'=1+1");
    assert.equal(guard("'=1+1"), "''=1+1");
  });
});
