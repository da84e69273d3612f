// The switch to large text, on every page of ours.
import { $, remembered } from './dom.ts';

export function bigSwitch(): void {
  const big = $('big');
  const apply = (on: boolean): void => {
    document.documentElement.classList.toggle('big', on);
    big.setAttribute('aria-pressed', String(on));
  };
  apply(remembered('big') === '1');
  big.addEventListener('click', () => {
    const on = remembered('big') !== '1';
    remembered('big', on ? '1' : '0');
    apply(on);
  });
}
