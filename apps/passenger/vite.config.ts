// How every part of the passenger's pages is built. `build.ts` calls Vite once a part, since the pages carry theirs inline.
import { defineConfig } from 'vite';

export default defineConfig({
  logLevel: 'warn',
  publicDir: false,
  build: { target: 'es2020', emptyOutDir: false, modulePreload: false, write: false, minify: true },
});
