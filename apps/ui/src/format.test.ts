// What people read: times in the authority's zone, plates with their dot, the reader's language.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateText, dayText, nameText, plateText, timeText } from './format.ts';
import { chooseLanguage, translate } from './i18n.ts';

const zone = 'Asia/Shanghai';
const friday = Date.UTC(2026, 10, 20, 0, 12, 33);

test('times and days are of the authority, not of the phone', () => {
  assert.equal(timeText(friday, zone), '08:12');
  assert.equal(timeText(friday, zone, true), '08:12:33');
  assert.equal(dateText(friday, 'zh-CN', zone), '11月20日 星期五');
  assert.equal(dateText(friday, 'en', zone), 'Friday 20 Nov');
  assert.equal(dayText(Date.UTC(2026, 10, 20, 16, 30), 'zh-CN', zone), '11月21日');
  assert.equal(timeText(Date.UTC(2026, 10, 20, 16, 0), zone), '00:00');
});

test('plates get their dot once, other labels stay', () => {
  assert.equal(plateText('粤B12345D'), '粤B·12345D');
  assert.equal(plateText('粤B·12345D'), '粤B·12345D');
  assert.equal(plateText('0512-3'), '0512-3');
});

test('names and languages fall back instead of vanishing', () => {
  assert.equal(nameText({ zh: '布吉', en: '' }, 'en'), '布吉');
  assert.equal(nameText({ zh: '布吉', en: 'Buji' }, 'ja'), 'Buji');
  assert.equal(chooseLanguage(['zh-CN', 'en'], ['zh-TW', 'en']), 'zh-CN');
  assert.equal(chooseLanguage(['zh-CN', 'en'], ['en-GB']), 'en');
  assert.equal(chooseLanguage(['zh-CN', 'en'], ['fr']), 'zh-CN');
  assert.equal(translate({ a: '{n} 人 {x}' }, 'a', { n: 3 }), '3 人 {x}');
  assert.equal(translate({}, 'gone'), 'gone');
});
