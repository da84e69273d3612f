// Lists as operators send them: any encoding, any delimiter, spreadsheets, Chinese headings, and files that are none.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { readCodes, readFleet, readRiderCounts, readRoster, rejectedCsv, tableXlsx } from './index.ts';
import type { RowError } from './index.ts';
import { zip } from './zip-write.ts';

const TEXT = '车牌号,类型,线路,核载（人）\n粤B01620D,公交车,M133,80\n粤B·49990D,出租车,,5\n';
const PLATES = ['粤B01620D', '粤B49990D'];
/** TEXT in GB 18030: Node writes no GB 18030, so the bytes are put together here. */
const GB: Readonly<Record<string, readonly number[]>> = {
  车: [0xb3, 0xb5],
  牌: [0xc5, 0xc6],
  号: [0xba, 0xc5],
  类: [0xc0, 0xe0],
  型: [0xd0, 0xcd],
  线: [0xcf, 0xdf],
  路: [0xc2, 0xb7],
  核: [0xba, 0xcb],
  载: [0xd4, 0xd8],
  '（': [0xa3, 0xa8],
  人: [0xc8, 0xcb],
  '）': [0xa3, 0xa9],
  粤: [0xd4, 0xc1],
  公: [0xb9, 0xab],
  交: [0xbd, 0xbb],
  出: [0xb3, 0xf6],
  租: [0xd7, 0xe2],
  '·': [0xa1, 0xa4],
};
const gb18030 = (text: string): Buffer =>
  Buffer.from(Array.from(text).flatMap((letter) => GB[letter] ?? [letter.charCodeAt(0)]));
const utf16be = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();

const where = (errors: readonly RowError[]): readonly string[] =>
  errors.map(({ line, column, reason }) => `${line}:${column}:${reason}`);

describe('a list is read whatever it was saved as', () => {
  const sources: Readonly<Record<string, Uint8Array>> = {
    'UTF-8': Buffer.from(TEXT),
    'UTF-8 with a byte order mark': Buffer.from(`\uFEFF${TEXT}`),
    'UTF-16, little end first': Buffer.from(`\uFEFF${TEXT}`, 'utf16le'),
    'UTF-16, big end first': utf16be(TEXT),
    'GB 18030': gb18030(TEXT),
    'GB 18030 with semicolons': gb18030(TEXT.replaceAll(',', ';')),
    'semicolons and CRLF': Buffer.from(TEXT.replaceAll(',', ';').replaceAll('\n', '\r\n')),
    tabs: Buffer.from(TEXT.replaceAll(',', '\t')),
    'a note about the delimiter': Buffer.from(`sep=;\n${TEXT.replaceAll(',', ';')}`),
    gzip: gzipSync(gb18030(TEXT)),
  };
  for (const [name, source] of Object.entries(sources)) {
    it(name, async () => {
      const read = await readFleet(source);
      assert.deepEqual(read.errors, []);
      assert.deepEqual(
        read.rows.map(({ plate }) => plate),
        PLATES,
      );
      assert.deepEqual(
        read.rows.map(({ kind, capacity, usualLineId }) => [kind, capacity, usualLineId]),
        [
          ['bus', 80, 'M133'],
          ['taxi', 5, undefined],
        ],
      );
      assert.deepEqual(read.header, ['车牌号', '类型', '线路', '核载（人）']);
      assert.equal(read.rowCount, 2);
    });
  }

  it('XLSX, with numbers and dates as a person sees them', async () => {
    const xlsx = await tableXlsx(['日期', '线路', '时段', '人数'], [['2026/1/5', 'M133', '08:00-09:00', 1200]]);
    const read = await readRiderCounts(xlsx);
    assert.deepEqual(read.rows, [{ day: 20_458, lineId: 'M133', hour: 8, riders: 1200 }]);
  });

  it('a path, gzipped or not, and errors then name the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lists-'));
    try {
      const path = join(folder, '车队.csv');
      await writeFile(path, gb18030(`${TEXT}粤B1,公交车,,1\n`));
      const read = await readFleet(path);
      assert.deepEqual(read.errors, [{ file: '车队.csv', line: 4, column: '车牌号', reason: 'bad-plate' }]);
      await assert.rejects(readFleet(join(folder, 'nothing.csv')), { code: 'ENOENT' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says how it was read', async () => {
    assert.deepEqual((await readFleet(gb18030(TEXT.replaceAll(',', ';')))).notes, [
      'read-as: gb18030',
      'delimiter: semicolon',
    ]);
    assert.deepEqual((await readFleet(Buffer.from('plate,remark\n粤B12345,x\n'))).notes, [
      'kind-assumed: bus',
      'columns-ignored: remark',
    ]);
  });
});

describe('headings and words', () => {
  it('are known in English and Chinese, whatever their case, spaces and width', async () => {
    const read = await readFleet(Buffer.from('Unit ID,ＫＩＮＤ,Carriage No.,车辆,定员\nc1,地铁车厢,２,T1,２５０\n'));
    assert.deepEqual(read.rows, [
      { unitId: 'c1', kind: 'carriage', label: { zh: 'c1', en: 'c1' }, vehicleId: 'T1', carriageNo: 2, capacity: 250 },
    ]);
    const kinds = ['公交车', '大巴', '出租车', '地铁车厢', '车站', '轮渡', 'Bus'];
    const all = await readFleet(Buffer.from(`编号,类型\n${kinds.map((kind, at) => `${at},${kind}`).join('\n')}\n`));
    assert.deepEqual(
      all.rows.map(({ kind }) => kind),
      ['bus', 'coach', 'taxi', 'carriage', 'station', 'ferry', 'bus'],
    );
  });

  it('keep names as they are written, and normalise what is compared', async () => {
    const read = await readRoster(Buffer.from('工号,姓名,岗位,车队\n　Ａ００１ ,"王 小明②",驾驶员,一车队\n'));
    assert.deepEqual(read.rows, [
      { account: 'A001', name: { zh: '王 小明②', en: '王 小明②' }, role: 'driver', depot: '一车队' },
    ]);
  });

  it('may stand below a title', async () => {
    const read = await readFleet(Buffer.from('深圳巴士车辆表,,\n二〇二六年十一月,,\n编号,类型,核载\n1,公交车,80\n'));
    assert.deepEqual(read.errors, []);
    assert.deepEqual([read.rows.length, read.rowCount], [1, 1]);
    assert.deepEqual(read.notes, ['rows-above-header: 2']);
    const plain = await readFleet(Buffer.from('车辆表\n\n编号;类型;名称\n1;公交车;"甲,乙"\n'));
    assert.deepEqual(
      plain.rows.map(({ label }) => label.zh),
      ['甲,乙'],
    );
  });

  it('say what was found when a needed one is not there', async () => {
    const read = await readFleet(Buffer.from('车名,类型\nx,公交车\n'));
    assert.deepEqual(where(read.errors), ['1:unit_id:missing-column']);
    assert.deepEqual(read.header, ['车名', '类型']);
    assert.deepEqual(read.notes, ['columns-found: 车名, 类型']);
    assert.equal(read.rows.length, 0);
    assert.deepEqual(where((await readFleet(Buffer.from(''))).errors), ['0:unit_id:missing-column']);
  });
});

describe('rejected rows', () => {
  const text =
    '车牌号,类型,核载,备注\n粤B12345D,公交车,80,甲\nXX,火箭,80,"=1+1, 乙"\n粤B12345D,公交车,80,丙\n粤B2,公交车,80,丁,戊\n';

  it('come with their cells and faults, and a file to mend that can be sent again', async () => {
    const read = await readFleet(Buffer.from(text));
    assert.equal(read.rowCount, 4);
    assert.equal(read.rows.length, 1);
    assert.deepEqual(
      read.rejected.map(({ line, cells }) => [line, cells[0]]),
      [
        [3, 'XX'],
        [4, '粤B12345D'],
        [5, '粤B2'],
      ],
    );
    const csv = rejectedCsv(read.header, read.rejected);
    assert.equal(
      csv,
      '\uFEFF车牌号,类型,核载,备注,error\n' +
        `XX,火箭,80,"'=1+1, 乙",车牌号: bad-plate; 类型: unknown-value\n` +
        '粤B12345D,公交车,80,丙,车牌号: duplicate\n粤B2,公交车,80,丁,bad-row\n',
    );
    const mended = csv.replace('XX,火箭', '粤B54321D,公交车').replace('\n粤B2,', '\n粤B22222,');
    const again = await readFleet(Buffer.from(mended));
    assert.deepEqual(again.errors, []);
    assert.deepEqual(again.header, read.header);
    assert.ok(again.notes.includes('mended') && !read.notes.includes('mended'));
    assert.deepEqual(
      again.rows.map(({ plate }) => plate),
      ['粤B54321D', '粤B12345D', '粤B22222'],
    );
  });

  it('still wrong, come back once more with one error column', async () => {
    const once = await readFleet(Buffer.from(text));
    const twice = await readFleet(Buffer.from(rejectedCsv(once.header, once.rejected)));
    const csv = rejectedCsv(twice.header, twice.rejected, 'fleet.csv');
    assert.equal(csv.split('\n')[0], '\uFEFF车牌号,类型,核载,备注,error');
    assert.match(csv, /fleet\.csv:2 车牌号: bad-plate/);
    assert.deepEqual(
      twice.rejected.map(({ cells }) => cells.length),
      [4, 4],
    );
  });
});

describe('files that are no lists', () => {
  it('are told as such, never read as something else', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    const xls = Buffer.from('d0cf11e0a1b11ae1', 'hex');
    const gtfs = zip([{ name: 'stops.txt', data: Buffer.from('stop_id\n1\n') }]);
    const half = (await tableXlsx(['a'], [['b']])).subarray(0, 900);
    const long = gzipSync(
      Buffer.from(TEXT + Array.from({ length: 5_000 }, (_, at) => `粤B${10_000 + at},公交车,,\n`).join('')),
    );
    const halfGzip = long.subarray(0, long.length - 2_000);
    for (const [name, bytes] of Object.entries({ png, xls, gtfs, half, halfGzip })) {
      const read = await readFleet(bytes);
      assert.deepEqual(where(read.errors), ['0::unreadable-file'], name);
      assert.equal(read.rows.length, 0);
    }
  });

  it('and files of chance or spoilt ones never make the reader fail', async () => {
    const workbook = await tableXlsx(
      ['编号', '类型'],
      [
        ['1', '公交车'],
        ['2', '巴士'],
      ],
    );
    const spoilt = fc
      .tuple(fc.constantFrom(workbook, gb18030(TEXT), gzipSync(Buffer.from(TEXT))), fc.nat(), fc.nat(255))
      .map(([bytes, at, value]) => Buffer.from(bytes).fill(value, at % bytes.length, (at % bytes.length) + 1));
    await fc.assert(
      fc.asyncProperty(fc.oneof(spoilt, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
        const read = await readFleet(bytes);
        assert.ok(read.rows.length <= read.rowCount && read.errors.length <= read.errorCount);
      }),
      { seed: 20_261_120, numRuns: 150 },
    );
  });

  it('damaged letters are errors of their rows', async () => {
    const bytes = Buffer.from('编号,类型,名称\n1,公交车,深圳湾口岸\n2,公交车,福田?\n');
    bytes[bytes.indexOf('?')] = 0xff;
    const read = await readFleet(bytes);
    assert.deepEqual(where(read.errors), ['3:名称:bad-encoding']);
    assert.equal(read.rows[0]?.label.zh, '深圳湾口岸');
  });

  it('a quote that is never closed loses its rows, and says so', async () => {
    const read = await readCodes(Buffer.from('code,short_code,unit_id,purpose\n"AAAAAAAAAAA,2345678,u,crew\n'));
    assert.equal(read.errors[0]?.reason, 'bad-row');
    assert.equal(read.rejected.length, 1);
  });
});
