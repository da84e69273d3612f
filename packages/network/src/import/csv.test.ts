// CSV tables, times and dates: what is written reads back, what is wrong is named by line and column.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { csvText, formatDate, formatTime, MAX_ROW_ERRORS, parseDate, parseTime, readTable } from './index.ts';
import type { Row, RowError } from './index.ts';

const seed = 20_261_120;

async function read(text: string, columns: readonly string[], onRow: (row: Row) => void): Promise<readonly RowError[]> {
  const errors = { errors: [], total: 0 };
  await readTable(Readable.from([Buffer.from(text)]), { file: 't.csv', columns, errors, onRow });
  return errors.errors;
}

describe('csv', () => {
  it('reads back what it wrote, with quotes, commas and line breaks', async () => {
    // Fields are trimmed on reading, so the property speaks of trimmed text.
    const cell = fc
      .string({ unit: fc.constantFrom('a', '海', '"', ',', '\n', ' ', ';', '—'), maxLength: 8 })
      .map((text) => text.trim());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 6 }), async (cells) => {
        const rows: (readonly [string, string])[] = [];
        // A marker keeps rows from being empty lines, which are skipped.
        const text = csvText(
          ['one', 'two', 'mark'],
          cells.map(([one, two]) => [one, two, 'x']),
        );
        const errors = await read(text, ['one', 'two'], (row) => rows.push([row.text('one'), row.text('two')]));
        assert.deepEqual(errors, []);
        assert.deepEqual(rows, cells);
      }),
      { seed },
    );
  });

  it('forgives a byte order mark, CRLF, short rows and empty lines', async () => {
    const rows: (readonly string[])[] = [];
    const errors = await read('\uFEFFStop_ID, name\r\n"1","海, 京"\r\n\r\n2\r\n', ['stop_id'], (row) =>
      rows.push([row.text('stop_id'), row.text('name'), row.text('nothing')]),
    );
    assert.deepEqual(errors, []);
    assert.deepEqual(rows, [
      ['1', '海, 京', ''],
      ['2', '', ''],
    ]);
  });

  it('names all faults of a row and keeps the others', async () => {
    const good: string[] = [];
    const errors = await read(
      'id,n,t,d\na,5,25:10:00,20240229\n,x,1:2:3,20230229\nc,7,00:00:00,19700101\n',
      ['id'],
      (row) => {
        const id = row.required('id');
        row.number('n', 0, 10);
        row.time('t');
        row.date('d');
        if (row.ok()) good.push(id);
      },
    );
    assert.deepEqual(good, ['a', 'c']);
    assert.deepEqual(
      errors.map(({ line, column, reason }) => [line, column, reason]),
      [
        [3, 'id', 'missing-value'],
        [3, 'n', 'bad-number'],
        [3, 't', 'bad-time'],
        [3, 'd', 'bad-date'],
      ],
    );
  });

  it('takes stray quotes as text, and reports a quote that is never closed', async () => {
    const seen: string[] = [];
    const errors = await read('id\na\nGate "North"\n"c\n', ['id'], (row) => seen.push(row.text('id')));
    assert.deepEqual(seen, ['a', 'Gate "North"']);
    assert.equal(errors.length, 1);
    assert.deepEqual([errors[0]?.column, errors[0]?.reason], ['', 'bad-row']);
  });

  it('says which columns a table lacks, and reads no row of it', async () => {
    let rows = 0;
    const errors = await read('a,b\n1,2\n', ['a', 'c', 'd'], () => (rows += 1));
    assert.equal(rows, 0);
    assert.deepEqual(
      errors.map(({ column, reason }) => [column, reason]),
      [
        ['c', 'missing-column'],
        ['d', 'missing-column'],
      ],
    );
    assert.equal((await read('', ['a'], () => undefined)).length, 1);
  });

  it('keeps the first thousand errors and counts them all', async () => {
    const errors = { errors: [], total: 0 };
    const text = `id\n${'x\n'.repeat(MAX_ROW_ERRORS + 500)}`;
    const onRow = (row: Row): number => row.number('id', 0, 1);
    await readTable(Readable.from([Buffer.from(text)]), { file: 't.csv', columns: ['id'], errors, onRow });
    assert.equal(errors.errors.length, MAX_ROW_ERRORS);
    assert.equal(errors.total, MAX_ROW_ERRORS + 500);
  });

  it('bounds what an unclosed quote may swallow, and says that rows were lost', async () => {
    const seen: string[] = [];
    const errors = await read(`id\nb\n"${'a\n'.repeat(100_000)}`, ['id'], (row) => seen.push(row.text('id')));
    assert.deepEqual(seen, ['b']);
    // 64 KiB of two-byte lines are spent before the parser gives the row up, half of the file unread.
    assert.ok((errors[0]?.line ?? 0) < 40_000);
    assert.ok(errors.every(({ reason }) => reason === 'bad-row'));
  });
});

describe('times and dates', () => {
  it('read back as written, hours past 24 included', () => {
    fc.assert(
      fc.property(fc.nat(999 * 3600), (seconds) => assert.equal(parseTime(formatTime(seconds)), seconds)),
      { seed },
    );
    fc.assert(
      fc.property(fc.integer({ min: -200_000, max: 2_900_000 }), (day) =>
        assert.equal(parseDate(formatDate(day)), day),
      ),
      { seed },
    );
    assert.equal(parseTime('25:10:00'), 90_600);
    assert.equal(parseTime('6:05:00'), 21_900);
    assert.equal(parseDate('2026-11-20'), 20_777);
  });

  it('refuse what is no time and no day', () => {
    for (const text of ['', '24:60:00', '1:2:3', '-1:00:00', '12:00', 'noon', '1000:00:00'])
      assert.equal(parseTime(text), undefined, text);
    for (const text of ['', '20230229', '20241301', '2024-0101', '202411', '20240431'])
      assert.equal(parseDate(text), undefined, text);
  });
});
