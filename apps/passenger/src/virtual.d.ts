// What build.ts writes into the scripts.

/** Digest of the sources: part of the name of every later-loaded file. */
declare const BUILD: string;
/** The style rules of the later-loaded part, one by one. */
declare const LATER_RULES: readonly string[];
