// Numbers that a person sees with zeros before them. A cell that holds 1620 in the format 00000 shows 01620, and that
// is what its row means: such cells are made texts before the sheet is read.

/** What Excel allows in one file, and more than anybody needs. */
const MAX_DIGITS = 30;

/** For each cell style that pads with zeros ("00000", nothing else in it) its digits; by the style's number. */
export function zeroStyles(stylesXml: string): ReadonlyMap<number, number> {
  const digits = new Map<string, number>();
  for (const [tag] of stylesXml.matchAll(/<(?:\w+:)?numFmt\s[^>]*>/g)) {
    const format = /\sformatCode="(0{2,})"/.exec(tag)?.[1];
    const id = /\snumFmtId="(\d+)"/.exec(tag)?.[1];
    if (format !== undefined && id !== undefined) digits.set(id, Math.min(MAX_DIGITS, format.length));
  }
  const styles = new Map<number, number>();
  if (digits.size === 0) return styles;
  const cellXfs = /<(?:\w+:)?cellXfs[\s>].*?<\/(?:\w+:)?cellXfs>/s.exec(stylesXml)?.[0] ?? '';
  for (const [index, [tag]] of [...cellXfs.matchAll(/<(?:\w+:)?xf[\s/>][^>]*>/g)].entries()) {
    const width = digits.get(/\snumFmtId="(\d+)"/.exec(tag)?.[1] ?? '');
    if (width !== undefined) styles.set(index, width);
  }
  return styles;
}

/** The sheet with the whole numbers of such styles as texts; everything else as it was. */
export function withZeros(sheetXml: string, styles: ReadonlyMap<number, number>): string {
  if (styles.size === 0) return sheetXml;
  return sheetXml.replace(
    /<((?:\w+:)?c)(\s[^<>]*)>(<(?:\w+:)?v>)(\d{1,15})(?=<)/g,
    (whole: string, name: string, attributes: string, open: string, value: string) => {
      const width = styles.get(Number(/\ss="(\d+)"/.exec(attributes)?.[1] ?? -1));
      const typed = /\st="(?!n")/.test(attributes);
      if (width === undefined || typed) return whole;
      return `<${name}${attributes.replace(/\st="n"/, '')} t="str">${open}${value.padStart(width, '0')}`;
    },
  );
}
