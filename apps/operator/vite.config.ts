// Builds the operator's console under /operator/ into dist; hashed assets, no inline script, so that the page's policy stays strict.
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/operator/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
