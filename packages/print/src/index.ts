// The face of printing: stickers and posters of codes as PDF, made in a worker thread so that nothing else waits.
export { MAX_STICKERS, printStickers } from './print.ts';
export type { PrintOptions, Printed } from './print.ts';
export type { Branding, Name, Sticker } from './sticker.ts';
export { templates } from './geometry.ts';
export type { Template } from './geometry.ts';
export { colourFault } from './theme.ts';
