// Noto Sans Hans in two weights: measured, encoded and embedded as the subset a document shows.
import { fileURLToPath } from 'node:url';

export type Weight = 'regular' | 'bold';

const files: Readonly<Record<Weight, string>> = {
  regular: 'NotoSansHans-Regular.otf',
  bold: 'NotoSansHans-Bold.otf',
};

export interface Glyph {
  /** Four hexadecimal digits: number in the document's subset. */
  readonly hex: string;
  /** Advance in thousandths of the type size; `kern` is what the pair after it takes away or adds. */
  readonly advance: number;
  readonly kern: number;
}

export interface Face {
  /** Name among a page's resources. */
  readonly id: string;
  has(character: string): boolean;
  /** Width in multiples of the type size. */
  width(text: string): number;
  encode(text: string): readonly Glyph[];
  /** The document's font object, for resources. */
  ref(): unknown;
}

export type Faces = Readonly<Record<Weight, Face>>;

/** What pdfkit's embedded fonts offer, beyond its published types: the way to text in form XObjects. */
interface EmbeddedFont {
  readonly id: string;
  readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
  ref(): unknown;
  encode(text: string): [readonly string[], readonly { readonly xAdvance: number; readonly advanceWidth: number }[]];
}

export function fontFile(weight: Weight): string {
  return fileURLToPath(new URL(`../fonts/${files[weight]}`, import.meta.resolve('@embedpdf/fonts-sc')));
}

/** The font's space is made for Chinese text; English words in small type run together without a little more. */
const wider = 50;
/** Texts remembered with their glyphs: the fixed words of a document and the characters of numbers. */
const maxRemembered = 4_096;

function openFace(document: PDFKit.PDFDocument, weight: Weight): Face {
  document.font(fontFile(weight));
  // The font just set; pdfkit has no public way to it.
  const embedded = Reflect.get(document, '_font') as EmbeddedFont;
  const known = new Map<string, readonly Glyph[]>();
  const space = embedded.encode(' ')[0][0];

  function encode(text: string): readonly Glyph[] {
    const found = known.get(text);
    if (found !== undefined) return found;
    const [codes, positions] = embedded.encode(text);
    const glyphs = codes.map((hex, index) => {
      const position = positions[index];
      if (position === undefined) throw new Error('a glyph has no position');
      const { xAdvance, advanceWidth } = position;
      return { hex, advance: advanceWidth, kern: hex === space ? wider : xAdvance - advanceWidth };
    });
    if (known.size < maxRemembered) known.set(text, glyphs);
    return glyphs;
  }

  return {
    id: embedded.id,
    has: (character) => embedded.font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0),
    width: (text) => encode(text).reduce((sum, { advance, kern }) => sum + advance + kern, 0) / 1000,
    encode,
    ref: () => embedded.ref(),
  };
}

/** The document must have been made with `fontLayoutCache: false`: plates and serials differ on every page. */
export function openFaces(document: PDFKit.PDFDocument): Faces {
  return { regular: openFace(document, 'regular'), bold: openFace(document, 'bold') };
}
