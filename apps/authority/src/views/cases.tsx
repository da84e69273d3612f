// The list of cases and the form for a new one.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CaseView, NewCase } from '@tongche/contract';
import { api } from '../api.ts';
import { momentText, type Context } from '../context.ts';
import { NewCaseForm } from './new-case.tsx';

export function StatusTag({ context, status }: { readonly context: Context; readonly status: CaseView['status'] }) {
  const kind = status === 'confirmed' ? 'err' : status === 'suspected' ? 'warn' : 'plain';
  return <span class={`tag tag-${kind}`}>{context.t(status)}</span>;
}

function orderWords(context: Context, one: CaseView): string {
  if (one.closedMs !== null) return context.t('closed');
  if (one.order === null) return '';
  return context.t(one.order.state === 'failed' ? 'failedState' : one.order.state);
}

export function Cases({
  context,
  version,
  onOpen,
}: {
  readonly context: Context;
  readonly version: number;
  readonly onOpen: (one: CaseView) => void;
}) {
  const { t, explain } = context;
  const [cases, setCases] = useState<readonly CaseView[]>();
  const [problem, setProblem] = useState('');
  const [filter, setFilter] = useState('');
  const dialog = useRef<HTMLDialogElement>(null);
  /** How often the form was opened: each time it asks again which day it is. */
  const [opened, setOpened] = useState(0);
  const search = useRef<HTMLInputElement>(null);

  useEffect(() => {
    api.cases().then(setCases, (error: unknown) => setProblem(explain(error)));
  }, [version]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      search.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  async function add(body: NewCase): Promise<void> {
    const made = await api.addCase(body);
    dialog.current?.close();
    onOpen(made);
  }

  const shown = (cases ?? []).filter((one) => one.caseNo.toLowerCase().includes(filter.trim().toLowerCase()));
  return (
    <section>
      <div class="bar">
        <h1>{t('cases')}</h1>
        <input
          ref={search}
          type="search"
          placeholder={t('search')}
          aria-label={t('search')}
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <span class="space" />
        {context.session.role === 'tracer' && (
          <button
            class="primary"
            onClick={() => {
              setOpened(opened + 1);
              dialog.current?.showModal();
            }}
          >
            {t('newCase')}
          </button>
        )}
      </div>
      <p class="problem" role="alert">
        {problem}
      </p>
      {cases !== undefined && cases.length === 0 && <p class="panel empty">{t('noCases')}</p>}
      {shown.length > 0 && (
        <div class="table-wrap">
          <table>
            <thead>
              <tr>
                <th>{t('caseNo')}</th>
                <th>{t('status')}</th>
                <th>
                  {t('from')} – {t('to')}
                </th>
                <th>{t('order')}</th>
                <th class="num">{t('ridesN')}</th>
                <th class="num">{t('contactsN')}</th>
                <th class="num">{t('delivered')}</th>
                <th>{t('enteredBy')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={one.caseId} class="open-row" onClick={() => onOpen(one)}>
                  <td>
                    <a href={`#/cases/${encodeURIComponent(one.caseId)}`}>{one.caseNo}</a>
                  </td>
                  <td>
                    <StatusTag context={context} status={one.status} />
                  </td>
                  <td>
                    {one.from} – {one.to}
                  </td>
                  <td>{orderWords(context, one)}</td>
                  <td class="num">{one.counts.rides}</td>
                  <td class="num">{one.counts.contacts}</td>
                  <td class="num">{one.counts.delivered}</td>
                  <td>
                    {one.enteredBy} · {momentText(context, one.enteredMs)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <dialog ref={dialog} aria-label={t('newCase')}>
        <NewCaseForm context={context} opened={opened} onSave={add} onCancel={() => dialog.current?.close()} />
      </dialog>
    </section>
  );
}
