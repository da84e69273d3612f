// One case on one page: figures, order, rides, ranked fellow riders, messages.
import { useEffect, useState } from 'preact/hooks';
import type { CaseView, ContactView, TraceView } from '@tongche/contract';
import { api } from '../api.ts';
import { shortDay, spanText, type Context } from '../context.ts';
import { nothing, type Selection } from '../selection.ts';
import { Aside } from './aside.tsx';
import { StatusTag } from './cases.tsx';
import { ContactDrawer } from './contact-drawer.tsx';
import { Contacts } from './contacts.tsx';
import { FactsPanel } from './facts-panel.tsx';
import { Findings } from './findings.tsx';
import { Interview } from './interview.tsx';
import { DoubtfulRides } from './doubtful-rides.tsx';
import { Exports } from './exports.tsx';
import { History } from './history.tsx';
import { MessageDialog } from './message-dialog.tsx';
import { OrderPanel } from './order-panel.tsx';
import { Timeline } from './timeline.tsx';

/** A second press within this time closes the case; one press alone never does. */
const confirmMs = 4_000;

interface CaseData {
  readonly one: CaseView;
  readonly trace: TraceView | undefined;
  readonly contacts: readonly ContactView[];
}

async function load(caseId: string): Promise<CaseData> {
  const one = await api.oneCase(caseId);
  if (one.order === null || one.closedMs !== null) return { one, trace: undefined, contacts: [] };
  const trace = await api.trace(caseId).catch(() => undefined);
  const contacts = one.order.state === 'done' ? await api.allContacts(caseId, false) : [];
  return { one, trace, contacts };
}

function Figures({
  context,
  one,
  trace,
}: {
  readonly context: Context;
  readonly one: CaseView;
  readonly trace: TraceView | undefined;
}) {
  const { t } = context;
  const figures: readonly (readonly [string, string | number, string])[] = [
    [t('ridesN'), one.counts.rides, ''],
    [t('records'), one.counts.records, ''],
    [t('contactsN'), one.counts.contacts, ''],
    [t('closeN'), one.counts.close, 'bad'],
    ...(one.counts.contactsAside > 0 ? [[t('aside'), one.counts.contactsAside, ''] as const] : []),
    [t('delivered'), one.counts.delivered, ''],
    [t('failed'), one.counts.failed, one.counts.failed > 0 ? 'bad' : ''],
    [t('machineTime'), trace === undefined || trace.totalMs === 0 ? '–' : spanText(trace.totalMs), ''],
  ];
  return (
    <dl class="figures">
      {figures.map(([label, value, kind]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd class={`num ${kind}`}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function CasePage({
  context,
  caseId,
  version,
  onTitle,
}: {
  readonly context: Context;
  readonly caseId: string;
  readonly version: number;
  readonly onTitle: (caseNo: string) => void;
}) {
  const { t, explain } = context;
  const [data, setData] = useState<CaseData>();
  const [problem, setProblem] = useState('');
  const [notice, setNotice] = useState('');
  const [selection, setSelection] = useState<Selection>(nothing);
  const [runKey, setRunKey] = useState<string | null>(null);
  const [open, setOpen] = useState<string>();
  const [sending, setSending] = useState(false);
  const [armed, setArmed] = useState(false);
  const [reload, setReload] = useState(0);
  const again = () => setReload((now) => now + 1);

  useEffect(() => {
    let gone = false;
    load(caseId).then(
      (next) => {
        if (gone) return;
        setData(next);
        setProblem('');
        onTitle(next.one.caseNo);
      },
      (error: unknown) => !gone && setProblem(explain(error)),
    );
    return () => {
      gone = true;
    };
  }, [caseId, version, reload]);

  if (data === undefined)
    return (
      <p class="problem" role="alert">
        {problem}
      </p>
    );
  const { one, trace, contacts } = data;
  const opened = contacts.find((contact) => contact.contactId === open);
  function closeCase(): void {
    if (!armed) {
      setArmed(true);
      setTimeout(() => setArmed(false), confirmMs);
      return;
    }
    setArmed(false);
    api.closeCase(caseId).then(again, (error: unknown) => setProblem(explain(error)));
  }
  return (
    <section>
      <div class="bar">
        <h1>{t('oneCase', { no: one.caseNo })}</h1>
        <StatusTag context={context} status={one.status} />
        <span class="quiet num">
          {one.from} – {one.to}
        </span>
        <span class="quiet num">{one.subjects.map((subject) => subject.masked).join(' · ')}</span>
        <span class="space" />
        {one.closedMs === null ? (
          <>
            <small class="quiet">{t('destroyBy', { date: shortDay(context, one.destroyByMs) })}</small>
            <button class={armed ? 'danger' : ''} title={t('closeHint')} onClick={closeCase}>
              {armed ? t('confirmClose') : t('closeCase')}
            </button>
          </>
        ) : (
          <span class="tag tag-plain">{t('closed')}</span>
        )}
      </div>
      <p class="problem" role="alert">
        {problem}
      </p>
      {notice !== '' && (
        <p class="notice" role="status">
          {notice}
        </p>
      )}
      <Figures context={context} one={one} trace={trace} />
      <FactsPanel context={context} one={one} trace={trace} onChange={again} />
      <OrderPanel context={context} one={one} trace={trace} onChange={again} />
      {one.order?.state === 'done' && trace !== undefined && (
        <>
          <Timeline
            context={context}
            one={one}
            rides={trace.rides}
            chosen={runKey}
            onChoose={setRunKey}
            onChange={again}
          />
          <DoubtfulRides context={context} caseId={caseId} rides={trace.rides} onChange={again} />
          <Interview context={context} one={one} version={data} onChange={again} />
          <Findings context={context} caseId={caseId} version={data} />
          <History context={context} history={trace.history} />
        </>
      )}
      {one.order?.state === 'done' && one.closedMs === null && (
        <Contacts
          context={context}
          contacts={contacts}
          runKey={runKey}
          selection={selection}
          onSelection={setSelection}
          onOpen={(contact) => setOpen(contact.contactId)}
          onNotify={() => selection.chosen.size > 0 && setSending(true)}
          onReset={() => setRunKey(null)}
        />
      )}
      {one.order?.state === 'done' && one.closedMs === null && one.counts.contactsAside > 0 && (
        <Aside
          context={context}
          caseId={caseId}
          count={one.counts.contactsAside}
          withheld={trace?.withheld ?? 0}
          version={data}
          onChange={again}
        />
      )}
      {one.order?.state === 'done' && one.closedMs === null && one.purpose === 'trace' && contacts.length > 0 && (
        <Exports context={context} caseId={caseId} version={data} />
      )}
      {opened !== undefined && (
        <ContactDrawer
          context={context}
          caseId={caseId}
          contact={opened}
          onClose={() => setOpen(undefined)}
          onChange={again}
        />
      )}
      {sending && (
        <MessageDialog
          context={context}
          caseId={caseId}
          contactIds={[...selection.chosen]}
          onClose={() => setSending(false)}
          onSent={(text) => {
            setNotice(text);
            setSelection(nothing);
            again();
          }}
        />
      )}
    </section>
  );
}
