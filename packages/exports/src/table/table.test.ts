// Whatever strangers typed: nothing of it is lost in a table, nothing of it is run, and it ends where its cell ends.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { carried, csvText, guard, isNumberLike, isolate, unguard } from './index.ts';

const seed = 20_261_128;
const options = { seed, numRuns: 600 };

const SIGNS = '=+-@\t\r\n＝＋－＠﹣﹦−⁼\'"“＇` \u00a0\u3000\u200b\u2060\ufeff\u00ad\u3164\u2800';
const DIRECTIONS = '\u202e\u202a\u202c\u2066\u2067\u2068\u2069\u200f\u061c\u2029';
const OTHERS = '\0\u0007\u0085🚌𠮷\u{e0041},;|\\0é';
const PIECES = [
  '\ud83d',
  '\ude00',
  '\r\n',
  '""',
  '\\u0000',
  '👩‍👩‍👧',
  'e\u0301',
  '张伟',
  'محمد',
  'שלום',
  'SUM(A1:A9)',
  '13800138000',
];
const NASTY = [...Array.from(SIGNS + DIRECTIONS + OTHERS), ...PIECES];
const hostile = fc.oneof(
  fc.array(fc.constantFrom(...NASTY), { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  // Any code unit, lone surrogates among them.
  fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
);

/** What a spreadsheet may drop, or fold to half-width, before it decides what a cell is. */
function bare(cell: string): string {
  return cell.replace(/^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800"“”‘’`]+/u, '').normalize('NFKC');
}

describe('formula guard', () => {
  it('comes off exactly as it went on', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        assert.equal(unguard(guard(text)), text);
        assert.ok([text, `'${text}`].includes(guard(text)));
      }),
      options,
    );
  });

  it('leaves no cell that begins with a sign of a formula, whatever hides it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const cell = guard(text);
        assert.doesNotMatch(cell, /^[=+\-@\t\r\n＝＋－＠]/u);
        assert.doesNotMatch(bare(cell), /^[=+\-@]/u, JSON.stringify(cell));
      }),
      options,
    );
  });

  for (const text of ['=1+1', '+8613800138000', '-3', '@SUM(A1)', '\tx', '\rx', '\nx', '＝cmd', '＋1', '－1', '＠x'])
    it(`goes before ${JSON.stringify(text)} and its hidden forms`, () => {
      for (const hidden of ['', ' ', '"', "'", '“', '\u200b', '\u2060\u00a0', '\ufeff', '\u202e', '\u3164', '\0'])
        assert.equal(guard(hidden + text), `'${hidden}${text}`);
    });

  it('leaves everything else as it is', () => {
    for (const text of ['', '粤B12345D', "it's", "'quoted'", 'a=b', 'a\n=b', '🚌=', '13800138000', '①'])
      assert.equal(guard(text), text);
  });
});

describe('isolation', () => {
  const paragraphEnd = new RegExp(String.raw`[\n\r\x1c-\x1e\x85\u2029]`, 'u');
  /** Depth of the scopes that are open at the end of a text, by the rules of UAX #9 (BD9, X5a to X8). */
  function depthAfter(text: string): number {
    const stack: string[] = [];
    for (const letter of text) {
      if (paragraphEnd.test(letter)) stack.length = 0;
      else if (/[\u202a\u202b\u202d\u202e]/u.test(letter)) stack.push('embedding');
      else if (/[\u2066-\u2068]/u.test(letter)) stack.push('isolate');
      else if (letter === '\u202c' && stack.at(-1) === 'embedding') stack.pop();
      else if (letter === '\u2069' && stack.includes('isolate')) stack.length = stack.lastIndexOf('isolate');
    }
    return stack.length;
  }

  it('keeps the text whole and lets nothing of it out', () => {
    fc.assert(
      fc.property(hostile, fc.boolean(), (text, letters) => {
        const cell = isolate(text, { letters });
        const places = Array.from({ length: cell.length - text.length + 1 }, (_, at) => at);
        assert.ok(
          places.some(
            (at) =>
              cell.startsWith(text, at) &&
              /^\u2068*$/u.test(cell.slice(0, at)) &&
              /^[\u2069\u202c]*$/u.test(cell.slice(at + text.length)),
          ),
        );
        assert.equal(depthAfter(cell), 0, JSON.stringify(cell));
        // As a cell stands on a line with others, one that closes more than it opened would close theirs.
        assert.ok(cell === text || depthAfter(`\u2067${cell.split(paragraphEnd)[0]}`) >= 1);
      }),
      options,
    );
  });

  it('is for controls, and for letters where people read', () => {
    assert.equal(isolate('محمد'), 'محمد');
    assert.equal(isolate('محمد', { letters: true }), '\u2068محمد\u2069');
    assert.equal(isolate('a\u202eb'), '\u2068a\u202eb\u2069');
    assert.equal(isolate('a\u2069b'), '\u2068\u2068a\u2069b\u2069');
    assert.equal(isolate('张伟', { letters: true }), '张伟');
  });
});

describe('what a file can carry', () => {
  it('is left alone; NUL and halves of pairs become visible', () => {
    assert.equal(carried('a\0b'), String.raw`a\u0000b`);
    assert.equal(carried('\ud83d🚌\ude00'), String.raw`\ud83d🚌\ude00`);
    fc.assert(
      fc.property(hostile, (text) => {
        const cell = carried(text);
        assert.ok(cell.isWellFormed() && !cell.includes('\0'));
        // As JSON reads it: escapes come back as what they stand for.
        const back = cell.replace(/\\u(0000|d[89a-f]..)/g, (_, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        );
        assert.ok(back === text || text.includes(String.raw`\u`));
      }),
      options,
    );
  });
});

describe('CSV', () => {
  it('reads back as it was written, with every separator and line end', () => {
    const cells = hostile.map((text) => guard(isolate(carried(text), { letters: true })));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cells, cells, cells), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(',', ';'),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.boolean(),
        (rows, separator, lineEnd, bom, quoteAll) => {
          const text = csvText(['a', 'b', 'c'], rows, { separator, lineEnd, bom, quoteAll });
          const bytes = new TextEncoder().encode(text);
          const back = parse(Buffer.from(bytes), {
            bom,
            delimiter: separator,
            record_delimiter: lineEnd,
          });
          assert.deepEqual(back, [['a', 'b', 'c'], ...rows]);
        },
      ),
      { seed, numRuns: 300 },
    );
  });

  it('tells what a spreadsheet would make a number of', () => {
    for (const text of ['110101199003070134', '13800138000', '0755', '12E45678', '2026-11', '1/2', '1 000'])
      assert.ok(isNumberLike(text), text);
    for (const text of ['', 'E12345678', '11010119900307013X', '粤B12345', '+86', '-1'])
      assert.ok(!isNumberLike(text), text);
  });
});
