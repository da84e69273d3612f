// What every format owes: nobody and nothing is lost, nothing is run, numbers stay digit by digit, each system's own words.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { encodeFile } from '../src/encode.ts';
import { EXPORT_FORMATS, EXPORT_PARTS, exportFiles } from '../src/index.ts';
import type { ExportContact, ExportFormat, ExportInput, TextFile } from '../src/index.ts';
import { bus, HOSTILE, input, madeUpId, nobody, plain } from './people.ts';

const seed = 20_261_128;

type Row = Readonly<Record<string, string>>;

/** As a program reads the bytes. */
function decoded(file: TextFile): string {
  return new TextDecoder(file.encoding, { ignoreBOM: true, fatal: true }).decode(encodeFile(file));
}
function cellsOf(file: TextFile, format: ExportFormat): readonly (readonly string[])[] {
  const text = decoded(file);
  const delimiter = format.startsWith('sormas') ? ';' : ',';
  return parse(Buffer.from(text), { bom: true, delimiter, record_delimiter: '\r\n' });
}
function rowsOf(file: TextFile | undefined, format: ExportFormat): readonly Row[] {
  assert.ok(file);
  const [head = [], ...rows] = cellsOf(file, format);
  return rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ''])));
}
function firstRow(format: ExportFormat, contact: Partial<ExportContact>): Row {
  const [file] = exportFiles(format, { ...input, contacts: [{ ...plain, ...contact }] });
  return rowsOf(file, format)[0] ?? {};
}
const tables = EXPORT_FORMATS.filter((format) => format !== 'go-data-json');

const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc
    .tuple(fc.constantFrom('=', '\u200b+', ' -', '@', '\t', '＝', '"='), fc.string({ unit: 'grapheme', maxLength: 8 }))
    .map((two) => two.join('')),
);
const name = fc.record({ zh: hostile, en: hostile });
const contact: fc.Arbitrary<ExportContact> = fc
  .record({
    id: fc.stringMatching(/^[A-Za-z0-9_-]{4,16}$/),
    person: fc.record({
      name: hostile,
      sex: fc.constantFrom(null, 'male' as const, 'female' as const),
      birthDate: fc.constantFrom(null, '1960-02-29'),
      document: fc.constantFrom(
        null,
        { kind: 'cn-id' as const, number: madeUpId('20010101', 7) },
        { kind: 'passport' as const, number: '12E45678' },
        { kind: 'slip' as const, number: '000123' },
      ),
      phone: fc.constantFrom('', '8619900000000', '85290000000'),
      address: hostile,
    }),
    tier: fc.constantFrom('close' as const, 'verify' as const, 'general' as const, 'staff' as const),
    status: fc.constantFrom('listed' as const, 'reached' as const, 'withdrawn' as const, 'released' as const),
    remark: hostile,
    unit: name,
    stop: name,
    line: fc.option(name),
    plate: fc.option(hostile),
  })
  .map(({ unit, stop, line, plate, ...rest }) => ({
    ...plain,
    ...rest,
    exposures: [{ ...bus, unit, line, plate, fromStop: stop, toStop: null }],
  }));

/** A cell is the text with nothing but marks before and after it; what no file can carry as JSON escapes it. */
function holds(cell: string | undefined, text: string): void {
  const shown = text.replaceAll(
    /\0|\p{Cs}/gu,
    (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0'),
  );
  const places = Array.from({ length: (cell?.length ?? 0) + 1 }, (_, at) => at);
  const isHeld = places.some(
    (at) =>
      cell?.startsWith(shown, at) &&
      /^'?\u2068*$/u.test(cell.slice(0, at)) &&
      /^[\u2069\u202c]*$/u.test(cell.slice(at + shown.length)),
  );
  assert.ok(isHeld, `${JSON.stringify(cell)} lost ${JSON.stringify(text)}`);
}

describe('every table', () => {
  it('gives back each text with nothing but the neutralising marks, and no cell that is run', () => {
    const texts = {
      sormas: { 'person.address.additionalInformation': 'address', additionalDetails: 'remark' },
      'go-data': { 'addresses[0].addressLine1': 'address' },
      register: { 姓名: 'name', 现住址: 'address', 备注: 'remark' },
    } as const;
    fc.assert(
      fc.property(
        fc.array(contact, { minLength: 1, maxLength: 4 }),
        hostile,
        fc.constantFrom(...tables),
        (contacts, caseNo, format) => {
          const files = exportFiles(format, { ...input, caseNo, contacts });
          for (const file of files)
            for (const cell of cellsOf(file, format).flat())
              assert.doesNotMatch(cell, /^[\s\p{Cf}"]*[=+\-@\t\r\n＝＋－＠]/u);
          const rows = rowsOf(files[0], format);
          assert.equal(rows.length, contacts.length);
          const columns = Object.entries(texts).find(([start]) => format.startsWith(start))?.[1] ?? {};
          for (const [at, one] of contacts.entries())
            for (const [column, field] of Object.entries(columns))
              holds(rows[at]?.[column], field === 'remark' ? one.remark : one.person[field as 'name' | 'address']);
        },
      ),
      { seed, numRuns: 150 },
    );
  });

  it('has a file name of plain letters, whatever the case is called', () => {
    fc.assert(
      fc.property(hostile, (caseNo) => {
        for (const format of EXPORT_FORMATS)
          for (const file of exportFiles(format, { ...input, caseNo, contacts: [plain] }))
            assert.match(file.name, /^tongche-[A-Za-z0-9][A-Za-z0-9-]*-\d{8}\.(csv|json)$/);
      }),
      { seed, numRuns: 60 },
    );
  });

  it('is there, with its header, of nobody too', () => {
    for (const format of EXPORT_FORMATS) {
      const files = exportFiles(format, { ...input, contacts: [] });
      assert.deepEqual(
        files.map(({ part }) => part),
        EXPORT_PARTS[format],
      );
      for (const file of files)
        assert.equal(file.type === 'text/csv' ? cellsOf(file, format).length : JSON.parse(file.text).length + 1, 1);
    }
  });
});

describe('GB 18030', () => {
  it('holds every character that has a name, and reads back the same', () => {
    let lost = '';
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const privateUse = (code >= 0xe000 && code <= 0xf8ff) || code >= 0xf0000;
      if ((code >= 0xd800 && code <= 0xdfff) || privateUse) continue;
      lost += String.fromCodePoint(code);
    }
    const bytes = encodeFile({ text: lost, encoding: 'gb18030' });
    assert.equal(new TextDecoder('gb18030', { fatal: true, ignoreBOM: true }).decode(bytes), lost);
    assert.throws(() => encodeFile({ text: '\ud83d', encoding: 'gb18030' }), RangeError);
  });

  it('is the register alone, without a byte order mark; UTF-8 has one', () => {
    const [gb] = exportFiles('register-gb18030', input);
    const [utf] = exportFiles('register-utf8', input);
    assert.ok(gb !== undefined && utf !== undefined);
    assert.deepEqual([...encodeFile(gb).subarray(0, 4)], [0xd0, 0xf2, 0xba, 0xc5]);
    assert.deepEqual([...encodeFile(utf).subarray(0, 3)], [0xef, 0xbb, 0xbf]);
    assert.equal(`\uFEFF${decoded(gb)}`, decoded(utf));
  });
});

describe('SORMAS', () => {
  it('maps tiers, statuses and dates to its own words', () => {
    const row = firstRow('sormas', {});
    assert.equal(row['contactCategory'], 'HIGH_RISK');
    assert.equal(row['contactProximity'], 'SAME_ROOM');
    assert.equal(row['contactIdentificationSource'], 'OTHER');
    assert.equal(row['contactIdentificationSourceDetails'], 'ride registration');
    assert.equal(row['disease'], 'CORONAVIRUS');
    assert.equal(row['lastContactDate'], '11/18/2026');
    assert.equal(row['reportDateTime'], '11/20/2026 20:00');
    assert.equal(row['followUpUntil'], '11/28/2026');
    assert.equal(row['multiDayContact'], 'false');
    assert.equal(row['firstContactDate'], '');
    assert.equal(firstRow('sormas', { tier: 'general' })['contactCategory'], 'LOW_RISK');
    assert.equal(firstRow('sormas', { tier: 'verify' })['contactCategory'], '');
    assert.equal(firstRow('sormas', { status: 'converted' })['contactStatus'], 'CONVERTED');
    assert.equal(firstRow('sormas', { followUpUntilDay: null })['followUpStatus'], 'NO_FOLLOW_UP');
    assert.equal(firstRow('sormas-day-first', {})['lastContactDate'], '18/11/2026');
    const long = firstRow('sormas-day-first', { firstMs: plain.firstMs - 86_400_000 });
    assert.deepEqual([long['multiDayContact'], long['firstContactDate']], ['true', '17/11/2026']);
  });

  it('names a disease it does not know as another one, with the name beside it, and none where the case names none', () => {
    const named = (pathogen: string | null): unknown[] => {
      const [file] = exportFiles('sormas', { ...input, pathogen, contacts: [plain] });
      const row = rowsOf(file, 'sormas')[0];
      return [row?.['disease'], row?.['diseaseDetails']];
    };
    assert.deepEqual(named('meningococcal'), ['INVASIVE_MENINGOCOCCAL_INFECTION', '']);
    assert.deepEqual(named('mers'), ['OTHER', 'mers']);
    assert.deepEqual(named(null), ['', '']);
  });

  it('gives both names it demands without inventing any', () => {
    const names = (whole: string): unknown[] => {
      const row = firstRow('sormas', { person: { ...nobody, name: whole } });
      return [row['person.firstName'], row['person.lastName']];
    };
    assert.deepEqual(names(''), ['N.N.', 'c1']);
    assert.deepEqual(names('张三丰'), ['N.N.', '张三丰']);
    assert.deepEqual(names('Anna Maria Sample'), ['Anna Maria', 'Sample']);
    assert.deepEqual(names('Anna'), ['N.N.', 'Anna']);
  });

  it('tells every stay with its means of transport, and leaves contacts of contacts out', () => {
    const [contacts, exposures] = exportFiles('sormas', input);
    const stays = rowsOf(exposures, 'sormas');
    const direct = input.contacts.filter(({ tier }) => tier !== 'secondary');
    assert.equal(rowsOf(contacts, 'sormas').length, direct.length);
    assert.equal(stays.length, direct.flatMap((one) => one.exposures).length);
    assert.deepEqual(
      [...new Set(stays.map((row) => row['meansOfTransport']))],
      ['LOCAL_PUBLIC_TRANSPORT', 'TRAIN', 'OTHER'],
    );
    assert.equal(stays[0]?.['connectionNumber'], 'M133 粤B12345D');
    assert.equal(stays[0]?.['startDate'], '11/18/2026 08:05');
  });
});

describe('Go.Data', () => {
  const lists = (from: ExportInput): Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> =>
    Object.fromEntries(
      exportFiles('go-data-json', from).map((file) => [
        /go-data-(.+)-\d{8}/.exec(file.name)?.[1],
        JSON.parse(decoded(file)),
      ]),
    );

  it('keeps contacts of contacts apart, tied to the contact through whom', () => {
    const all = lists(input);
    assert.deepEqual(Object.keys(all), ['contacts', 'contacts-of-contacts', 'relationships']);
    assert.deepEqual(
      all['contacts-of-contacts']?.map(({ visualId }) => visualId),
      ['c7'],
    );
    assert.ok(!all['contacts']?.some(({ visualId }) => visualId === 'c7'));
    const relation = (target: string): unknown =>
      all['relationships']?.find(({ targetPerson }) => targetPerson === target)?.['sourcePerson'];
    assert.deepEqual([relation('c7'), relation('c1')], ['c2', 'HJ-2026/001 测试']);
    const alone = lists({ ...input, contacts: [{ ...plain, tier: 'secondary' }] })['relationships']?.[0];
    assert.equal(alone?.['sourcePerson'], undefined);
  });

  it('turns probability into certainty and a run into a cluster', () => {
    const level = (probability: number): unknown => {
      const contacts = [{ ...plain, exposures: [{ ...bus, probability }] }];
      return lists({ ...input, contacts })['relationships']?.[0]?.['certaintyLevelId'];
    };
    const start = 'LNG_REFERENCE_DATA_CATEGORY_CERTAINTY_LEVEL_';
    assert.deepEqual(
      [0.7, 0.69, 0.3, 0.29].map(level),
      ['3_HIGH', '2_MEDIUM', '2_MEDIUM', '1_LOW'].map((end) => start + end),
    );
    assert.equal(lists(input)['relationships']?.[0]?.['clusterId'], 'T-0805-1');
  });

  it('holds texts in JSON exactly as they are', () => {
    const [one] =
      lists({ ...input, contacts: [{ ...plain, person: { ...nobody, name: 'half \ud83d =1\0' } }] })['contacts'] ?? [];
    assert.deepEqual([one?.['firstName'], one?.['lastName']], ['half \ud83d', '=1\0']);
    assert.deepEqual(lists({ ...input, contacts: [input.contacts[1] ?? plain] })['contacts']?.[0]?.['documents'], [
      { type: 'LNG_REFERENCE_DATA_CATEGORY_DOCUMENT_TYPE_NATIONAL_ID_CARD', number: madeUpId('19900307', 13) },
    ]);
  });
});

describe('the Chinese register', () => {
  it('keeps numbers as texts, digit by digit, and says 8 for a shared conveyance', () => {
    const rows = rowsOf(exportFiles('register-utf8', input)[0], 'register-utf8');
    assert.equal(rows.length, input.contacts.length);
    assert.equal(rows[1]?.['身份证号'], `'${madeUpId('19900307', 13)}`);
    assert.equal(rows[1]?.['电话'], "'19900000002");
    assert.equal(rows[2]?.['电话'], "'004915100000000");
    assert.equal(rows[2]?.['其他证件'], '护照 12E456789');
    assert.deepEqual([rows[1]?.['性别'], rows[1]?.['年龄']], ['男', '36']);
    assert.deepEqual([rows[5]?.['性别'], rows[5]?.['年龄'], rows[5]?.['判定']], ['女', '40', '司乘人员']);
    assert.deepEqual([...new Set(rows.map((row) => row['接触方式']))], ['8']);
    assert.equal(rows[2]?.['末次接触时间'], '2026-11-19 18:12');
    assert.equal(rows[2]?.['暴露类型'], '公交车同乘；轨道交通同车厢');
  });

  it('reads no sex, age or place from a number that is no date', () => {
    const person = { ...nobody, document: { kind: 'cn-id' as const, number: madeUpId('20011345', 13) } };
    assert.equal(firstRow('register-utf8', { person })['年龄'], '');
    assert.ok(
      !JSON.stringify(firstRow('register-utf8', { person })).replace(person.document.number, '').includes('999999'),
    );
  });
});
