// What the assist form and the notice page share: words in both languages inline, the two switches.
import type { Dictionary } from '@tongche/ui';
import { bigSwitch } from './big.ts';
import { on, fillTexts, remembered, wordsOf } from './dom.ts';
import type { Words } from './dom.ts';

/** Wires the switches; `draw` runs now and after every change of language. */
export function speakBoth(zh: Dictionary, en: Dictionary, draw: (words: Words) => void): void {
  const fill = (): void => {
    const words = wordsOf({ 'zh-CN': zh, en }, ['zh-CN', 'en']);
    fillTexts(words);
    draw(words);
  };
  bigSwitch();
  on('language', 'click', () => {
    remembered('language', document.documentElement.lang === 'en' ? 'zh-CN' : 'en');
    fill();
  });
  fill();
}
