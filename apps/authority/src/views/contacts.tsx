// The ranked list: filter, keyboard, selection; only the rows on screen are drawn, so that ten thousand stay quick.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ContactView } from '@tongche/contract';
import { plateText } from '@tongche/ui';
import { named, narrowMoment, type Context } from '../context.ts';
import { move, toggle, toggleAll, type Selection } from '../selection.ts';

const rowPx = 40;
/** Rows drawn beyond the visible ones, so that scrolling shows no gaps. */
const overscan = 8;

export function messageWords(context: Context, contact: ContactView): { readonly text: string; readonly kind: string } {
  const { t } = context;
  const state = contact.message;
  if (state === 'delivered') return { text: t('delivered_state'), kind: 'good' };
  if (state === 'failed') return { text: t('failed_state'), kind: 'bad' };
  if (state === 'uncertain') return { text: t('uncertain'), kind: 'warn' };
  return { text: t(state), kind: '' };
}

export function tierTag(context: Context, tier: ContactView['tier']) {
  const kind = tier === 'close' ? 'err' : tier === 'verify' ? 'warn' : tier === 'staff' ? 'plain' : 'info';
  return <span class={`tag tag-${kind}`}>{context.t(`${tier}_tier`)}</span>;
}

const marks = { added: '＋', upgraded: '▲', downgraded: '▼', withdrawn: '−' } as const;

/** What changed since the trace before, as a mark with its words. */
export function changeMark(context: Context, change: ContactView['change']) {
  if (change === null) return null;
  const words = context.t(`change_${change.kind}`);
  return (
    <small class={`change ${change.kind}`} title={words} aria-label={words}>
      {marks[change.kind]}
    </small>
  );
}

/** Exposure-equivalent minutes with their band. */
export function eemText({ eem, band }: Pick<ContactView, 'eem' | 'band'>) {
  if (eem === null || band === null) return '–';
  return (
    <>
      <b class={`band band-${band}`}>{band}</b> {Math.round(eem)}
    </>
  );
}

export function matches(contact: ContactView, text: string, tier: string, runKey: string | null): boolean {
  if (tier !== '' && contact.tier !== tier) return false;
  if (runKey !== null && !contact.legs.some((leg) => leg.runKey === runKey)) return false;
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return true;
  const haystack = [
    contact.name,
    contact.masked,
    contact.reachMasked ?? '',
    ...contact.legs.flatMap((leg) => [
      leg.plate ?? '',
      leg.unitLabel.zh,
      leg.unitLabel.en,
      leg.line?.zh ?? '',
      leg.line?.en ?? '',
    ]),
  ];
  return haystack.some((each) => each.toLowerCase().includes(wanted));
}

interface ContactsProps {
  readonly context: Context;
  readonly contacts: readonly ContactView[];
  readonly runKey: string | null;
  readonly selection: Selection;
  readonly onSelection: (selection: Selection) => void;
  readonly onOpen: (contact: ContactView) => void;
  readonly onNotify: () => void;
  readonly onReset: () => void;
}

function Row({
  context,
  contact,
  focused,
  chosen,
  onChoose,
  onOpen,
  top,
}: {
  readonly context: Context;
  readonly contact: ContactView;
  readonly focused: boolean;
  readonly chosen: boolean;
  readonly onChoose: () => void;
  readonly onOpen: () => void;
  readonly top: number;
}) {
  const { t } = context;
  const leg = contact.legs[0];
  const message = messageWords(context, contact);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The policy of the page forbids style attributes; the style object of a node is allowed.
    if (ref.current !== null) ref.current.style.transform = `translateY(${top}px)`;
  }, [top]);
  return (
    <div
      ref={ref}
      class={`row ${focused ? 'focused' : ''} ${chosen ? 'chosen' : ''}`}
      role="row"
      aria-selected={chosen}
      onDblClick={onOpen}
    >
      <span role="gridcell">
        <input type="checkbox" checked={chosen} aria-label={`${contact.rank}`} onChange={onChoose} />
      </span>
      <span role="gridcell" class="num">
        {contact.rank}
      </span>
      <span role="gridcell">
        {contact.droppedMs === null ? (
          tierTag(context, contact.tier)
        ) : (
          <span class="tag tag-plain">{t('dropped')}</span>
        )}
        {contact.included !== null && <small title={t('includedMark')}> ⊕</small>}
        {changeMark(context, contact.change)}
      </span>
      <span role="gridcell">
        <button class="link" onClick={onOpen}>
          {contact.name === '' ? t('none') : contact.name}
        </button>
      </span>
      <span role="gridcell" class="num">
        {contact.masked}
        {contact.assisted && <small class="quiet"> {t('assistedMark')}</small>}
      </span>
      <span role="gridcell">
        {leg === undefined
          ? ''
          : `${leg.plate === null ? named(context, leg.unitLabel) : plateText(leg.plate)} ${named(context, leg.line)}`}
        {contact.legs.length > 1 && <small> +{contact.legs.length - 1}</small>}
      </span>
      <span role="gridcell" class="num">
        {leg === undefined ? '' : narrowMoment(context, leg.boardedMs)}
      </span>
      <span role="gridcell" class="num">
        {Math.round(contact.minutes)}
      </span>
      <span role="gridcell" class="num">
        {Math.round(contact.probability * 100)} %
      </span>
      <span role="gridcell" class="num">
        {eemText(contact)}
      </span>
      <span role="gridcell" class="why" title={contact.reason[context.language]}>
        {contact.reason[context.language]}
      </span>
      <span role="gridcell" class={message.kind}>
        {message.text}
      </span>
      <span role="gridcell">{contact.receipt === null ? t('none') : t(contact.receipt as 'seen')}</span>
    </div>
  );
}

/** First and last row to draw for a scrolled box. */
export function visibleRange(
  scrollTop: number,
  height: number,
  count: number,
): { readonly from: number; readonly to: number } {
  const from = Math.max(0, Math.floor(scrollTop / rowPx) - overscan);
  return { from, to: Math.min(count, Math.ceil((scrollTop + height) / rowPx) + overscan) };
}

export function Contacts(props: ContactsProps) {
  const { context, contacts, runKey, selection, onSelection, onOpen, onNotify, onReset } = props;
  const { t } = context;
  const [filter, setFilter] = useState('');
  const [tier, setTier] = useState('');
  const [scroll, setScroll] = useState({ top: 0, height: 600 });
  const box = useRef<HTMLDivElement>(null);
  const spacer = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const shown = useMemo(
    () => contacts.filter((contact) => matches(contact, filter, tier, runKey)),
    [contacts, filter, tier, runKey],
  );
  const ids = shown.map((contact) => contact.contactId);
  // Whoever a correction took off the list is told on purpose, never along with all others.
  const found = shown.filter((contact) => contact.droppedMs === null).map((contact) => contact.contactId);

  useEffect(() => {
    if (spacer.current !== null) spacer.current.style.height = `${shown.length * rowPx}px`;
  }, [shown.length]);
  useEffect(() => {
    if (box.current !== null) setScroll({ top: box.current.scrollTop, height: box.current.clientHeight });
  }, [shown.length]);
  // Before the next key can come: a quick X, N must see what X chose.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (
        event.target instanceof HTMLInputElement ||
        event.target instanceof HTMLTextAreaElement ||
        document.querySelector('dialog[open]') !== null
      )
        return;
      const contact = shown[selection.focus];
      const key = event.key.toLowerCase();
      if (key === '/') search.current?.focus();
      else if (key === 'j' || event.key === 'ArrowDown') step(1, event.shiftKey);
      else if (key === 'k' || event.key === 'ArrowUp') step(-1, event.shiftKey);
      else if (key === 'x' && contact !== undefined) onSelection(toggle(selection, contact.contactId));
      else if (key === 'a' && !event.ctrlKey && !event.metaKey) onSelection(toggleAll(selection, found));
      else if (
        (key === 'o' || key === 'enter') &&
        contact !== undefined &&
        !(event.target instanceof HTMLButtonElement)
      )
        onOpen(contact);
      else if (key === 'n') onNotify();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
  function step(by: number, extend: boolean): void {
    const next = move(selection, ids, by, extend);
    onSelection(next);
    const at = next.focus * rowPx;
    const area = box.current;
    if (area === null) return;
    if (at < area.scrollTop) area.scrollTop = at;
    else if (at + rowPx > area.scrollTop + area.clientHeight) area.scrollTop = at + rowPx - area.clientHeight;
  }

  const { from, to } = visibleRange(scroll.top, scroll.height, shown.length);
  return (
    <section class="panel contacts" aria-label={t('contacts')}>
      <div class="bar">
        <h2>
          {t('contacts')}{' '}
          <small class="quiet num">
            {shown.length === contacts.length ? contacts.length : `${shown.length} / ${contacts.length}`}
          </small>
        </h2>
        <input
          ref={search}
          type="search"
          placeholder={t('filter')}
          aria-label={t('filter')}
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <select aria-label={t('tier')} value={tier} onChange={(event) => setTier(event.currentTarget.value)}>
          <option value="">{t('allTiers')}</option>
          {(['close', 'verify', 'staff', 'general', 'secondary'] as const).map((each) => (
            <option key={each} value={each}>
              {t(`${each}_tier`)}
            </option>
          ))}
        </select>
        <button
          onClick={() => {
            setFilter('');
            setTier('');
            onReset();
          }}
        >
          {t('reset')}
        </button>
        <span class="space" />
        {selection.chosen.size > 0 ? (
          <small class="quiet">{t('selected', { n: selection.chosen.size })}</small>
        ) : (
          <small class="quiet keys-help">{t('keysHelp')}</small>
        )}
        <button class="primary" disabled={selection.chosen.size === 0} onClick={onNotify}>
          {t('notify', { n: selection.chosen.size })}
        </button>
      </div>
      {contacts.length === 0 ? (
        <p class="quiet">{t('noContacts')}</p>
      ) : (
        <div class="grid-wrap">
          <div role="grid" class="grid" aria-rowcount={shown.length}>
            <div role="row" class="row head">
              <span role="columnheader">
                <input
                  type="checkbox"
                  aria-label={t('selectAll')}
                  checked={found.length > 0 && found.every((id) => selection.chosen.has(id))}
                  onChange={() => onSelection(toggleAll(selection, found))}
                />
              </span>
              <span role="columnheader">#</span>
              {(
                [
                  'tier',
                  'name',
                  'number',
                  'run',
                  'boarded',
                  'minutes',
                  'probability',
                  'eem',
                  'reason',
                  'message',
                  'receipt',
                ] as const
              ).map((key) => (
                <span role="columnheader" key={key}>
                  {t(key)}
                </span>
              ))}
            </div>
            <div
              ref={box}
              class="rows"
              onScroll={(event) =>
                setScroll({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })
              }
            >
              <div ref={spacer} class="spacer">
                {shown.slice(from, to).map((contact, index) => (
                  <Row
                    key={contact.contactId}
                    context={context}
                    contact={contact}
                    top={(from + index) * rowPx}
                    focused={selection.focus === from + index}
                    chosen={selection.chosen.has(contact.contactId)}
                    onChoose={() => onSelection(toggle(selection, contact.contactId))}
                    onOpen={() => onOpen(contact)}
                  />
                ))}
              </div>
            </div>
          </div>
        </div>
      )}
    </section>
  );
}
