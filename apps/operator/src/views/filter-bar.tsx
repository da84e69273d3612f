// The filters above a list: a search that waits until typing is over, the list's own choices, search and reset. The address
// holds the state, so a link, the back button and a reload show the same rows.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LineRef } from '@tongche/contract';
import { lineName, type Context } from '../context.ts';
import { useKeys, useSettled } from '../hooks.ts';
import { noLineId } from '../lines.ts';
import type { Params } from '../router.ts';

/** Typing is over after so long. */
const settleMs = 250;

export type SetParams = (params: Params, replace?: boolean) => void;

export function FilterBar({
  context,
  params,
  label,
  cleared,
  onParams,
  children,
}: {
  readonly context: Context;
  readonly params: Params;
  /** What the search field looks for. */
  readonly label: string;
  /** What is left of the address after a reset. */
  readonly cleared: Params;
  readonly onParams: SetParams;
  readonly children: ComponentChildren;
}) {
  const { t } = context;
  const search = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(params['q'] ?? '');
  const settled = useSettled(text, settleMs);
  // What the address says when it changes by other means: a link, the back button.
  useEffect(() => setText(params['q'] ?? ''), [params['q']]);
  useEffect(() => {
    if (settled === text && settled !== (params['q'] ?? '')) onParams({ ...params, q: settled }, true);
  }, [settled]);
  useKeys((key) => {
    if (key !== '/') return false;
    search.current?.focus();
    search.current?.select();
    return true;
  });
  return (
    <form
      class="bar filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onParams({ ...params, q: text }, true);
      }}
    >
      <input
        ref={search}
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {children}
      <button class="primary">{t('search')}</button>
      <button
        type="button"
        onClick={() => {
          setText('');
          onParams(cleared);
        }}
      >
        {t('reset')}
      </button>
    </form>
  );
}

/** Chooses the line whose rows are shown; null stands for vehicles without one. */
export function LineChoice({
  context,
  params,
  lines,
  onParams,
}: {
  readonly context: Context;
  readonly params: Params;
  readonly lines: readonly (LineRef | null)[];
  readonly onParams: SetParams;
}) {
  const { t } = context;
  return (
    <select
      aria-label={t('line')}
      value={params['line'] ?? ''}
      onChange={(event) => onParams({ ...params, line: event.currentTarget.value })}
    >
      <option value="">{t('line')}</option>
      {lines.map((line) => (
        <option key={line?.id ?? noLineId} value={line?.id ?? noLineId}>
          {lineName(context, line)}
        </option>
      ))}
    </select>
  );
}
