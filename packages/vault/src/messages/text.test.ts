import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '@tongche/runtime';
import { paddedList } from './lists.ts';
import { coarseTime, messageText, partsOf, textFor } from './text.ts';

const zone = 'Asia/Shanghai';

describe('coarseTime', () => {
  it('names the day and a part of it in local time', () => {
    const at = (hour: number) => coarseTime(Date.UTC(2026, 1, 17, 16 + hour), zone);
    assert.deepEqual(at(0), { zh: '2月18日凌晨', en: 'the early morning of 18 February' });
    assert.deepEqual(at(9), { zh: '2月18日上午', en: 'the morning of 18 February' });
    assert.deepEqual(at(13), { zh: '2月18日中午', en: 'the afternoon of 18 February' });
    assert.deepEqual(at(15), { zh: '2月18日下午', en: 'the afternoon of 18 February' });
    assert.deepEqual(at(23), { zh: '2月18日晚上', en: 'the evening of 18 February' });
  });
});

describe('messageText', () => {
  const text = messageText({
    authority: { zh: '海景市卫健委', en: 'Haijing Health' },
    phone: '12345',
    rideMs: Date.UTC(2026, 1, 18, 1),
    zone,
    link: `https://registrar.example/n/${'A'.repeat(22)}#${'B'.repeat(22)}`,
    checkCode: 'K7Q2',
  });

  it('says that it is genuine, free, no diagnosis, and how to object', () => {
    for (const word of ['12345', 'K7Q2', '不是诊断', '异议', '不索要验证码']) assert.ok(text.zh.includes(word), word);
    for (const word of ['12345', 'K7Q2', 'not a diagnosis', 'objections']) assert.ok(text.en.includes(word), word);
    assert.ok(text.zh.length <= 670 && text.en.length <= 670);
    assert.equal(partsOf(text.zh), Math.ceil(text.zh.length / 67));
  });

  it('goes out in the language of the number', () => {
    assert.equal(textFor('8613800000000', text), text.zh);
    assert.equal(textFor('85291234567', text), text.zh);
    assert.equal(textFor('447700900123', text), text.en);
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
