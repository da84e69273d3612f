// Text into places: fits it and draws its lines.
import type { Canvas } from './canvas.ts';
import type { Face, Faces } from './fonts.ts';
import type { Name } from './sticker.ts';
import { fit } from './text.ts';
import type { Room } from './text.ts';

export interface Spot extends Room {
  /** Left, middle or right end, by `align`. */
  readonly x: number;
  /** Baseline of the first line; with `upward` of the last one. */
  readonly y: number;
  readonly colour: string;
  readonly align?: 'left' | 'centre' | 'right';
  readonly upward?: boolean;
}

/** Line distance in type sizes. */
const leading = 1.24;

/** Draws text; returns the baseline of the last line and its size. */
export function put(
  canvas: Canvas,
  face: Face,
  text: string,
  spot: Spot,
): { readonly y: number; readonly size: number } {
  const { lines, size } = fit(face, text, spot);
  const { x, colour, align = 'left', upward = false } = spot;
  const rise = Math.max(0, lines.length - 1) * size * leading;
  const first = upward ? spot.y - rise : spot.y;
  for (const [index, line] of lines.entries()) {
    canvas.text(line, x, first + index * size * leading, { face, size, colour, align });
  }
  return { y: first + rise, size };
}

export interface Pair {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly zh: number;
  readonly en: number;
  /** Share of the size to which a text may shrink. */
  readonly shrink?: number;
  readonly colour: string;
  readonly soft: string;
  readonly align?: 'left' | 'right';
  readonly bold?: boolean;
}

/** So much of a name must be left after cutting, or it is left out: "Met…" helps nobody. */
const minKept = 0.75;

function isStump(whole: string, shown = ''): boolean {
  return shown.endsWith('…') && shown.length < whole.length * minKept;
}

/** Chinese and English on one baseline: the Chinese as large as it may be, the English in what is left. */
export function putPair(canvas: Canvas, faces: Faces, name: Name, pair: Pair): void {
  const { x, y, width, zh, en, shrink = 0.7, colour, soft, align = 'left' } = pair;
  const first = pair.bold === false ? faces.regular : faces.bold;
  const gap = zh * 0.45;
  const isOne = name.en === '' || name.en === name.zh;
  const room = isOne ? width : width * 0.68;
  const left = fit(first, name.zh, { width: room, size: zh, minSize: zh * shrink });
  const leftText = left.lines[0] ?? '';
  const leftWidth = first.width(leftText) * left.size;
  const rest = leftText === '' ? width : width - leftWidth - gap;
  const right = isOne ? undefined : fit(faces.regular, name.en, { width: rest, size: en, minSize: en * shrink });
  const rightText = leftText !== '' && isStump(name.en, right?.lines[0]) ? '' : (right?.lines[0] ?? '');
  const rightWidth = right === undefined ? 0 : faces.regular.width(rightText) * right.size;
  const total = leftWidth + (rightText === '' || leftText === '' ? 0 : gap) + rightWidth;
  const start = align === 'left' ? x : x - total;
  canvas.text(leftText, start, y, { face: first, size: left.size, colour });
  canvas.text(rightText, start + total - rightWidth, y, { face: faces.regular, size: right?.size ?? en, colour: soft });
}
