// A plate that looks like a plate: white, dark double frame. Its characters are one run of text, so that
// copying from the PDF gives the plate.
import type { Canvas } from './canvas.ts';
import type { Faces } from './fonts.ts';
import type { Box } from './geometry.ts';
import { INK, WHITE } from './theme.ts';

/** Stored plates may lack the dot between office and serial. */
export function plateText(plate: string): string {
  return /^\p{Script=Han}[A-Z][0-9A-Z]/u.test(plate) ? `${plate.slice(0, 2)}·${plate.slice(2)}` : plate;
}

/** Height of capitals and digits of the bold face, in type sizes. */
const capHeight = 0.733;
/** Characters may fill this much of the plate's width. */
const fill = 0.88;

/** Throws RangeError for a character the font lacks: a plate is never shortened. */
export function drawPlate(canvas: Canvas, faces: Faces, plate: string, box: Box): void {
  const text = plateText(plate);
  const face = faces.bold;
  for (const character of text) {
    if (character !== ' ' && !face.has(character)) throw new RangeError('a plate has a character the font lacks');
  }
  const { x, y, w, h } = box;
  const edge = h * 0.055;
  canvas.round(box, h * 0.14, INK);
  canvas.round({ x: x + edge, y: y + edge, w: w - 2 * edge, h: h - 2 * edge }, h * 0.1, WHITE);
  const inner = edge * 1.75;
  canvas.frame({ x: x + inner, y: y + inner, w: w - 2 * inner, h: h - 2 * inner }, h * 0.08, h * 0.012, INK);
  const wanted = h * 0.74;
  const tracking = 0.035;
  const em = face.width(text) + tracking * (text.length - 1);
  const size = Math.min(wanted, (w * fill) / em);
  const baseline = y + h * 0.525 + (size * capHeight) / 2;
  canvas.text(text, x + w / 2, baseline, { face, size, colour: INK, align: 'centre', tracking: tracking * size });
}
