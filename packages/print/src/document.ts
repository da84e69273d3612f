// Stickers into one PDF, a page each: sheet with bleed and trim marks, the parts that repeat as forms, the fonts once.
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import PdfKit from 'pdfkit';
import { Canvas, short } from './canvas.ts';
import type { Drawing } from './canvas.ts';
import { openFaces } from './fonts.ts';
import type { Faces } from './fonts.ts';
import { BLEED_MM, MARGIN_MM, pdfBox, POINTS_PER_MM, sheetPoints, templates } from './geometry.ts';
import type { Size, Template } from './geometry.ts';
import type { Layout, Scene } from './layout.ts';
import { symbolOf } from './qr.ts';
import type { Branding, Sticker } from './sticker.ts';
import { a4Layout, a5Layout } from './templates/station.ts';
import { busLayout, taxiLayout } from './templates/vehicle.ts';
import { windowLayout } from './templates/window.ts';
import { colourFault, SOFT, themeOf, WHITE } from './theme.ts';
import { put } from './typeset.ts';
import { wordsFor } from './words.ts';

const layouts: Readonly<Record<Template, Layout>> = {
  'bus-90x120': busLayout,
  'taxi-60x80': taxiLayout,
  'window-50x50': windowLayout,
  'station-a5': a5Layout,
  'station-a4': a4Layout,
};

export interface Work {
  readonly template: Template;
  readonly stickers: readonly Sticker[];
  readonly branding: Branding;
  /** Stands in the file as its date, epoch ms. */
  readonly nowMs: number;
}

/** A PDF object under construction, as pdfkit hands it out. */
interface Reference {
  readonly data: Record<string, unknown>;
  write(content: string): void;
  end(): void;
}

/** The page being written, with the parts of pdfkit's page that its types leave out. */
interface Page {
  readonly dictionary: Reference;
  readonly fonts: Record<string, unknown>;
  readonly xobjects: Record<string, unknown>;
}

/** Pages between two looks at whether the file keeps up. */
const pagesPerTurn = 16;

/** Corner marks and the frame of the sheet: the same on every page. */
function trimMarks(canvas: Canvas, { widthMm, heightMm }: Size): void {
  const [near, far] = [BLEED_MM + 0.5, MARGIN_MM - 0.5];
  const width = 0.09;
  for (const [x, sx] of [
    [0, -1],
    [widthMm, 1],
  ] as const) {
    for (const [y, sy] of [
      [0, -1],
      [heightMm, 1],
    ] as const) {
      canvas.line(
        [
          [x + sx * near, y],
          [x + sx * far, y],
        ],
        width,
        '#000000',
      );
      canvas.line(
        [
          [x, y + sy * near],
          [x, y + sy * far],
        ],
        width,
        '#000000',
      );
    }
  }
}

/** For the printer and the depot, beyond the bleed: which sticker this is. */
function slug(canvas: Canvas, faces: Faces, work: Work, sticker: Sticker): void {
  const { widthMm, heightMm } = templates[work.template];
  const name = sticker.plate ?? sticker.label.zh;
  const text = [work.template, name, sticker.serial].join('  ·  ');
  const room = { x: widthMm / 2, width: widthMm - 4, align: 'centre', colour: SOFT } as const;
  put(canvas, faces.regular, text, { ...room, y: heightMm + 6.2, size: 2, minSize: 1.2 });
}

interface Forms {
  /** Name of the form for what all stickers of this purpose and kind show. */
  nameOf(sticker: Sticker): string;
  place(page: Page, name: string): void;
}

function makeForms(document: PDFKit.PDFDocument, faces: Faces, work: Work): Forms {
  const size = templates[work.template];
  const made = new Map<string, { readonly name: string; readonly reference: Reference }>();
  const reach = MARGIN_MM;

  function add({ operators, faces: used }: Drawing): { readonly name: string; readonly reference: Reference } {
    const reference = document.ref({
      Type: 'XObject',
      Subtype: 'Form',
      BBox: [-reach, -reach, size.widthMm + reach, size.heightMm + reach],
      Resources: { Font: Object.fromEntries([...used].map((face) => [face.id, face.ref()])) },
    }) as unknown as Reference;
    reference.write(operators.join('\n'));
    reference.end();
    return { name: `X${made.size + 1}`, reference };
  }

  function nameOf(sticker: Sticker): string {
    const key = `${sticker.purpose}/${sticker.kind ?? ''}`;
    const found = made.get(key);
    if (found !== undefined) return found.name;
    const canvas = new Canvas();
    const { widthMm, heightMm } = size;
    canvas.rect({ x: -BLEED_MM, y: -BLEED_MM, w: widthMm + 2 * BLEED_MM, h: heightMm + 2 * BLEED_MM }, WHITE);
    const scene = sceneOf(canvas, faces, work, sticker);
    const bleed = { x: -BLEED_MM, y: -BLEED_MM, w: widthMm + 2 * BLEED_MM, h: heightMm + 2 * BLEED_MM };
    canvas.within(bleed, () => layouts[work.template].fixed(scene));
    trimMarks(canvas, size);
    const form = add(canvas);
    made.set(key, form);
    return form.name;
  }

  function place(page: Page, name: string): void {
    for (const form of made.values()) if (form.name === name) page.xobjects[name] = form.reference;
  }
  return { nameOf, place };
}

function sceneOf(canvas: Canvas, faces: Faces, work: Work, sticker: Sticker): Scene {
  const { template, branding } = work;
  return {
    template,
    size: templates[template],
    canvas,
    faces,
    branding,
    theme: themeOf(branding, sticker.purpose),
    words: wordsFor(template, sticker),
  };
}

function drawPage(document: PDFKit.PDFDocument, faces: Faces, forms: Forms, work: Work, sticker: Sticker): void {
  const size = templates[work.template];
  document.addPage({ size: sheetPoints(size), margin: 0 });
  const page = document.page as unknown as Page;
  page.dictionary.data['TrimBox'] = pdfBox(size, 0);
  page.dictionary.data['BleedBox'] = pdfBox(size, BLEED_MM);
  const canvas = new Canvas();
  const form = forms.nameOf(sticker);
  forms.place(page, form);
  canvas.use(form);
  layouts[work.template].own(sceneOf(canvas, faces, work, sticker), sticker, symbolOf(sticker.url));
  slug(canvas, faces, work, sticker);
  for (const face of canvas.faces) page.fonts[face.id] = face.ref();
  const margin = short(MARGIN_MM * POINTS_PER_MM);
  const unit = POINTS_PER_MM.toFixed(6);
  document.addContent([`${unit} 0 0 ${unit} ${margin} ${margin} cm`, ...canvas.operators].join('\n'));
}

/**
 * Writes the PDF into `out` and ends it. `onPage` hears how many pages are done. Throws RangeError for a colour, a code
 * or a plate that cannot be printed.
 */
export async function writeStickers(work: Work, out: Writable, onPage: (done: number) => void): Promise<void> {
  const fault = colourFault(work.branding.colour);
  if (fault !== undefined) throw new RangeError(`the colour ${work.branding.colour} ${fault}`);
  const { city } = work.branding;
  const date = new Date(work.nowMs);
  const document = new PdfKit({
    autoFirstPage: false,
    fontLayoutCache: false,
    pdfVersion: '1.7',
    lang: 'zh-CN',
    displayTitle: true,
    info: { Title: `${city.zh} ${work.template}`.trim(), Creator: 'Tongche', CreationDate: date, ModDate: date },
  });
  const finished = once(out, 'finish');
  document.pipe(out);
  const faces = openFaces(document);
  const forms = makeForms(document, faces, work);
  for (const [index, sticker] of work.stickers.entries()) {
    drawPage(document, faces, forms, work, sticker);
    if ((index + 1) % pagesPerTurn !== 0) continue;
    onPage(index + 1);
    await new Promise<void>((resolve) => void setImmediate(resolve));
    if (out.writableNeedDrain) await once(out, 'drain');
  }
  document.end();
  await finished;
  onPage(work.stickers.length);
}
