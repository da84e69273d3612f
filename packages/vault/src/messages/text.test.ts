import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TEMPLATES } from '@tongche/messages';
import { ConfigError, parseConfig, seededRandom } from '@tongche/runtime';
import { checkConfig, Config } from '../config.ts';
import { paddedList } from './lists.ts';
import { checkCodeOf, coarseTime, exposureTemplates, wordingFor, wordings } from './text.ts';

const zone = 'Asia/Shanghai';
/** The least a vault starts with. */
const least = {
  mode: 'demo',
  authority: { iss: 1, name: { zh: '海景市卫健委', en: 'Haijing Health' }, zone },
  listen: { socket: 'v.sock' },
  platformInternal: { socket: 'p.sock' },
  registrarInternal: { socket: 'r.sock' },
  registrarUrl: 'http://127.0.0.1:8600',
  slotsFolder: 'slots',
  rootPublicKey: 'A'.repeat(43),
  console: { origin: 'http://casework.localhost:8620', rpId: 'casework.localhost' },
};
const secrets = { unsealKey: 'A'.repeat(43), databaseUrl: 'postgres://test' };

describe('coarseTime', () => {
  it('names the day and a part of it in local time', () => {
    const at = (hour: number) => coarseTime(Date.UTC(2026, 1, 17, 16 + hour), zone);
    assert.deepEqual(at(0), {
      zh: { month: '2', day: '18', part: '凌晨' },
      en: { date: '18 February', part: 'early morning' },
    });
    const parts = [9, 13, 15, 23].map((hour) => [at(hour).zh.part, at(hour).en.part]);
    assert.deepEqual(parts, [
      ['上午', 'morning'],
      ['中午', 'afternoon'],
      ['下午', 'afternoon'],
      ['晚上', 'evening'],
    ]);
  });
});

describe('wordings', () => {
  const facts = {
    authority: { zh: '海景市卫健委', en: 'Haijing Health' },
    phone: '12345',
    rideMs: Date.UTC(2026, 1, 18, 1),
    zone,
    link: `https://registrar.example/n/${'A'.repeat(22)}#${'B'.repeat(22)}`,
    checkCode: 'K7Q2',
  };
  const both = wordings(facts);

  it('say that it is genuine, free, no diagnosis, and how to object', () => {
    const { zh, en } = both;
    for (const word of ['2月18日上午', '12345', 'K7Q2', '不是诊断', '异议', '不索要验证码'])
      assert.ok(zh.text.includes(word), word);
    for (const word of ['the morning of 18 February', '12345', 'K7Q2', 'not a diagnosis', 'objections']) {
      assert.ok(en.text.includes(word), word);
    }
    assert.deepEqual([zh.template, en.template], ['fellow-rider', 'fellow-rider-en']);
  });

  it('go out in the language of the number', () => {
    assert.equal(wordingFor('8613800000000', both), both.zh);
    assert.equal(wordingFor('85291234567', both), both.zh);
    assert.equal(wordingFor('447700900123', both), both.en);
  });

  it('may be a city’s own words, held to the same rules', () => {
    const text = TEMPLATES.exposure.zh.text.replace('不收费、不索要验证码，', '');
    const own = exposureTemplates({ zh: { version: 7, text } });
    assert.deepEqual([wordings(facts, own).zh.version, wordings(facts, own).en.version], [7, 2]);
    assert.equal(wordings(facts, own).zh.text.includes('验证码'), false);
    const check = (zh: string) => () =>
      checkConfig(
        parseConfig(Config, { ...least, notice: { texts: { zh: { version: 7, text: zh } } } }, 'test'),
        secrets,
      );
    assert.doesNotThrow(check(text));
    assert.throws(check(`${text}患者乘坐M133路`), /notice\.texts, zh-CN: .*“患者”.*“133路”/);
    assert.throws(check(`${text}{plate}`), ConfigError);
  });

  it('can always be written, whichever check code they get', () => {
    const random = seededRandom('check codes');
    for (let n = 0; n < 3_000; n += 1) wordings({ ...facts, checkCode: checkCodeOf(random(32)) });
    for (const checkCode of ['G345', '30PM', '9WWW'])
      assert.throws(() => wordings({ ...facts, checkCode }), RangeError);
  });

  it('never leave when something is said that must not be', () => {
    assert.throws(() => wordings({ ...facts, checkCode: '8:30' }), RangeError);
  });
});

describe('paddedList', () => {
  const random = seededRandom('lists');
  it('is sorted, distinct, and a multiple of a thousand', () => {
    const values = Array.from({ length: 1_001 }, () => Buffer.from(random(8)));
    const list = paddedList([...values, ...values], random);
    assert.equal(list.length, 2_000 * 8);
    const items = Array.from({ length: 2_000 }, (_, i) => list.subarray(i * 8, i * 8 + 8).toString('hex'));
    assert.deepEqual(items, [...new Set(items)].sort());
    for (const value of values) assert.ok(items.includes(value.toString('hex')));
    assert.equal(paddedList([], random).length, 8_000);
  });
});
