// Builds elements from text and structure; there is no way to put markup in.

type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/** `h('button', {class: 'main', 'data-t': 'find'}, 'text')`. A true attribute is written empty, a false one is left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

export function button(text: string, press: () => void, cls = ''): HTMLButtonElement {
  const element = h('button', { type: 'button', class: cls }, text);
  element.addEventListener('click', press);
  return element;
}

/** The mark of the first screen: a code in its corners. */
export function codeMark(): SVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 64 64');
  svg.setAttribute('class', 'hint');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute(
    'd',
    'M6 20V6h14M44 6h14v14M58 44v14H44M20 58H6V44M16 16h12v12H16zM36 16h12v12H36zM16 36h12v12H16zM36 36h5v5h-5zM43 43h5v5h-5z',
  );
  svg.append(path);
  return svg;
}

/** Everything beside the card of the ride and the first form, hidden until it is wanted. */
export function addParts(): void {
  const t = (key: string, attributes: Attributes = {}): Attributes => ({ ...attributes, 'data-t': key });
  const row = (id: string, key: string, value: HTMLElement): HTMLElement => h('div', { id }, h('dt', t(key)), value);
  const card = document.getElementById('ride');
  const form = document.getElementById('first');
  const problem = document.getElementById('problem');
  const main = document.querySelector('main');
  card?.before(
    h(
      'section',
      { id: 'home', class: 'card', hidden: true },
      codeMark(),
      h('h2', t('home')),
      h('p', t('homeMore', { class: 'soft' })),
    ),
    h(
      'section',
      { id: 'bus', class: 'card bus', hidden: true },
      h('span', { id: 'busPlate', class: 'plate' }),
      h('span', {}, h('span', { id: 'busLine' }), h('br'), h('small', { id: 'busTime', class: 'soft' })),
      h('p', { id: 'kept', class: 'kept' }, h('b', {}, '◷ ', h('span', t('kept'))), ' · ', h('span', t('keptMore'))),
    ),
  );
  card?.after(
    h(
      'div',
      { id: 'facts', class: 'card', hidden: true },
      h(
        'dl',
        {},
        row('whoRow', 'who', h('dd', { id: 'who' })),
        row('phoneRow', 'phone', h('dd', { id: 'masked' })),
        row('timeRow', 'boardTime', h('dd', { id: 'boardTime' })),
        row('numberRow', 'number', h('dd', { id: 'number' })),
        row('offRow', 'alighted', h('dd', { id: 'off' })),
        row(
          'partyRow',
          'party',
          h(
            'dd',
            { class: 'step' },
            h('button', { id: 'less', type: 'button' }, '−'),
            h('output', { id: 'party' }),
            h('button', { id: 'more', type: 'button' }, '+'),
          ),
        ),
      ),
    ),
  );
  problem?.before(
    h(
      'div',
      { id: 'confirm', hidden: true },
      h(
        'p',
        {},
        h('b', { id: 'sent' }),
        ' ',
        h('button', t('change', { id: 'change', type: 'button', class: 'link' })),
      ),
      h(
        'div',
        { id: 'nameRow' },
        h('label', t('name', { for: 'name' })),
        h('input', { id: 'name', autocomplete: 'name', maxlength: '24' }),
      ),
      h('label', t('otp', { for: 'otp' })),
      h('input', { id: 'otp', class: 'otp', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: '8' }),
    ),
  );
  document
    .getElementById('go')
    ?.after(
      h('button', { id: 'resend', type: 'button', class: 'link wide', hidden: true }),
      h('p', t('noSms', { id: 'noSms', class: 'soft', hidden: true })),
      h('p', t('foreign', { id: 'foreign', class: 'soft' })),
    );
  form?.after(
    h(
      'section',
      { id: 'trouble', class: 'card', hidden: true },
      h('h2', { id: 'troubleTitle' }),
      h('p', { id: 'troubleMore' }),
    ),
    h(
      'form',
      { id: 'numberForm', class: 'card', hidden: true },
      h('label', t('vehicleNumber', { for: 'vehicle' })),
      h('input', {
        id: 'vehicle',
        class: 'otp',
        autocomplete: 'off',
        autocapitalize: 'characters',
        spellcheck: 'false',
        maxlength: '12',
      }),
      h('p', { id: 'numberProblem', class: 'problem', role: 'alert', hidden: true }),
      h('button', t('find', { class: 'main' })),
    ),
    h(
      'div',
      { id: 'actions', class: 'actions' },
      h('button', t('alight', { id: 'alight', class: 'weak', hidden: true })),
      h('button', t('boardAgain', { id: 'boardAgain', class: 'link', hidden: true })),
      h('button', t('family', { id: 'family', hidden: true })),
      h('button', t('records', { id: 'records', hidden: true })),
      h('button', t('enterNumber', { id: 'enterNumber', hidden: true })),
      h('button', { id: 'undo', class: 'link', hidden: true }),
    ),
    h('p', t('wrongPlate', { id: 'wrongPlate', class: 'soft', hidden: true })),
  );
  main?.append(h('section', { id: 'view', hidden: true }));
  document.querySelector('footer')?.append(h('p', t('demo', { id: 'demo', hidden: true })));
}
