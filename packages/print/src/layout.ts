// What a template draws with, and the parts that all templates share.
import type { Canvas } from './canvas.ts';
import type { Faces } from './fonts.ts';
import { BLEED_MM } from './geometry.ts';
import type { Size, Template } from './geometry.ts';
import type { Symbol } from './qr.ts';
import type { Branding, Name, Sticker } from './sticker.ts';
import type { Theme } from './theme.ts';
import { SOFT, WHITE, stripes } from './theme.ts';
import { put } from './typeset.ts';
import type { Words } from './words.ts';

export interface Scene {
  readonly template: Template;
  readonly size: Size;
  readonly canvas: Canvas;
  readonly faces: Faces;
  readonly branding: Branding;
  readonly theme: Theme;
  readonly words: Words;
}

export interface Layout {
  /** What every sticker of a purpose and a kind shows: drawn once for a document. */
  fixed(scene: Scene): void;
  /** What is this sticker's alone. */
  own(scene: Scene, sticker: Sticker, symbol: Symbol): void;
}

/** Colour over the whole width, from above the bleed down to `bottom`, with stripes at its foot for crew codes. */
export function head({ canvas, size, theme }: Scene, bottom: number, stripe: number): void {
  const wide = { x: -BLEED_MM, w: size.widthMm + 2 * BLEED_MM };
  canvas.rect({ ...wide, y: -BLEED_MM, h: bottom + BLEED_MM }, theme.head);
  if (theme.striped) stripes(canvas, { ...wide, y: bottom - stripe, h: stripe });
}

/** Tinted ground from `top` to below the bleed. */
export function ground({ canvas, size, theme }: Scene, top: number): void {
  const h = size.heightMm + BLEED_MM - top;
  canvas.rect({ x: -BLEED_MM, y: top, w: size.widthMm + 2 * BLEED_MM, h }, theme.panel);
}

/** Brackets around the square of a symbol and its quiet zone: where to point the camera. */
export function brackets(canvas: Canvas, x: number, y: number, side: number, colour: string): void {
  const arm = side * 0.1;
  const width = side * 0.014;
  // The strokes lie outside the quiet zone.
  const [left, top, right, bottom] = [x - width / 2, y - width / 2, x + side + width / 2, y + side + width / 2];
  const corners = [
    [left, top, 1, 1],
    [right, top, -1, 1],
    [left, bottom, 1, -1],
    [right, bottom, -1, -1],
  ] as const;
  for (const [cx, cy, sx, sy] of corners) {
    canvas.line(
      [
        [cx, cy + sy * arm],
        [cx, cy],
        [cx + sx * arm, cy],
      ],
      width,
      colour,
    );
  }
}

/** A telephone that looks at a code. `h` is its height. */
export function phoneIcon(canvas: Canvas, x: number, y: number, h: number, colour: string): void {
  const w = h * 0.56;
  canvas.frame({ x, y, w, h }, h * 0.09, h * 0.055, colour);
  canvas.line(
    [
      [x + w * 0.4, y + h * 0.9],
      [x + w * 0.6, y + h * 0.9],
    ],
    h * 0.045,
    colour,
  );
  const cell = w * 0.17;
  const left = x + w * 0.5 - cell * 1.75;
  const top = y + h * 0.22;
  for (const [column, row] of [
    [0, 0],
    [2, 0],
    [0, 2],
  ] as const) {
    canvas.frame(
      { x: left + column * cell, y: top + row * cell, w: cell * 1.5, h: cell * 1.5 },
      cell * 0.2,
      h * 0.04,
      colour,
    );
  }
  canvas.rect({ x: left + cell * 2.1, y: top + cell * 2.1, w: cell * 0.6, h: cell * 0.6 }, colour);
  canvas.rect({ x: left + cell * 2.9, y: top + cell * 2.9, w: cell * 0.6, h: cell * 0.6 }, colour);
}

/** One of the three steps: figure, Chinese word, English word below. `size` is that of the Chinese word. */
export function step(
  scene: Scene,
  index: number,
  word: Name,
  at: { x: number; y: number; width: number; size: number },
): void {
  const { canvas, faces, theme } = scene;
  const { x, y, width, size } = at;
  const radius = size * 0.46;
  canvas.circle(x + radius, y - size * 0.36, radius, theme.accent);
  const figure = { face: faces.bold, size: size * 0.66, colour: WHITE, align: 'centre' } as const;
  canvas.text(String(index + 1), x + radius, y - size * 0.36 + size * 0.66 * 0.366, figure);
  const left = x + radius * 2 + size * 0.32;
  const room = { x: left, width: width - (left - x) };
  put(canvas, faces.bold, word.zh, { ...room, y, size, minSize: size * 0.6, colour: theme.accent });
  const en = size * 0.5;
  put(canvas, faces.regular, word.en, { ...room, y: y + en * 1.35, size: en, minSize: en * 0.6, colour: SOFT });
}
