// For this package's tests only: reads back what we wrote. Pages, boxes, the drawn rectangles and texts with their
// places, in millimetres from the trimmed corner. Knows just the operators that our canvas writes.
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { inflateSync } from 'node:zlib';
import { writeStickers } from './document.ts';
import type { Work } from './document.ts';
import { MARGIN_MM, POINTS_PER_MM } from './geometry.ts';
import type { Branding, Sticker } from './sticker.ts';

export const branding: Branding = {
  city: { zh: '海京市', en: 'Haijing' },
  authority: { zh: '海京市疾病预防控制中心', en: 'Haijing Centre for Disease Control' },
  host: 'dengji.haijing.example',
  hotline: '12328',
  colour: '#0b57d0',
};

export const sticker: Sticker = {
  url: 'https://dengji.haijing.example/r/AAECAwQFBgc',
  shortCode: 'K7M2Q9X',
  plate: '粤B·12345D',
  label: { zh: '1号车', en: 'Bus 1' },
  line: { zh: 'M133路', en: 'Line M133' },
  serial: '000123-1/3',
  purpose: 'passenger',
};

/** #rrggbb and the corners of a filled rectangle. */
export interface Filled {
  readonly colour: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
export interface Written extends Omit<Filled, 'colour'> {
  readonly text: string;
  readonly size: number;
}
export interface ReadPage {
  readonly trimBox: readonly number[];
  readonly bleedBox: readonly number[];
  readonly mediaBox: readonly number[];
  readonly filled: readonly Filled[];
  readonly texts: readonly Written[];
  /** Colours of any painting. */
  readonly colours: ReadonlySet<string>;
}

type Matrix = readonly [number, number, number, number, number, number];
interface PdfObject {
  readonly head: string;
  readonly stream: Buffer | undefined;
}
interface Font {
  readonly texts: ReadonlyMap<string, string>;
  readonly widths: readonly number[];
}

function objectsOf(pdf: Buffer): ReadonlyMap<number, PdfObject> {
  const all = pdf.toString('latin1');
  const objects = new Map<number, PdfObject>();
  for (const match of all.matchAll(/(?:^|\n)(\d+) 0 obj\n/g)) {
    const from = match.index + match[0].length;
    const stream = all.indexOf('\nstream\n', from);
    const end = all.indexOf('\nendobj', from);
    const hasStream = stream >= 0 && stream < end;
    const head = all.slice(from, hasStream ? stream : end);
    const length = Number(/\/Length (\d+)/.exec(head)?.[1] ?? 0);
    const raw = hasStream ? pdf.subarray(stream + 8, stream + 8 + length) : undefined;
    const isPacked = head.includes('/FlateDecode');
    objects.set(Number(match[1]), { head, stream: raw !== undefined && isPacked ? inflateSync(raw) : raw });
  }
  return objects;
}

function reference(head: string, key: string): number {
  return Number(new RegExp(`/${key} (\\d+) 0 R`).exec(head)?.[1] ?? Number.NaN);
}

function numbersOf(text: string): readonly number[] {
  return text.trim().split(/\s+/).map(Number);
}

function boxOf(head: string, key: string): readonly number[] {
  return numbersOf(new RegExp(`/${key} \\[([^\\]]*)\\]`).exec(head)?.[1] ?? '');
}

/** Text of each glyph by the font's ToUnicode table: what copying from the PDF gives. */
function fontOf(objects: ReadonlyMap<number, PdfObject>, id: number): Font {
  const font = objects.get(id)?.head ?? '';
  const table = objects.get(reference(font, 'ToUnicode'))?.stream?.toString('latin1') ?? '';
  const texts = new Map<string, string>();
  for (const range of table.matchAll(/<(\w{4})> <\w{4}> \[([^\]]*)\]/g)) {
    const first = Number.parseInt(range[1] ?? '', 16);
    for (const [index, entry] of [...(range[2] ?? '').matchAll(/<([^>]*)>/g)].entries()) {
      const units = (entry[1] ?? '').split(' ').map((unit) => Number.parseInt(unit, 16));
      texts.set((first + index).toString(16).padStart(4, '0'), String.fromCharCode(...units));
    }
  }
  const descendant = Number(/\/DescendantFonts \[(\d+) 0 R\]/.exec(font)?.[1]);
  const widths = /\/W \[0 \[([^\]]*)\]/.exec(objects.get(descendant)?.head ?? '')?.[1] ?? '';
  return { texts, widths: numbersOf(widths) };
}

function times(a: Matrix, b: Matrix): Matrix {
  return [
    a[0] * b[0] + a[1] * b[2],
    a[0] * b[1] + a[1] * b[3],
    a[2] * b[0] + a[3] * b[2],
    a[2] * b[1] + a[3] * b[3],
    a[4] * b[0] + a[5] * b[2] + b[4],
    a[4] * b[1] + a[5] * b[3] + b[5],
  ];
}

function hex(parts: readonly number[]): string {
  const three = parts.length === 1 ? [parts[0], parts[0], parts[0]] : parts;
  return `#${three
    .map((part) =>
      Math.round((part ?? 0) * 255)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

interface State {
  matrix: Matrix;
  fill: string;
}

/** Walks the operators of a page and of the forms it uses. */
function walk(objects: ReadonlyMap<number, PdfObject>, page: PdfObject, height: number) {
  const filled: Filled[] = [];
  const texts: Written[] = [];
  const colours = new Set<string>();

  /** Place on the sheet in points → mm from the trimmed corner, y downwards. */
  function at(matrix: Matrix, x: number, y: number): readonly [number, number] {
    const left = x * matrix[0] + y * matrix[2] + matrix[4];
    const up = x * matrix[1] + y * matrix[3] + matrix[5];
    return [left / POINTS_PER_MM - MARGIN_MM, (height - up) / POINTS_PER_MM - MARGIN_MM];
  }

  function run(content: Buffer, resources: string, start: State): void {
    const stack: State[] = [];
    let state: State = { ...start };
    let rects: (readonly number[])[] = [];
    let operands: string[] = [];
    let font: Font = { texts: new Map(), widths: [] };
    let [size, spacing] = [0, 0];
    let textMatrix: Matrix = [1, 0, 0, 1, 0, 0];

    function paintRects(): void {
      for (const [x = 0, y = 0, w = 0, h = 0] of rects) {
        const [left, top] = at(state.matrix, x, y);
        const [right, bottom] = at(state.matrix, x + w, y + h);
        filled.push({
          colour: state.fill,
          left: Math.min(left, right),
          right: Math.max(left, right),
          top: Math.min(top, bottom),
          bottom: Math.max(top, bottom),
        });
      }
      rects = [];
    }

    function show(array: string): void {
      let text = '';
      let width = 0;
      for (const [part] of array.matchAll(/<\w*>|-?[\d.]+/g)) {
        if (!part.startsWith('<')) {
          width -= (Number(part) / 1000) * size;
          continue;
        }
        for (const [code] of part.matchAll(/\w{4}/g)) {
          text += font.texts.get(code) ?? '\u0000';
          width += ((font.widths[Number.parseInt(code, 16)] ?? 0) / 1000) * size + spacing;
        }
      }
      const matrix = times(textMatrix, state.matrix);
      const [left, baseline] = at(matrix, 0, 0);
      const [right, top] = at(matrix, width - spacing, size * 0.88);
      texts.push({ text, size: baseline - top, left, right, top, bottom: baseline + (baseline - top) * 0.14 });
    }

    const known: Readonly<Record<string, (values: readonly number[]) => void>> = {
      q: () => void stack.push({ ...state }),
      Q: () => void (state = stack.pop() ?? state),
      cm: (values) => void (state.matrix = times(values as unknown as Matrix, state.matrix)),
      re: (values) => void rects.push(values),
      f: paintRects,
      S: () => void (rects = []),
      n: () => void (rects = []),
      g: (values) => void colours.add((state.fill = hex(values))),
      rg: (values) => void colours.add((state.fill = hex(values))),
      G: (values) => void colours.add(hex(values)),
      RG: (values) => void colours.add(hex(values)),
      Tf([, value = 0]) {
        size = value;
        font = fontOf(objects, reference(resources, (operands.at(-2) ?? '').slice(1)));
      },
      Tc: ([value = 0]) => void (spacing = value),
      Tm: (values) => void (textMatrix = values as unknown as Matrix),
      TJ: () => show(operands.at(-1) ?? ''),
      Do() {
        const form = objects.get(reference(resources, (operands.at(-1) ?? '').slice(1)));
        if (form?.stream !== undefined) run(form.stream, form.head, state);
      },
    };
    for (const [token] of content.toString('latin1').matchAll(/\[[^\]]*\]|\/\w+|-?[\d.]+|[A-Za-z*]+/g)) {
      if (!/^[A-Za-z]/.test(token)) {
        operands.push(token);
        continue;
      }
      known[token]?.(operands.map(Number));
      operands = [];
    }
  }

  const resources = objects.get(reference(page.head, 'Resources'))?.head ?? '';
  const content = objects.get(reference(page.head, 'Contents'))?.stream ?? Buffer.alloc(0);
  run(content, resources, { matrix: [1, 0, 0, 1, 0, 0], fill: '#000000' });
  return { filled, texts, colours };
}

export function readPages(pdf: Buffer): readonly ReadPage[] {
  const objects = objectsOf(pdf);
  const pages = [...objects.values()].filter(({ head }) => /\/Type \/Page\n/.test(head));
  return pages.map((page) => {
    const mediaBox = boxOf(page.head, 'MediaBox');
    const { filled, texts, colours } = walk(objects, page, mediaBox[3] ?? 0);
    const [trimBox, bleedBox] = [boxOf(page.head, 'TrimBox'), boxOf(page.head, 'BleedBox')];
    return { trimBox, bleedBox, mediaBox, filled, texts, colours };
  });
}

export async function printed(work: Omit<Work, 'nowMs' | 'branding'> & Partial<Work>): Promise<Buffer> {
  const out = new PassThrough({ highWaterMark: 1 << 20 });
  const all = buffer(out);
  await writeStickers({ branding, nowMs: Date.parse('2026-11-20T08:00:00+08:00'), ...work }, out, () => {});
  return all;
}
