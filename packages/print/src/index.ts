// The face of printing: stickers and posters of codes as PDF.
export {};
