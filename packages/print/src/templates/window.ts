// The square of a carriage window, 50 x 50 mm: the code as large as it goes, the carriage's number on a coloured side.
import { BLEED_MM } from '../geometry.ts';
import { plateText } from '../plate.ts';
import { drawSymbol } from '../qr.ts';
import type { Layout, Scene } from '../layout.ts';
import { groupedCode } from '../sticker.ts';
import type { Name, Sticker } from '../sticker.ts';
import { INK, SOFT, stripes, WHITE } from '../theme.ts';
import { put, putPair } from '../typeset.ts';
import { carriageName } from '../words.ts';

/** Left edge of the coloured side. */
const sideX = 38.6;
const code = { x: 0.6, y: 0.5, side: 37.5 };
const left = 3.4;
const width = sideX - left - 1.6;

function drawSide({ canvas, faces, theme, words, size }: Scene): void {
  const side = { x: sideX, y: -BLEED_MM, w: size.widthMm - sideX + BLEED_MM, h: size.heightMm + 2 * BLEED_MM };
  canvas.rect(side, theme.head);
  if (theme.striped) stripes(canvas, { ...side, y: size.heightMm - 1.8, h: 1.8 + BLEED_MM });
  const middle = (sideX + size.widthMm) / 2;
  const characters = Array.from(words.title.zh);
  const pitch = Math.min(5.4, 22 / characters.length);
  for (const [index, character] of characters.entries()) {
    const style = { face: faces.bold, size: pitch * 0.88, colour: WHITE, align: 'centre' } as const;
    canvas.text(character, middle, 6.6 + index * pitch, style);
  }
  const spot = { x: middle, y: 31, width: 9.6, align: 'centre', colour: theme.headSoft } as const;
  put(canvas, faces.regular, words.title.en, { ...spot, size: 1.9, minSize: 1.4, lines: 3, upward: true });
}

export const windowLayout: Layout = {
  fixed(scene) {
    const { canvas, faces, branding, theme, words } = scene;
    drawSide(scene);
    const address = `${words.address.zh} ${branding.host}`;
    put(canvas, faces.regular, address, { x: left, y: 45.2, width, size: 1.75, minSize: 1.3, colour: INK });
    const hotline = branding.hotline;
    canvas.text(hotline, left + width, 47.7, { face: faces.bold, size: 1.9, colour: theme.accent, align: 'right' });
    const rest = width - faces.bold.width(hotline) * 1.9 - 1;
    put(canvas, faces.regular, words.noPhone.zh, {
      x: left,
      y: 47.7,
      width: rest,
      size: 1.75,
      minSize: 1.3,
      colour: SOFT,
    });
  },
  own(scene, sticker, symbol) {
    const { canvas, faces, size } = scene;
    drawSymbol(canvas, symbol, code);
    const typed = { face: faces.bold, size: 3, colour: INK, align: 'right', tracking: 0.16 } as const;
    const typedWidth = canvas.text(groupedCode(sticker.shortCode), left + width, 42, typed);
    const shown = shownName(sticker);
    const style = {
      x: left,
      y: 42,
      width: width - typedWidth - 1.2,
      zh: 3,
      en: 2,
      shrink: 0.5,
      colour: INK,
      soft: SOFT,
    };
    putPair(canvas, faces, shown, style);
    const middle = (sideX + size.widthMm) / 2;
    drawNumber(scene, sticker, middle);
    const serial = { face: faces.regular, size: 1.4, colour: scene.theme.headSoft } as const;
    canvas.text(sticker.serial, middle, 47.4, { ...serial, align: 'centre', tracking: 0.03 });
  },
};

/** The side already says which carriage it is. */
function shownName({ plate, carriageNo, line, label }: Sticker): Name {
  if (plate !== undefined) return { zh: plateText(plate), en: '' };
  return carriageNo !== undefined && line !== undefined ? line : label;
}

/** The carriage's place in the train; without one, the line. */
function drawNumber({ canvas, faces, theme }: Scene, sticker: Sticker, middle: number): void {
  const spot = { x: middle, width: 9.6, align: 'centre', colour: WHITE } as const;
  const { carriageNo, line } = sticker;
  if (carriageNo !== undefined) {
    const { zh, en } = carriageName(carriageNo);
    put(canvas, faces.bold, zh, { ...spot, y: 40.4, size: 6.4, minSize: 3 });
    put(canvas, faces.regular, en, { ...spot, y: 43.8, size: 2.4, minSize: 1.6, colour: theme.headSoft });
  } else if (line !== undefined) {
    put(canvas, faces.bold, line.zh, { ...spot, y: 40.4, size: 3.4, minSize: 1.8, lines: 2, upward: true });
    if (line.en !== line.zh) {
      put(canvas, faces.regular, line.en, {
        ...spot,
        y: 43,
        size: 1.9,
        minSize: 1.4,
        lines: 1,
        colour: theme.headSoft,
      });
    }
  }
}
