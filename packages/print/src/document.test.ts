// What a printer and a reader of the PDF rely on: boxes, embedded fonts, text that can be copied, colours that mean things.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLEED_MM, MARGIN_MM, POINTS_PER_MM, templates } from './geometry.ts';
import type { Template } from './geometry.ts';
import { branding, printed, readPages, sticker } from './pdf-test-kit.ts';
import { colourFault } from './theme.ts';

const names = Object.keys(templates) as Template[];
/** GA 36-2018: provinces, then the words at the end of special plates. */
const provinces = '京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新';
const special = '港澳学警挂领使电';
/** Place names that fonts with GB 2312 alone lack. */
const rare = '塱岽鲘㙟';

test('sheets are cut to the size of their name, with 3 mm of bleed', async () => {
  for (const template of names) {
    const { widthMm, heightMm } = templates[template];
    const [page] = readPages(await printed({ template, stickers: [sticker] }));
    assert.ok(page !== undefined);
    const mm = (values: readonly number[]) => values.map((value) => Math.round((value / POINTS_PER_MM) * 100) / 100);
    const [m, b] = [MARGIN_MM, BLEED_MM];
    assert.deepEqual(mm(page.trimBox), [m, m, m + widthMm, m + heightMm]);
    assert.deepEqual(mm(page.bleedBox), [m - b, m - b, m + widthMm + b, m + heightMm + b]);
    assert.deepEqual(mm(page.mediaBox), [0, 0, widthMm + 2 * m, heightMm + 2 * m]);
  }
});

test('plates of every province can be copied from the PDF', async () => {
  const plates = [
    ...Array.from(provinces, (one) => `${one}A·12345D`),
    ...Array.from(special, (one) => `粤Z·123C${one}`),
  ];
  const pages = readPages(
    await printed({ template: 'bus-90x120', stickers: plates.map((plate) => ({ ...sticker, plate })) }),
  );
  assert.deepEqual(
    pages.map(({ texts }) => texts.toSorted((a, b) => b.size - a.size)[0]?.text),
    plates,
  );
});

test('rare characters of place names are in the font and copied right', async () => {
  const label = { zh: `${rare}站`, en: 'Rare' };
  const [page] = readPages(
    await printed({ template: 'station-a4', stickers: [{ ...sticker, plate: undefined, label }] }),
  );
  assert.ok(page?.texts.some(({ text }) => text === label.zh));
});

test('a stored plate without its dot is printed with it', async () => {
  const [page] = readPages(await printed({ template: 'taxi-60x80', stickers: [{ ...sticker, plate: '新A12345' }] }));
  assert.ok(page?.texts.some(({ text }) => text === '新A·12345'));
});

test('a sticker says what it has to say', async () => {
  for (const template of names) {
    const [page] = readPages(await printed({ template, stickers: [sticker] }));
    const all = (page?.texts ?? []).map(({ text }) => text).join('|');
    for (const part of [
      '粤B·12345D',
      'K7M 2Q9X',
      sticker.serial,
      branding.host,
      '12328',
      '代登记',
      '扫码后请确认网址',
    ]) {
      assert.ok(all.includes(part), `${template} lacks ${part}: ${all}`);
    }
    assert.ok(!all.includes('\u0000'), 'a glyph without text');
  }
});

test('texts stay on the sticker and do not lie on each other', async () => {
  const long = {
    ...sticker,
    label: {
      zh: '海珠湾旅游观光渡轮公司第二十七号双体客船',
      en: 'Pearl of the River, twin-hull sightseeing ferry no. 27',
    },
    line: { zh: '天字码头—广州塔珠江夜游专线', en: 'Tianzi Pier to Canton Tower Night Cruise' },
    carriageNo: 16,
  };
  const nameless = { ...long, plate: undefined, carriageNo: undefined, line: undefined };
  for (const template of names) {
    const { widthMm } = templates[template];
    const pages = readPages(
      await printed({
        template,
        stickers: [sticker, long, nameless, { ...nameless, line: long.line }, { ...long, purpose: 'crew' }],
      }),
    );
    for (const { texts } of pages) {
      for (const one of texts) {
        assert.ok(one.left > 0.9 && one.right < widthMm - 0.9, `${template}: "${one.text}" ${one.left}-${one.right}`);
        for (const other of texts) {
          if (one === other) continue;
          // Ascenders and descenders may share a little height.
          const deep = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
          const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
          const onEach = wide > 0.05 && deep > 0.3 * Math.min(one.size, other.size);
          assert.ok(!onEach, `${template}: "${one.text}" lies on "${other.text}"`);
        }
      }
    }
  }
});

test('crew codes wear other colours and words, and nothing is green', async () => {
  for (const template of names) {
    const [passenger, crew] = readPages(
      await printed({ template, stickers: [sticker, { ...sticker, purpose: 'crew' }] }),
    );
    assert.ok(passenger !== undefined && passenger.colours.has(branding.colour));
    assert.ok(crew !== undefined && !crew.colours.has(branding.colour) && crew.colours.has('#ffb300'));
    assert.ok(crew.texts.some(({ text }) => text.startsWith('司')));
    for (const colour of [...passenger.colours, ...crew.colours]) {
      assert.ok(!colourFault(colour)?.includes('green'), `${template} paints ${colour}`);
    }
  }
});

test('greens, pale colours and texts that are no colour are refused', async () => {
  for (const colour of ['#08703d', '#2e9e5b', '#9be15d', '#ffd54f', 'blue', '#12345']) {
    assert.ok(colourFault(colour) !== undefined, colour);
    const work = { template: 'bus-90x120', stickers: [sticker], branding: { ...branding, colour } } as const;
    await assert.rejects(printed(work), RangeError);
  }
  for (const colour of ['#0b57d0', '#b3261e', '#174ea6', '#14181c', '#6a1b9a']) {
    assert.equal(colourFault(colour), undefined, colour);
  }
});

test('each font is embedded once for all pages, as a subset', async () => {
  const few = await printed({ template: 'bus-90x120', stickers: [sticker] });
  const many = await printed({ template: 'bus-90x120', stickers: Array.from({ length: 50 }, () => sticker) });
  for (const pdf of [few, many]) assert.equal(pdf.toString('latin1').match(/\/FontFile3 /g)?.length, 2);
  assert.ok(few.length < 400_000, `${few.length} bytes`);
  assert.ok((many.length - few.length) / 49 < 4_000, 'a further page costs more than 4 KB');
});

test('a plate with a character that cannot be printed is refused, a name loses it', async () => {
  const bus = { template: 'bus-90x120' } as const;
  await assert.rejects(printed({ ...bus, stickers: [{ ...sticker, plate: '粤B·1234ئ' }] }), RangeError);
  const label = { zh: '快ئ车', en: 'Express' };
  const [page] = readPages(await printed({ ...bus, stickers: [{ ...sticker, label }] }));
  assert.ok(page?.texts.some(({ text }) => text === '快车'));
});

test('an address too long for a small code is refused', async () => {
  const url = `https://${'a'.repeat(130)}.cn/r/AAECAwQFBgc`;
  await assert.rejects(printed({ template: 'bus-90x120', stickers: [{ ...sticker, url }] }), RangeError);
});
