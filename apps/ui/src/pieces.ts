// The few Preact pieces that every console shares. Written with `h`, so that Node runs them in tests too.
import { h } from 'preact';
import type { JSX } from 'preact';
import { plateText } from './format.ts';

/** A number plate that looks like one. Needs `.plate` of the app's style sheet. */
export function Plate({ plate }: { readonly plate: string }): JSX.Element {
  return h('span', { class: 'plate' }, plateText(plate));
}

/** A state as colour, icon and word together; never by colour alone. `kind` picks the class `tag-<kind>`. */
export function Tag(props: {
  readonly kind: 'info' | 'warn' | 'err' | 'plain';
  readonly icon: string;
  readonly text: string;
}): JSX.Element {
  return h(
    'span',
    { class: `tag tag-${props.kind}` },
    h('span', { 'aria-hidden': 'true' }, props.icon),
    ' ',
    props.text,
  );
}
