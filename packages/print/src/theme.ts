// Colours of print. Passenger codes wear the city's colour; crew codes are black with amber stripes, never a colour alone.
import type { Canvas } from './canvas.ts';
import type { Box } from './geometry.ts';
import type { Branding, Sticker } from './sticker.ts';

export const INK = '#14181c';
export const SOFT = '#4b535b';
export const RULE = '#c3cad1';
export const WHITE = '#ffffff';
const amber = '#ffb300';
const amberWeak = '#fdf1e0';

export interface Theme {
  /** Fill of the head. */
  readonly head: string;
  /** Secondary text on the head. */
  readonly headSoft: string;
  readonly accent: string;
  readonly panel: string;
  readonly striped: boolean;
}

/** Hue of #rrggbb in degrees and its saturation, 0 to 1. */
function hueOf(colour: string): { readonly hue: number; readonly saturation: number } {
  const value = Number.parseInt(colour.slice(1), 16);
  const [r, g, b] = [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  const most = Math.max(r, g, b);
  const span = most - Math.min(r, g, b);
  if (span === 0) return { hue: 0, saturation: 0 };
  const sixth = most === r ? ((((g - b) / span) % 6) + 6) % 6 : most === g ? (b - r) / span + 2 : (r - g) / span + 4;
  return { hue: sixth * 60, saturation: span / most };
}

/** WCAG 2.2 relative luminance, 0 to 1. */
function luminance(colour: string): number {
  const value = Number.parseInt(colour.slice(1), 16);
  const [r, g, b] = [(value >> 16) & 255, (value >> 8) & 255, value & 255].map((part) => {
    const c = part / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

/** Yellow-green to sea green. */
const greens = { from: 70, to: 172, minSaturation: 0.12 };
/** White text needs 4.5 : 1 on the head. */
const maxLuminance = 1.05 / 4.5 - 0.05;

/** Why a city's colour cannot be used, or undefined. */
export function colourFault(colour: string): string | undefined {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return 'is not #rrggbb';
  const { hue, saturation } = hueOf(colour);
  if (saturation >= greens.minSaturation && hue >= greens.from && hue <= greens.to) {
    return 'is a green, which means "registered" and nothing else';
  }
  if (luminance(colour) > maxLuminance) return 'is too light for white text';
  return undefined;
}

function mixed(colour: string, white: number): string {
  const value = Number.parseInt(colour.slice(1), 16);
  const parts = [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  return `#${parts
    .map((part) =>
      Math.round(part + (255 - part) * white)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

export function themeOf(branding: Branding, purpose: Sticker['purpose']): Theme {
  if (purpose === 'crew') {
    return { head: INK, headSoft: '#c8ced4', accent: INK, panel: amberWeak, striped: true };
  }
  const { colour } = branding;
  return { head: colour, headSoft: mixed(colour, 0.84), accent: colour, panel: mixed(colour, 0.92), striped: false };
}

/** Diagonal amber and black stripes: seen as "not for you" without reading, and without colour. */
export function stripes(canvas: Canvas, box: Box): void {
  canvas.rect(box, amber);
  canvas.within(box, () => {
    const step = box.h * 1.6;
    for (let x = box.x - box.h; x < box.x + box.w; x += step) {
      const foot = box.y + box.h;
      const half = step / 2;
      canvas.polygon(
        [
          [x, foot],
          [x + half, foot],
          [x + half + box.h, box.y],
          [x + box.h, box.y],
        ],
        INK,
      );
    }
  });
}
