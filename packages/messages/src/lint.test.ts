// The linter: the product's own texts pass, texts like those that once went out wrong do not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assert as hold, property, string } from 'fast-check';
import {
  fill,
  gapsOf,
  lint,
  lintProviderTemplate,
  lintWechatFields,
  lintQuietHours,
  lintText,
  partsOf,
  TEMPLATES,
  TEMPLATES_BY_KEY,
} from './index.ts';
import type { Rule, Template } from './index.ts';

const exposure = TEMPLATES.exposure.zh;

function rulesOf(template: Template): readonly Rule[] {
  return lint(template).map(({ rule }) => rule);
}
/** The exposure text with something said before its end. */
function saying(words: string, base: Template = exposure): readonly Rule[] {
  return rulesOf({ ...base, text: `${base.text}${words}` });
}

const values = {
  authority: '海京市卫健委',
  month: '11',
  day: '18',
  part: '上午',
  link: 'https://registrar.example/n/AAAA#BBBB',
  check: 'K7Q2',
  hotline: '0755-83456789',
};

describe('the texts of the product', () => {
  for (const template of TEMPLATES_BY_KEY.values()) {
    it(`${template.key} has nothing to mend`, () => {
      assert.deepEqual(lint(template), []);
      assert.deepEqual(gapsOf(template.text).toSorted(), Object.keys(template.gaps).toSorted());
    });
  }

  it('says what is filled in, and nothing is lost', () => {
    const wording = fill(exposure, values);
    assert.equal(wording.template, 'fellow-rider');
    assert.deepEqual(wording.values, values);
    assert.ok(wording.text.startsWith('【海京市卫健委】您于11月18日上午乘坐'));
    assert.equal(/[{}]/.test(wording.text), false);
    assert.deepEqual(lintText(wording.text, [values.hotline]), []);
  });
});

describe('what must not be said', () => {
  const refused: readonly (readonly [string, Rule])[] = [
    ['该患者住在和平路', 'case-identity'],
    ['张某与您同车', 'case-identity'],
    ['男，45岁', 'case-identity'],
    ['确诊', 'case-identity'],
    ['The patient is Smith', 'case-identity'],
    ['case no. 12', 'case-identity'],
    ['车牌粤B·12345D', 'vehicle'],
    ['鄂H1B193', 'vehicle'],
    ['M133路', 'vehicle'],
    ['3号车厢', 'vehicle'],
    ['左侧第3排靠窗', 'vehicle'],
    ['on line 4', 'vehicle'],
    ['10:24上车', 'clock-time'],
    ['8点20分', 'clock-time'],
    ['at 8 am', 'clock-time'],
    ['１０：２４', 'clock-time'],
    ['确 诊', 'case-identity'],
    ['阳\u200B性', 'case-identity'],
    ['陽性', 'case-identity'],
    ['乘坐二十七路公交', 'vehicle'],
    ['三号线', 'vehicle'],
    ['五号车厢', 'vehicle'],
    ['下午三点', 'clock-time'],
    ['八点半', 'clock-time'],
    ['十点二十分', 'clock-time'],
    ['联系13900000000', 'personal-number'],
    ['440300 19900307 001X', 'personal-number'],
    ['请访问 www.other.cn', 'link-in-text'],
    ['否则后果自负', 'threat'],
    ['or else you will be punished', 'threat'],
  ];
  for (const [words, rule] of refused) {
    it(`"${words}" breaks ${rule}`, () => assert.ok(saying(words).includes(rule), saying(words).join()));
  }

  it('a filled gap is watched as well', () => {
    const text = fill(exposure, values).text.replace('上午', '粤B12345D');
    assert.deepEqual(
      lintText(text, [values.hotline]).map(({ rule }) => rule),
      ['vehicle'],
    );
    assert.deepEqual(
      lintText(fill(exposure, values).text, []).map(({ rule }) => rule),
      ['personal-number'],
    );
  });

  it('words that only look like it are let through', () => {
    const chinese = [
      '请在24小时内',
      '某些情况',
      '有时间请',
      '2 天内',
      '第 1 条',
      '一路平安',
      '请做到以下三点',
      '一点也不',
    ];
    for (const words of [...chinese, 'within 2 days', 'the bus']) {
      assert.deepEqual(saying(words), [], words);
    }
  });
});

describe('who sends it', () => {
  it('stands first, with a number and a check code', () => {
    for (const gap of ['{authority}', '{hotline}', '{check}']) {
      const text = exposure.text.replace(gap, '');
      assert.ok(rulesOf({ ...exposure, text }).includes('sender-unverifiable'), gap);
    }
    const late = { ...exposure, text: `您好！${exposure.text}` };
    assert.ok(rulesOf(late).includes('sender-unverifiable'));
    const code = TEMPLATES['one-time-code'].zh;
    assert.ok(rulesOf({ ...code, text: code.text.replace('【{authority}】', '') }).includes('sender-unverifiable'));
  });

  it('says that it is no diagnosis, and how to object', () => {
    assert.ok(rulesOf({ ...exposure, text: exposure.text.replace('不是诊断', '') }).includes('no-diagnosis-word'));
    assert.ok(rulesOf({ ...exposure, text: exposure.text.replace('及异议', '') }).includes('no-objection'));
  });
});

/** No check code, and not a piece of the refusal's own words. */
function isUnfit(value: string): boolean {
  return !/^[0-9A-Z·]{4}$/.test(value) && !'"fellow-rider" needs a fitting value for "check"'.includes(value);
}

describe('gaps', () => {
  it('each has a kind, and a value that fits it', () => {
    assert.deepEqual(rulesOf({ ...exposure, text: `${exposure.text}{plate}` }), ['unknown-gap']);
    assert.throws(() => fill(exposure, { ...values, plate: '粤B12345' }), RangeError);
    assert.throws(() => fill(exposure, { ...values, month: '13' }), /"month"/);
    assert.throws(() => fill(exposure, { ...values, part: '08:12' }), RangeError);
    const { hotline: _left, ...fewer } = values;
    assert.throws(() => fill(exposure, fewer), /"hotline"/);
  });

  it('a refusal never repeats the value', () => {
    hold(
      property(string({ minLength: 3 }).filter(isUnfit), (value) => {
        assert.throws(
          () => fill(exposure, { ...values, check: value }),
          (error: unknown) => error instanceof RangeError && !error.message.includes(value),
        );
      }),
    );
  });
});

describe('quiet hours', () => {
  it('cover the night', () => {
    assert.deepEqual(lintQuietHours({ fromHour: 22, toHour: 8 }), []);
    assert.deepEqual(lintQuietHours({ fromHour: 20, toHour: 9 }), []);
    for (const [fromHour, toHour] of [
      [23, 8],
      [22, 7],
      [0, 8],
      [8, 22],
      [0, 0],
    ] as const) {
      assert.equal(lintQuietHours({ fromHour, toHour })[0]?.rule, 'quiet-hours', `${fromHour}-${toHour}`);
    }
  });
});

describe('providers', () => {
  const approved =
    '您于{month}月{day}日{part}乘坐的公共交通工具上，后经核实有一名需要关注的乘客。本通知不是诊断。核对码{check}，可拨打12345核实。';
  function check(provider: 'tencent' | 'aliyun', text: string, template = exposure): readonly Rule[] {
    return lintProviderTemplate(provider, text, template).map(({ rule }) => rule);
  }

  it('take a text whose variables are short and apart', () => {
    assert.deepEqual(check('tencent', approved), []);
    assert.deepEqual(check('aliyun', approved), []);
    assert.deepEqual(check('tencent', '验证码{code}，{minutes}分钟内有效。', TEMPLATES['one-time-code'].zh), []);
  });

  it('say no more than a text of ours may', () => {
    assert.deepEqual(check('tencent', `${approved}患者乘坐27路，10:24`), ['case-identity', 'vehicle', 'clock-time']);
    assert.deepEqual(check('aliyun', `${approved}可拨打0755-83456789，详情见 https://ride.example.cn/my`), []);
  });

  it('refuse links, touching and foreign variables, brackets, and long values', () => {
    assert.deepEqual(check('tencent', `${approved}{link}`), ['provider-link']);
    assert.deepEqual(check('aliyun', '于{month}{day}日'), ['provider-gaps-touch']);
    assert.deepEqual(check('aliyun', '于{month}月，{month}月'), ['provider-gap-twice']);
    assert.deepEqual(check('tencent', '于{month}月，{month}月'), []);
    assert.deepEqual(check('tencent', '{check}'), ['provider-only-gaps']);
    assert.deepEqual(check('tencent', '拨打{hotline}'), ['provider-gap-long']);
    assert.deepEqual(check('aliyun', '拨打{hotline}'), []);
    assert.deepEqual(check('aliyun', '【卫健委】{check}码'), ['provider-brackets']);
    assert.deepEqual(check('aliyun', `${'好'.repeat(500)}{check}`), ['provider-length']);
    assert.deepEqual(check('aliyun', '座号{plate}号'), ['provider-unknown-gap']);
    assert.deepEqual(check('aliyun', '请输入{code}，{minutes}分钟', TEMPLATES['one-time-code'].zh), [
      'provider-code-word',
    ]);
  });
});

describe('WeChat', () => {
  const check = (fields: Readonly<Record<string, string>>) =>
    lintWechatFields(fields, exposure).map(({ rule, words }) => [rule, words]);

  it('takes short fields of its own kinds', () => {
    assert.deepEqual(check({ thing1: '{month}月{day}日{part}乘车提醒', character_string2: '{check}' }), []);
    assert.deepEqual(check({ thing1: '{month}月{day}日{part}乘坐的公共交通工具上有人需要关注' }), [
      ['provider-gap-long', 'thing1'],
    ]);
    assert.deepEqual(check({ thing1: '27路乘车提醒' }), [['vehicle', '27路']]);
    assert.deepEqual(check({ text1: '好' }), [['provider-unknown-field', 'text1']]);
    assert.deepEqual(check({ thing1: '{plate}' }), [['provider-unknown-gap', 'plate']]);
    assert.deepEqual(check({ thing1: '{link}' }), [['provider-link', 'link']]);
  });
});

describe('parts', () => {
  it('follow the alphabet', () => {
    assert.equal(partsOf('a'.repeat(160)), 1);
    assert.equal(partsOf('a'.repeat(161)), 2);
    assert.equal(partsOf('€'.repeat(80)), 1);
    assert.equal(partsOf('€'.repeat(81)), 2);
    assert.equal(partsOf('车'.repeat(70)), 1);
    assert.equal(partsOf('车'.repeat(71)), 2);
    assert.equal(partsOf('车'.repeat(135)), 3);
  });

  it('never cut a pair', () => {
    // 66 characters and a pair: the pair goes into the second part.
    assert.equal(partsOf(`${'车'.repeat(66)}😷${'车'.repeat(66)}`), 3);
  });
});
