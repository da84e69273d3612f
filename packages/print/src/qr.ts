// A code as rectangles: error correction Q, so that a quarter of the symbol may be scratched or dirty.
import { encodeQR } from 'qr';
import { MIN_QR_MM, QUIET_MODULES } from './geometry.ts';
import type { Box } from './geometry.ts';
import type { Canvas } from './canvas.ts';

export interface Symbol {
  /** Modules on a side, without the quiet zone. */
  readonly modules: number;
  readonly cells: readonly Box[];
}

/** 53 modules in the smallest sticker are 0.6 mm each, the least that cheap phones read from 30 cm. */
const maxUrlBytes = 130;
/** Version 4 (33 modules) takes 46 bytes at level Q: an address of the usual length. */
const usualVersion = 4;
const usualBytes = 46;

function isDark(row: readonly boolean[], x: number): boolean {
  return row[x] ?? false;
}

/** Dark modules of equal runs in neighbouring rows become one rectangle: half the operators, and no seams. */
function merge(rows: readonly (readonly boolean[])[]): readonly Box[] {
  const done: Box[] = [];
  let open = new Map<string, Box>();
  for (const [y, row] of rows.entries()) {
    const next = new Map<string, Box>();
    for (let x = 0; x < row.length; x += 1) {
      if (!isDark(row, x)) continue;
      const from = x;
      while (isDark(row, x + 1)) x += 1;
      const key = `${from}-${x}`;
      const above = open.get(key);
      next.set(key, above === undefined ? { x: from, y, w: x - from + 1, h: 1 } : { ...above, h: above.h + 1 });
      open.delete(key);
    }
    done.push(...open.values());
    open = next;
  }
  return [...done, ...open.values()];
}

/**
 * A code's symbol. Short contents get the size of long ones, so that every symbol of a template is equally large.
 * Throws RangeError for contents longer than a sticker's code may be.
 */
export function symbolOf(url: string): Symbol {
  const bytes = Buffer.byteLength(url);
  if (bytes > maxUrlBytes) throw new RangeError(`a code may have ${maxUrlBytes} bytes`);
  const version = bytes <= usualBytes ? { version: usualVersion } : {};
  const framed = encodeQR(url, 'raw', { ecc: 'quartile', encoding: 'byte', border: 1, ...version });
  const rows = framed.slice(1, -1).map((row) => row.slice(1, -1));
  return { modules: rows.length, cells: merge(rows) };
}

/**
 * Draws a symbol with its quiet zone into a white square of `side` mm at (x, y). `scale`: what the canvas is scaled by.
 * Throws RangeError when the symbol would be smaller than 30 mm.
 */
export function drawSymbol(canvas: Canvas, symbol: Symbol, place: Place, scale = 1): void {
  const unit = place.side / (symbol.modules + 2 * QUIET_MODULES);
  if (unit * symbol.modules * scale < MIN_QR_MM) throw new RangeError(`a code must be ${MIN_QR_MM} mm wide`);
  const quiet = unit * QUIET_MODULES;
  canvas.cells(place.x + quiet, place.y + quiet, unit, symbol.cells, '#000000');
}

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}
