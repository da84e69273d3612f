// Modules that build.ts makes: dictionaries without the texts that already stand in the page.
declare module 'virtual:zh' {
  const zh: Readonly<Record<string, string>>;
  export default zh;
}
declare module 'virtual:zh-more' {
  const words: Readonly<Record<string, string>>;
  export default words;
}
declare module 'virtual:css' {
  const rules: Readonly<Record<string, string>>;
  export default rules;
}

/** Digest of the sources: part of the name of every later-loaded file. */
declare const BUILD: string;
