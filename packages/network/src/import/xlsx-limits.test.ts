// Workbooks made to exhaust a reader, and ones that are merely odd.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFleet, tableXlsx } from './index.ts';
import { MAX_SHEET_ROWS } from './xlsx-read.ts';
import { openArchive } from './zip-read.ts';
import { buffer } from 'node:stream/consumers';
import { zip } from './zip-write.ts';

const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const SHEETS = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** The least workbook there is, with this inside `sheetData`. */
function workbook(sheetData: string, extra: Readonly<Record<string, string>> = {}): Uint8Array {
  const parts: Record<string, string> = {
    'xl/workbook.xml': `<workbook xmlns="${SHEETS}" xmlns:r="${RELATIONS}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="r1" Type="${RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `<?xml version="1.0"?><worksheet xmlns="${SHEETS}"><sheetData>${sheetData}</sheetData></worksheet>`,
    ...extra,
  };
  return zip(Object.entries(parts).map(([name, text]) => ({ name, data: Buffer.from(text) })));
}

const text = (at: string, value: string): string => `<c r="${at}" t="inlineStr"><is><t>${value}</t></is></c>`;
const HEADER = `<row r="1">${text('A1', '车牌号')}${text('B1', '类型')}${text('C1', '核载')}</row>`;

const reasons = async (bytes: Uint8Array): Promise<readonly string[]> =>
  (await readFleet(bytes)).errors.map(({ line, reason }) => `${line}:${reason}`);

describe('workbooks', () => {
  it('with gaps, numbers and empty rows read like lists, by the numbers of their rows', async () => {
    const read = await readFleet(
      workbook(
        `${HEADER}<row r="4">${text('A4', '粤B12345D')}${text('B4', '公交车')}<c r="C4"><v>80.000000000000004</v></c></row><row r="7">${text('B7', '公交车')}</row>`,
      ),
    );
    assert.deepEqual(
      read.rows.map(({ plate, capacity }) => [plate, capacity]),
      [['粤B12345D', 80]],
    );
    assert.deepEqual(
      read.errors.map(({ line, column, reason }) => [line, column, reason]),
      [[7, 'unit_id', 'missing-value']],
    );
  });

  it('read as a person sees them: zeros in front, dates, times, truth', async () => {
    const styles = `<styleSheet xmlns="${SHEETS}"><numFmts><numFmt numFmtId="165" formatCode="00000"/></numFmts><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="165" applyNumberFormat="1"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="20"/></cellXfs></styleSheet>`;
    const rows =
      `<row r="1">${['编号', '类型', '名称', '英文名称', '所属车辆', '站点编号'].map((name, at) => text(`${'ABCDEF'[at]}1`, name)).join('')}</row>` +
      `<row r="2"><c r="A2" s="1"><v>1620</v></c>${text('B2', '公交车')}<c r="C2" s="2"><v>46346</v></c><c r="D2" s="3"><v>0.35416666666666669</v></c><c r="E2" t="b"><v>1</v></c><c r="F2" s="0"><v>1.5</v></c></row>`;
    const read = await readFleet(workbook(rows, { 'xl/styles.xml': styles }));
    assert.deepEqual(read.errors, []);
    const [unit] = read.rows;
    assert.deepEqual([unit?.unitId, unit?.label.zh, unit?.label.en], ['01620', '2026-11-20', '08:30:00']);
    assert.deepEqual([unit?.vehicleId, unit?.stopId], ['TRUE', '1.5']);
  });

  it('with a cell far out are refused before a table is made of them', async () => {
    const far = [
      `<row r="${MAX_SHEET_ROWS + 1}"><c r="A${MAX_SHEET_ROWS + 1}"><v>1</v></c></row>`,
      '<row r="999999999"/>',
      '<row r="2"><c r="XFD2"><v>1</v></c></row>',
      "<row r='2'><c s='>' r='ZZZ2'><v>1</v></c></row>",
      '<row r="2"><c r="&#90;&#90;&#90;2"><v>1</v></c></row>',
      '<!-- <c " --><row r="2"><c r="ZZZ2"><v>1</v></c></row>',
      `<row r="100000"><c r="A100000"><v>1</v></c><c r="CZ100000"><v>1</v></c></row>`,
    ];
    for (const rows of far) {
      const [reason = ''] = await reasons(workbook(HEADER + rows));
      assert.match(reason, /^0:(too-large|unreadable-file)$/, rows);
    }
  });

  it('that unpack to more than a list needs are refused unread', async () => {
    assert.deepEqual(await reasons(workbook(HEADER + ' '.repeat(100 * 1024 ** 2))), ['0:too-large']);
    const long = 'x'.repeat(1024 ** 2);
    const cells = Array.from(
      { length: 200 },
      (_, at) => `<row r="${at + 2}"><c r="A${at + 2}" t="s"><v>0</v></c></row>`,
    );
    const shared = { 'xl/sharedStrings.xml': `<sst xmlns="${SHEETS}"><si><t>${long}</t></si></sst>` };
    assert.deepEqual(await reasons(workbook(HEADER + cells.join(''), shared)), ['0:too-large']);
  });

  it('that lie about the size of a part are refused', async () => {
    const bytes = Buffer.from(workbook(HEADER + ' '.repeat(100_000)));
    // Uncompressed size in the central directory: 24 bytes into each record (APPNOTE 4.3.12).
    let lied = 0;
    for (let at = bytes.indexOf('PK\u0001\u0002'); at >= 0; at = bytes.indexOf('PK\u0001\u0002', at + 4)) {
      if (bytes.readUInt32LE(at + 24) < 100_000) continue;
      bytes.writeUInt32LE(500, at + 24);
      lied += 1;
    }
    assert.equal(lied, 1);
    assert.deepEqual(await reasons(bytes), ['0:unreadable-file']);
  });

  it('with a formula that failed have an error there, not in the whole file', async () => {
    const read = await readFleet(
      workbook(
        `${HEADER}<row r="2"><c r="A2" t="e"><v>#N/A</v></c>${text('B2', '公交车')}</row><row r="3">${text('A3', '粤B12345D')}${text('B3', '公交车')}</row>`,
      ),
    );
    assert.equal(read.rows.length, 1);
    assert.deepEqual(
      read.errors.map(({ line }) => line),
      [2],
    );
  });

  it('of ours hold texts as texts', async () => {
    const archive = await openArchive(await tableXlsx(['code'], [['0123'], ['=1+1'], [5]]), new Set(['sheet1.xml']));
    const sheet = (await buffer(await archive.open('sheet1.xml'))).toString();
    archive.close();
    assert.ok(!sheet.includes('<f>'));
    assert.equal(sheet.match(/t="s"/g)?.length, 3);
  });
});
