import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { instantAt } from './calendar.ts';
import { MONDAY, name, zone } from './journey-kit.test.ts';
import { noticeOf } from './notice.ts';
import type { Notice, NoticeFacts } from './notice.ts';

const facts: NoticeFacts = {
  authority: { zh: '临江市卫健委', en: 'Linjiang Health Commission' },
  hotline: '12345',
  line: { zh: 'M133路', en: 'line M133' },
  plate: '粤B12345D',
  fromStop: name('A'),
  toStop: name('B'),
  fromMs: instantAt(MONDAY, 8 * 60 + 3, zone),
  toMs: instantAt(MONDAY, 8 * 60 + 14, zone),
  zone,
  othersAtLeast: 12,
};

function textOf(notice: Notice): string {
  return `${notice.text.zh}\n${notice.text.en}`;
}

/** The keys a notice may be written from. A new one fails to compile here until somebody has thought about it. */
const KEYS: Readonly<Record<keyof NoticeFacts, 'printed' | 'decides'>> = {
  authority: 'printed',
  hotline: 'printed',
  line: 'printed',
  plate: 'printed',
  fromStop: 'printed',
  toStop: 'printed',
  fromMs: 'printed',
  toMs: 'printed',
  zone: 'decides',
  othersAtLeast: 'decides',
};

describe('a public notice', () => {
  it('names line, plate, stops and half an hour, in both languages', () => {
    const notice = noticeOf(facts);
    assert.equal(notice.kind, 'draft');
    assert.match(
      notice.text.zh,
      /^临江市卫健委公告：1月27日 07:50 至 08:20 乘坐M133路（车牌粤B12345D）、途经A站至B站区段的乘客，/,
    );
    assert.match(
      notice.text.en,
      /line M133 \(plate 粤B12345D\) between Stop A and Stop B on 27 January from 07:50 to 08:20/,
    );
    assert.match(notice.text.zh, /不是诊断/);
    assert.match(notice.text.en, /not a diagnosis/);
    assert.match(notice.text.zh, /核实真伪或有异议，请致电 12345/);
  });

  it('spans thirty minutes at least, begins and ends on full ten minutes, and covers the exposure', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_300 }), fc.integer({ min: 0, max: 130 }), (minute, lasts) => {
        const [fromMs, toMs] = [instantAt(MONDAY, minute, zone), instantAt(MONDAY, minute + lasts, zone)];
        const { text } = noticeOf({ ...facts, fromMs, toMs });
        const [from = 0, to = 0] = [...text.zh.matchAll(/(\d\d):(\d\d)/g)].map(
          ([, h, m]) => Number(h) * 60 + Number(m),
        );
        const end = to < from ? to + 1_440 : to;
        assert.ok(end - from >= 30 && from % 10 === 0 && end % 10 === 0, text.zh);
        assert.ok(from <= minute && end >= minute + lasts, text.zh);
        assert.ok(end - from < lasts + 50, text.zh);
      }),
    );
  });

  it('does without a line or a plate, not without both', () => {
    assert.match(noticeOf({ ...facts, plate: null }).text.zh, /乘坐M133路、途经/);
    assert.match(noticeOf({ ...facts, line: null }).text.zh, /乘坐车牌为粤B12345D的车辆、/);
    const none = noticeOf({ ...facts, line: null, plate: null });
    assert.deepEqual([none.kind, none.kind === 'withheld' && none.reason], ['withheld', 'nothing-to-name']);
  });

  it('is withheld where a single other passenger would know, or be known', () => {
    for (const othersAtLeast of [0, 1]) {
      const notice = noticeOf({ ...facts, othersAtLeast });
      assert.deepEqual([notice.kind, notice.kind === 'withheld' && notice.reason], ['withheld', 'single-other']);
      assert.doesNotMatch(textOf(notice), /M133|粤B|A站|Stop A|1月|January/);
    }
    assert.equal(noticeOf({ ...facts, othersAtLeast: 2 }).kind, 'draft');
  });

  it('is written from its own fields and from nothing that comes along with them', () => {
    const secret = fc.string({ minLength: 6, maxLength: 20 }).map((text) => `\u2063${text}\u2063`);
    const along = fc.dictionary(
      fc.constantFrom(
        'person',
        'name',
        'phone',
        'document',
        'seat',
        'row',
        'onset',
        'sample',
        'presence',
        'age',
        'address',
      ),
      secret,
    );
    const plain = noticeOf(facts);
    fc.assert(
      fc.property(along, (extra) => {
        const carrying = {
          ...extra,
          ...facts,
          line: { ...extra, zh: 'M133路', en: 'line M133' },
          authority: { ...extra, ...facts.authority },
          fromStop: { ...extra, ...facts.fromStop },
        };
        assert.deepEqual(noticeOf(carrying), plain);
      }),
    );
    const allowed = new Set(Object.keys(KEYS));
    const asked = new Set<string>();
    noticeOf(
      new Proxy(facts, { get: (target, key, self) => (asked.add(String(key)), Reflect.get(target, key, self)) }),
    );
    assert.deepEqual(
      [...asked].filter((key) => !allowed.has(key)),
      [],
    );
  });

  it('is withheld where a field holds what looks personal, however it is spaced', () => {
    const digits = (length: number) =>
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length });
    const mobile = fc
      .tuple(fc.constantFrom('13', '15', '18', '19'), digits(9))
      .map(([head, rest]) => head + rest.join(''));
    const document = fc.tuple(digits(17), fc.constantFrom('X', 'x', '5')).map(([body, check]) => body.join('') + check);
    const spaced = fc
      .tuple(fc.oneof(mobile, document), fc.constantFrom('', ' ', '-', '·'))
      .map(([text, gap]) => text.match(/.{1,4}/g)?.join(gap) ?? text);
    const held = fc.constantFrom('line', 'fromStop', 'toStop', 'authority', 'plate', 'hotline');
    fc.assert(
      fc.property(spaced, held, (personal, field) => {
        const bad = field === 'plate' || field === 'hotline' ? personal : { zh: `张某 ${personal}`, en: 'someone' };
        const notice = noticeOf({ ...facts, [field]: bad });
        assert.deepEqual([notice.kind, notice.kind === 'withheld' && notice.reason], ['withheld', 'personal']);
        assert.ok(!textOf(notice).includes(personal));
      }),
    );
    assert.equal(noticeOf({ ...facts, hotline: '0755-12320123' }).kind, 'draft');
    const mail = noticeOf({ ...facts, fromStop: { zh: 'a@b.cn', en: 'a@b.cn' } });
    assert.equal(mail.kind, 'withheld');
  });
});
