// Drawing in millimetres with y downwards: collects PDF operators and the fonts they use. What every page of a document
// shows is drawn once and used by name (a form XObject).
import type { Box } from './geometry.ts';
import type { Face, Glyph } from './fonts.ts';

/** Operators of PDF's content language: ISO 32000-1, annex A. */
export interface Drawing {
  readonly operators: readonly string[];
  readonly faces: ReadonlySet<Face>;
}

export interface TextStyle {
  readonly face: Face;
  /** Type size, mm. */
  readonly size: number;
  readonly colour: string;
  /** Where `x` lies in the line. */
  readonly align?: 'left' | 'centre' | 'right';
  /** Extra distance between characters, mm. Such text is set character by character, without kerning. */
  readonly tracking?: number;
}

/** A quarter circle as a cubic curve. */
const kappa = 0.5523;

/** A number as short as a thousandth of a millimetre allows. */
export function short(value: number): string {
  const text = value.toFixed(3).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}

function numbers(...values: readonly number[]): string {
  return values.map(short).join(' ');
}

/** Black and white are drawn in grey alone, so that a press prints them with one ink. */
function paint(colour: string, operator: 'fill' | 'stroke'): string {
  const value = Number.parseInt(colour.slice(1), 16);
  const [r, g, b] = [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
  if (r === g && g === b) return `${short(r)} ${operator === 'fill' ? 'g' : 'G'}`;
  return `${numbers(r, g, b)} ${operator === 'fill' ? 'rg' : 'RG'}`;
}

function roundPath({ x, y, w, h }: Box, radius: number): string {
  const r = Math.min(radius, w / 2, h / 2);
  const c = r * (1 - kappa);
  const [right, bottom] = [x + w, y + h];
  return [
    `${numbers(x + r, y)} m`,
    `${numbers(right - r, y)} l ${numbers(right - c, y, right, y + c, right, y + r)} c`,
    `${numbers(right, bottom - r)} l ${numbers(right, bottom - c, right - c, bottom, right - r, bottom)} c`,
    `${numbers(x + r, bottom)} l ${numbers(x + c, bottom, x, bottom - c, x, bottom - r)} c`,
    `${numbers(x, y + r)} l ${numbers(x, y + c, x + c, y, x + r, y)} c h`,
  ].join(' ');
}

export class Canvas implements Drawing {
  readonly operators: string[] = [];
  readonly faces = new Set<Face>();

  rect({ x, y, w, h }: Box, colour: string): void {
    this.operators.push(`${paint(colour, 'fill')} ${numbers(x, y, w, h)} re f`);
  }

  round(box: Box, radius: number, colour: string): void {
    this.operators.push(`${paint(colour, 'fill')} ${roundPath(box, radius)} f`);
  }

  frame(box: Box, radius: number, width: number, colour: string): void {
    this.operators.push(`${paint(colour, 'stroke')} ${short(width)} w ${roundPath(box, radius)} S`);
  }

  circle(x: number, y: number, radius: number, colour: string): void {
    this.round({ x: x - radius, y: y - radius, w: 2 * radius, h: 2 * radius }, radius, colour);
  }

  /** A line through points, with round ends and corners. */
  line(points: readonly (readonly [number, number])[], width: number, colour: string): void {
    const path = points.map(([x, y], index) => `${numbers(x, y)} ${index === 0 ? 'm' : 'l'}`).join(' ');
    this.operators.push(`${paint(colour, 'stroke')} ${short(width)} w 1 J 1 j ${path} S`);
  }

  polygon(points: readonly (readonly [number, number])[], colour: string): void {
    const path = points.map(([x, y], index) => `${numbers(x, y)} ${index === 0 ? 'm' : 'l'}`).join(' ');
    this.operators.push(`${paint(colour, 'fill')} ${path} h f`);
  }

  /** Whatever `draw` draws is only seen within the box. */
  within(box: Box, draw: () => void): void {
    this.operators.push(`q ${numbers(box.x, box.y, box.w, box.h)} re W n`);
    draw();
    this.operators.push('Q');
  }

  /** Whatever `draw` draws is scaled around the origin. */
  scaled(scale: number, dx: number, dy: number, draw: () => void): void {
    this.operators.push(`q ${numbers(scale, 0, 0, scale, dx, dy)} cm`);
    draw();
    this.operators.push('Q');
  }

  /** Rectangles in units of `unit` mm from (x, y): one path, one fill. */
  cells(x: number, y: number, unit: number, cells: readonly Box[], colour: string): void {
    const path = cells.map((cell) => `${cell.x} ${cell.y} ${cell.w} ${cell.h} re`).join('\n');
    this.operators.push(
      `q ${paint(colour, 'fill')} ${short6(unit)} 0 0 ${short6(unit)} ${numbers(x, y)} cm\n${path}\nf Q`,
    );
  }

  /** One line of text whose baseline is at `y`. Returns its width in mm. */
  text(text: string, x: number, y: number, style: TextStyle): number {
    const { face, size, colour, align = 'left', tracking = 0 } = style;
    if (text === '') return 0;
    const glyphs = tracking === 0 ? face.encode(text) : Array.from(text).flatMap((character) => face.encode(character));
    const width = widthOf(glyphs, size, tracking);
    const left = align === 'left' ? x : align === 'centre' ? x - width / 2 : x - width;
    this.faces.add(face);
    this.operators.push(
      `BT ${paint(colour, 'fill')} /${face.id} ${short(size)} Tf ${short(tracking)} Tc 1 0 0 -1 ${numbers(left, y)} Tm ${show(glyphs)} ET`,
    );
    return width;
  }

  /** Uses a drawing that the document has under this name. */
  use(name: string): void {
    this.operators.push(`/${name} Do`);
  }
}

/** Module sizes need more digits: errors add up over a symbol. */
function short6(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '');
}

function widthOf(glyphs: readonly Glyph[], size: number, tracking: number): number {
  const em = glyphs.reduce((sum, { advance, kern }) => sum + advance + kern, 0) / 1000;
  return em * size + tracking * Math.max(0, glyphs.length - 1);
}

function show(glyphs: readonly Glyph[]): string {
  let parts = '';
  let run = '';
  for (const { hex, kern } of glyphs) {
    run += hex;
    if (Math.round(kern) !== 0) {
      parts += `<${run}>${Math.round(-kern)}`;
      run = '';
    }
  }
  return `[${parts}${run === '' ? '' : `<${run}>`}]TJ`;
}
