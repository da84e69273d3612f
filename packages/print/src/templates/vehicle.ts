// The stickers of buses (90 x 120 mm, by the doors) and taxis (60 x 80 mm, on the headrest). Same order, other measures:
// head, code with the three steps beside it, plate, line, what else a rider may need.
import { drawPlate } from '../plate.ts';
import { drawSymbol } from '../qr.ts';
import { brackets, ground, head, phoneIcon, step } from '../layout.ts';
import type { Layout, Scene } from '../layout.ts';
import { groupedCode, ownerName } from '../sticker.ts';
import type { Name, Sticker } from '../sticker.ts';
import { INK, SOFT, WHITE } from '../theme.ts';
import { put, putPair } from '../typeset.ts';
import { carriageBeside } from '../words.ts';

/** All in mm; `...Y` are baselines unless it is a box. */
interface Measures {
  readonly edge: number;
  readonly head: { readonly bottom: number; readonly stripe: number; readonly cityY: number; readonly city: number };
  readonly title: { readonly y: number; readonly size: number; readonly enY: number; readonly en: number };
  readonly icon: { readonly y: number; readonly h: number };
  readonly code: { readonly x: number; readonly y: number; readonly side: number };
  readonly steps: { readonly x: number; readonly y: number; readonly pitch: number; readonly size: number };
  readonly typed: { readonly y: number; readonly size: number; readonly words: number };
  readonly plate: { readonly y: number; readonly h: number };
  readonly line: { readonly y: number; readonly zh: number; readonly en: number };
  readonly foot: {
    readonly top: number;
    readonly zh: number;
    readonly small: number;
    readonly rows: readonly number[];
  };
  readonly serial: number;
}

/** Room of a serial of 12 characters, in its type sizes. */
const serialRoom = 7.6;

const bus: Measures = {
  edge: 6,
  head: { bottom: 22.8, stripe: 2.4, cityY: 5.2, city: 2.5 },
  title: { y: 14.6, size: 8, enY: 19.1, en: 3.5 },
  icon: { y: 4, h: 14.8 },
  code: { x: 6, y: 25.8, side: 48 },
  steps: { x: 60, y: 35.4, pitch: 14.4, size: 6 },
  typed: { y: 79, size: 4.6, words: 2.5 },
  plate: { y: 81.8, h: 14 },
  line: { y: 100.6, zh: 4, en: 3 },
  foot: { top: 103, zh: 2.9, small: 2.1, rows: [107.2, 110.5, 113.2, 117.4] },
  serial: 1.8,
};

const taxi: Measures = {
  edge: 4,
  head: { bottom: 13, stripe: 1.5, cityY: 2.9, city: 1.7 },
  title: { y: 8.7, size: 5, enY: 11.1, en: 2.1 },
  icon: { y: 2.2, h: 9 },
  code: { x: 3, y: 13.9, side: 37.4 },
  steps: { x: 41.8, y: 22.6, pitch: 10.2, size: 4 },
  typed: { y: 55, size: 3.3, words: 1.9 },
  plate: { y: 56.6, h: 8.7 },
  line: { y: 68.1, zh: 2.5, en: 2 },
  foot: { top: 69.6, zh: 2.1, small: 1.55, rows: [72.4, 74.5, 76.3, 79.1] },
  serial: 1.4,
};

function drawHead(scene: Scene, at: Measures): void {
  const { canvas, faces, branding, theme, words, size } = scene;
  head(scene, at.head.bottom, at.head.stripe);
  const iconW = at.icon.h * 0.56;
  const width = size.widthMm - 2 * at.edge - iconW - at.edge / 2;
  const place = { x: at.edge, width, align: 'left' } as const;
  putPair(canvas, faces, ownerName(branding), {
    ...place,
    y: at.head.cityY,
    zh: at.head.city,
    en: at.head.city * 0.9,
    bold: false,
    colour: WHITE,
    soft: theme.headSoft,
  });
  const { title } = words;
  put(canvas, faces.bold, title.zh, {
    ...place,
    y: at.title.y,
    size: at.title.size,
    minSize: at.title.size / 2,
    colour: WHITE,
  });
  const en = { y: at.title.enY, size: at.title.en, minSize: at.title.en / 2, colour: theme.headSoft };
  put(canvas, faces.regular, title.en, { ...place, ...en });
  phoneIcon(canvas, size.widthMm - at.edge - iconW, at.icon.y, at.icon.h, WHITE);
}

function drawFoot(scene: Scene, at: Measures): void {
  const { canvas, faces, branding, theme, words, size } = scene;
  const { top, zh, small, rows } = at.foot;
  ground(scene, top);
  const width = size.widthMm - 2 * at.edge;
  const [first = 0, second = 0, third = 0, last = 0] = rows;
  const pair = { x: at.edge, width, colour: INK, soft: SOFT };
  putPair(canvas, faces, words.noPhone, {
    ...pair,
    width: width - serialRoom * at.serial,
    y: first,
    zh,
    en: zh * 0.88,
  });
  const quiet = { x: at.edge, width, size: small, minSize: small * 0.75, colour: SOFT };
  put(canvas, faces.regular, words.privacy.zh, { ...quiet, y: second });
  put(canvas, faces.regular, words.privacy.en, { ...quiet, y: third });
  const hotline = `${words.hotline.zh} ${branding.hotline}`;
  const big = zh * 1.15;
  canvas.text(hotline, size.widthMm - at.edge, last, {
    face: faces.bold,
    size: big,
    colour: theme.accent,
    align: 'right',
  });
  const left = width - faces.bold.width(hotline) * big - at.edge / 2;
  const address: Name = { zh: `${words.address.zh} ${branding.host}`, en: '' };
  putPair(canvas, faces, address, { ...pair, y: last, width: left, zh: zh * 0.92, en: small });
}

/** Line on the left, label on the right; a label that only repeats the plate is left out. */
function drawLine(scene: Scene, sticker: Sticker, at: Measures): void {
  const { canvas, faces, theme, size } = scene;
  const { plate, line, label } = sticker;
  const width = size.widthMm - 2 * at.edge;
  const isRepeated = plate === undefined || label.zh === plate || bare(label.zh) === bare(plate);
  const shown = carriageBeside(sticker) ?? (isRepeated ? undefined : label);
  const share = line === undefined || shown === undefined ? width : width / 2 - at.edge / 3;
  const style = { y: at.line.y, width: share, zh: at.line.zh, en: at.line.en, colour: INK, soft: SOFT };
  if (line !== undefined) putPair(canvas, faces, line, { ...style, x: at.edge, colour: theme.accent });
  if (shown !== undefined) {
    const right = line !== undefined;
    putPair(canvas, faces, shown, {
      ...style,
      x: right ? size.widthMm - at.edge : at.edge,
      align: right ? 'right' : 'left',
    });
  }
}

function bare(text: string): string {
  return text.replace(/[\s·]/gu, '');
}

/** Where there is no plate its place shows what the vehicle is called. */
function drawName(scene: Scene, label: Name, at: Measures): void {
  const { canvas, faces, size } = scene;
  const { y, h } = at.plate;
  const spot = { x: size.widthMm / 2, width: size.widthMm - 2 * at.edge, align: 'centre', colour: INK } as const;
  const hasEnglish = label.en !== '' && label.en !== label.zh;
  const zh = h * (hasEnglish ? 0.58 : 0.7);
  const isLong = faces.bold.width(label.zh) * zh * 0.6 > spot.width;
  const sizes = isLong ? { size: h * 0.32, minSize: h * 0.2, lines: 2 } : { size: zh, minSize: zh * 0.6 };
  put(canvas, faces.bold, label.zh, { ...spot, ...sizes, y: y + h * (hasEnglish ? 0.6 : 0.75), upward: true });
  const en = h * 0.27;
  if (hasEnglish)
    put(canvas, faces.regular, label.en, { ...spot, y: y + h * 0.92, size: en, minSize: en * 0.6, colour: SOFT });
}

function own(scene: Scene, sticker: Sticker, symbol: Parameters<Layout['own']>[2], at: Measures): void {
  const { canvas, faces, size, words } = scene;
  drawSymbol(canvas, symbol, at.code);
  const { y, size: typed, words: small } = at.typed;
  const code = groupedCode(sticker.shortCode);
  const tracking = typed * 0.06;
  const codeWidth = canvas.text(code, size.widthMm - at.edge, y, {
    face: faces.bold,
    size: typed,
    colour: INK,
    align: 'right',
    tracking,
  });
  putPair(canvas, faces, words.typed, {
    x: at.edge,
    y,
    width: size.widthMm - 2 * at.edge - codeWidth - at.edge / 2,
    zh: small * 1.08,
    en: small,
    bold: false,
    colour: INK,
    soft: SOFT,
  });
  const box = { x: at.edge, y: at.plate.y, w: size.widthMm - 2 * at.edge, h: at.plate.h };
  if (sticker.plate === undefined) drawName(scene, sticker.label, at);
  else drawPlate(canvas, faces, sticker.plate, box);
  drawLine(scene, sticker, at);
  const serial = {
    face: faces.regular,
    size: at.serial,
    colour: SOFT,
    align: 'right',
    tracking: at.serial * 0.02,
  } as const;
  canvas.text(sticker.serial, size.widthMm - at.edge, at.foot.rows[0] ?? 0, serial);
}

function vehicle(at: Measures): Layout {
  return {
    fixed(scene) {
      drawHead(scene, at);
      drawFoot(scene, at);
      brackets(scene.canvas, at.code.x, at.code.y, at.code.side, scene.theme.accent);
      const { x, y, pitch, size } = at.steps;
      const width = scene.size.widthMm - at.edge / 2 - x;
      for (const [index, word] of scene.words.steps.entries()) {
        step(scene, index, word, { x, y: y + index * pitch, width, size });
      }
    },
    own: (scene, sticker, symbol) => own(scene, sticker, symbol, at),
  };
}

export const busLayout = vehicle(bus);
export const taxiLayout = vehicle(taxi);
