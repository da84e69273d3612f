// The poster of a station, a pier or a hall. Drawn for A4; A5 is the same, smaller.
import { templates } from '../geometry.ts';
import type { Size } from '../geometry.ts';
import { drawPlate } from '../plate.ts';
import { drawSymbol } from '../qr.ts';
import { brackets, ground, head, phoneIcon, step } from '../layout.ts';
import type { Layout, Scene } from '../layout.ts';
import { groupedCode, ownerName } from '../sticker.ts';
import type { Name, Sticker } from '../sticker.ts';
import { INK, RULE, SOFT, WHITE } from '../theme.ts';
import { put, putPair } from '../typeset.ts';
import { carriageBeside } from '../words.ts';

const a4: Size = templates['station-a4'];
const edge = 15;
const inner = a4.widthMm - 2 * edge;
const code = { x: edge, y: 95, side: 119 };
const footTop = 234;

function drawHead(scene: Scene): void {
  const { canvas, faces, branding, theme, words } = scene;
  head(scene, 58, 6.4);
  const icon = { h: 37, x: a4.widthMm - edge - 37 * 0.56 };
  const width = icon.x - edge - 8;
  putPair(canvas, faces, ownerName(branding), {
    x: edge,
    y: 14,
    width,
    zh: 5.4,
    en: 4.6,
    bold: false,
    colour: WHITE,
    soft: theme.headSoft,
  });
  put(canvas, faces.bold, words.title.zh, { x: edge, y: 37, width, size: 21.5, minSize: 10, colour: WHITE });
  put(canvas, faces.regular, words.title.en, {
    x: edge,
    y: 48.5,
    width,
    size: 8.6,
    minSize: 5,
    colour: theme.headSoft,
  });
  phoneIcon(canvas, icon.x, 10, icon.h, WHITE);
}

function drawFoot(scene: Scene): void {
  const { canvas, faces, branding, theme, words } = scene;
  ground(scene, footTop);
  const pair = { x: edge, width: inner, colour: INK, soft: SOFT };
  putPair(canvas, faces, words.noPhone, { ...pair, y: 246.5, zh: 7.6, en: 6.4 });
  const quiet = { x: edge, width: inner, colour: SOFT };
  put(canvas, faces.regular, words.privacy.zh, { ...quiet, y: 256, size: 5, minSize: 3.6 });
  put(canvas, faces.regular, words.privacy.en, { ...quiet, y: 262.2, size: 4.2, minSize: 3 });
  canvas.rect({ x: edge, y: 267.2, w: inner, h: 0.35 }, RULE);
  const hotline = { face: faces.bold, size: 11, colour: theme.accent, align: 'right' } as const;
  const right = a4.widthMm - edge;
  const used = canvas.text(branding.hotline, right, 280.4, hotline);
  const beside = { face: faces.regular, size: 3.8, colour: SOFT, align: 'right' } as const;
  const named = faces.regular.width(words.hotline.zh) * 3.8;
  canvas.text(words.hotline.zh, right - used - 2.5, 276, beside);
  canvas.text(words.hotline.en, right - used - 2.5, 280.4, { ...beside, size: 3.2 });
  const width = inner - used - named - 16;
  put(canvas, faces.bold, `${words.address.zh} ${branding.host}`, {
    x: edge,
    y: 277,
    width,
    size: 5.6,
    minSize: 3.6,
    colour: INK,
  });
  put(canvas, faces.regular, words.address.en, { x: edge, y: 283, width, size: 4, minSize: 3, colour: SOFT });
}

function drawFixed(scene: Scene): void {
  const { canvas, faces, theme, words } = scene;
  drawHead(scene);
  drawFoot(scene);
  brackets(canvas, code.x, code.y, code.side, theme.accent);
  const x = 144;
  const width = a4.widthMm - 10 - x;
  for (const [index, word] of words.steps.entries())
    step(scene, index, word, { x, y: 113 + index * 29, width, size: 14 });
  const spot = { x, width: a4.widthMm - edge - x };
  const first = put(canvas, faces.regular, words.first.zh, {
    ...spot,
    y: 196,
    size: 5.4,
    minSize: 3.4,
    lines: 3,
    colour: INK,
  });
  const en = { size: 4.2, minSize: 2.8, lines: 3, colour: SOFT };
  put(canvas, faces.regular, words.first.en, { ...spot, y: first.y + 6.6, ...en });
}

/** Name of the place over the width; a vehicle's plate beside it where the poster stands for one. */
function drawPlace(scene: Scene, sticker: Sticker): void {
  const { canvas, faces, theme } = scene;
  const { plate, label, line } = sticker;
  const hasPlate = plate !== undefined;
  if (hasPlate) drawPlate(canvas, faces, plate, { x: a4.widthMm - edge - 72, y: 65, w: 72, h: 20 });
  const width = hasPlate ? inner - 80 : inner;
  const carriage = carriageBeside(sticker);
  const name = carriage === undefined ? label : both(label, carriage);
  put(canvas, faces.bold, name.zh, { x: edge, y: 76.5, width, size: 14.5, minSize: 6.5, colour: INK });
  const below: readonly Name[] = [...(name.en === name.zh ? [] : [name]), ...(line === undefined ? [] : [line])];
  const [first, second] = below;
  if (first !== undefined) {
    const room = second === undefined ? width : width * 0.55;
    put(canvas, faces.regular, first === line ? `${line.zh}  ${line.en}` : first.en, {
      x: edge,
      y: 87,
      width: room,
      size: 6.6,
      minSize: 4,
      colour: SOFT,
    });
    if (second !== undefined) {
      const at = { x: edge + width, y: 87, width: width * 0.42, align: 'right', colour: theme.accent } as const;
      putPair(canvas, faces, second, { ...at, zh: 6.6, en: 5, soft: SOFT });
    }
  }
}

function both(a: Name, b: Name): Name {
  return { zh: `${a.zh} ${b.zh}`, en: `${a.en} ${b.en}` };
}

function drawOwn(scene: Scene, sticker: Sticker, symbol: Parameters<Layout['own']>[2], scale: number): void {
  const { canvas, faces, words } = scene;
  drawPlace(scene, sticker);
  drawSymbol(canvas, symbol, code, scale);
  const typed = { face: faces.bold, size: 10, colour: INK, align: 'right', tracking: 0.6 } as const;
  const y = 227;
  const label = { x: edge, y, zh: 5.4, en: 4.8, bold: false, colour: INK, soft: SOFT };
  const typedWidth = canvas.text(groupedCode(sticker.shortCode), a4.widthMm - edge, y, typed);
  putPair(canvas, faces, words.typed, { ...label, width: inner - typedWidth - 6 });
  const serial = { face: faces.regular, size: 3, colour: SOFT, align: 'right', tracking: 0.05 } as const;
  canvas.text(sticker.serial, a4.widthMm - edge, 289.5, serial);
}

function poster(size: Size): Layout {
  const scale = size.widthMm / a4.widthMm;
  const dy = (size.heightMm - a4.heightMm * scale) / 2;
  const inA4 = (scene: Scene): Scene => ({ ...scene, size: a4 });
  return {
    fixed: (scene) => scene.canvas.scaled(scale, 0, dy, () => drawFixed(inA4(scene))),
    own: (scene, sticker, symbol) =>
      scene.canvas.scaled(scale, 0, dy, () => drawOwn(inA4(scene), sticker, symbol, scale)),
  };
}

export const a4Layout = poster(templates['station-a4']);
export const a5Layout = poster(templates['station-a5']);
