// Sizes of what is printed, in millimetres. Origin: the top left corner of the finished sticker; y goes down.

/** PDF's own unit: 72 to the inch. */
export const POINTS_PER_MM = 72 / 25.4;
/** Colour beyond the cut, so that a cut that is a little off leaves no white edge. */
export const BLEED_MM = 3;
/** Beyond the bleed: room for trim marks and one line for the printer. */
export const MARGIN_MM = 8;
/** Smallest printed QR symbol, without its quiet zone: read from 30 cm by cheap phones. */
export const MIN_QR_MM = 30;
/** ISO/IEC 18004: free modules on each side of the symbol. */
export const QUIET_MODULES = 4;

export const templates = {
  'bus-90x120': { widthMm: 90, heightMm: 120 },
  'taxi-60x80': { widthMm: 60, heightMm: 80 },
  'window-50x50': { widthMm: 50, heightMm: 50 },
  'station-a5': { widthMm: 148, heightMm: 210 },
  'station-a4': { widthMm: 210, heightMm: 297 },
} as const;

export type Template = keyof typeof templates;

export interface Size {
  readonly widthMm: number;
  readonly heightMm: number;
}

/** A rectangle: left, top, width, height in mm. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** PDF box [left, bottom, right, top] in points, `beyondMm` larger than the trimmed sticker on each side. */
export function pdfBox(size: Size, beyondMm: number): readonly [number, number, number, number] {
  const near = (MARGIN_MM - beyondMm) * POINTS_PER_MM;
  return [
    near,
    near,
    (MARGIN_MM + size.widthMm + beyondMm) * POINTS_PER_MM,
    (MARGIN_MM + size.heightMm + beyondMm) * POINTS_PER_MM,
  ];
}

/** Width and height of the whole sheet in points. */
export function sheetPoints(size: Size): [number, number] {
  return [(size.widthMm + 2 * MARGIN_MM) * POINTS_PER_MM, (size.heightMm + 2 * MARGIN_MM) * POINTS_PER_MM];
}
