// The form for a case: number, status, up to three numbers or documents, days.
import { useEffect, useState } from 'preact/hooks';
import type { CaseFacts, NewCase } from '@tongche/contract';
import { api } from '../api.ts';
import { named, type Context } from '../context.ts';
import { daysOfRule, FactsFields, noFacts, PolicyCard, usePolicies } from './facts-form.tsx';

const kinds = ['phone', 'cn-id', 'passport'] as const;
type Kind = (typeof kinds)[number];
const statuses = ['confirmed', 'suspected', 'ruled-out'] as const;
const purposes = ['trace', 'itinerary', 'exercise'] as const;
const maxSubjects = 3;
/** Two weeks back is the longest order without a third signature. */
const defaultDays = 14;
const dayMs = 86_400_000;

/** `YYYY-MM-DD` of a moment in a zone. */
function dayOf(ms: number, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    ms,
  );
}

export function NewCaseForm({
  context,
  opened,
  onSave,
  onCancel,
}: {
  readonly context: Context;
  /** Counts how often it was opened. */
  readonly opened: number;
  readonly onSave: (body: NewCase) => Promise<void>;
  readonly onCancel: () => void;
}) {
  const { t, explain } = context;
  const { zone } = context.session;
  const [today, setToday] = useState(() => dayOf(Date.now(), zone));
  const [subjects, setSubjects] = useState<readonly { kind: Kind; value: string }[]>([{ kind: 'phone', value: '' }]);
  const [facts, setFacts] = useState<CaseFacts>(noFacts);
  const [policyId, setPolicyId] = useState<string>();
  const policies = usePolicies();
  const policy = policies.find(({ id, isDefault }) => (policyId === undefined ? isDefault : id === policyId));
  const isolated = facts.isolatedMs === null ? '' : dayOf(facts.isolatedMs, zone);
  const ruled = daysOfRule(policy, facts, today, isolated);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    // The authority's day counts, not that of a computer whose clock is off.
    void api.keys().then(
      ({ nowMs }) => setToday(dayOf(nowMs, zone)),
      () => {},
    );
  }, [opened]);

  function change(index: number, part: Partial<{ kind: Kind; value: string }>): void {
    setSubjects(subjects.map((subject, i) => (i === index ? { ...subject, ...part } : subject)));
  }
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const text = (name: string) => (form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement).value.trim();
    setBusy(true);
    setProblem('');
    try {
      const note = text('note');
      await onSave({
        caseNo: text('caseNo'),
        status: text('status') as NewCase['status'],
        purpose: text('purpose') as NewCase['purpose'],
        subjects: subjects
          .filter((subject) => subject.value.trim() !== '')
          .map(({ kind, value }) => ({ kind, value: value.trim() })),
        from: text('from'),
        to: text('to'),
        facts,
        ...(policy === undefined || !policy.inForce
          ? {}
          : { policy: { pathogen: policy.pathogen, jurisdiction: policy.jurisdiction } }),
        ...(note === '' ? {} : { note }),
      });
      form.reset();
      setSubjects([{ kind: 'phone', value: '' }]);
      setFacts(noFacts);
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form class="form" onSubmit={(event) => void submit(event)} autocomplete="off">
      <h2>{t('newCase')}</h2>
      <label>
        {t('caseNo')}
        <input name="caseNo" required maxLength={40} autoFocus />
      </label>
      <div class="two">
        <label>
          {t('status')}
          <select name="status">
            {statuses.map((status) => (
              <option key={status} value={status}>
                {t(status)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('purpose')}
          <select name="purpose">
            {purposes.map((purpose) => (
              <option key={purpose} value={purpose}>
                {t(purpose)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <fieldset>
        <legend>{t('subject')}</legend>
        {subjects.map((subject, index) => (
          <div class="subject" key={index}>
            <select
              aria-label={t('kind')}
              value={subject.kind}
              onChange={(event) => change(index, { kind: event.currentTarget.value as Kind })}
            >
              {kinds.map((kind) => (
                <option key={kind} value={kind}>
                  {t(kind)}
                </option>
              ))}
            </select>
            <input
              aria-label={t('subject')}
              value={subject.value}
              required={index === 0}
              minLength={3}
              maxLength={24}
              inputMode={subject.kind === 'phone' ? 'tel' : 'text'}
              onInput={(event) => change(index, { value: event.currentTarget.value })}
            />
          </div>
        ))}
        {subjects.length < maxSubjects && (
          <button type="button" class="link" onClick={() => setSubjects([...subjects, { kind: 'cn-id', value: '' }])}>
            + {t('addSubject')}
          </button>
        )}
      </fieldset>
      <fieldset>
        <legend>{t('illness')}</legend>
        <label>
          {t('rule')}
          <select value={policy?.id ?? ''} onChange={(event) => setPolicyId(event.currentTarget.value)}>
            {policies
              .filter(({ inForce, isDefault }) => inForce || isDefault)
              .map((one) => (
                <option key={one.id} value={one.id}>
                  {named(context, one.name)}
                </option>
              ))}
          </select>
        </label>
        {policy !== undefined && <PolicyCard context={context} policy={policy} />}
        <FactsFields context={context} policy={policy} facts={facts} today={today} onChange={setFacts} />
      </fieldset>
      <fieldset>
        <legend>{t('orderDays')}</legend>
        <div class="two">
          <label>
            {t('from')}
            <input
              name="from"
              type="date"
              required
              key={`${today} ${ruled?.from}`}
              defaultValue={ruled?.from ?? dayOf(Date.parse(today) - (defaultDays - 1) * dayMs, 'UTC')}
              max={today}
            />
          </label>
          <label>
            {t('to')}
            <input
              name="to"
              type="date"
              required
              key={`${today} ${ruled?.to}`}
              defaultValue={ruled?.to ?? today}
              max={today}
            />
          </label>
        </div>
        <p class="quiet">{t(ruled === undefined ? 'orderDaysFree' : 'orderDaysRuled')}</p>
      </fieldset>
      <label>
        {t('note')}
        <input name="note" maxLength={500} />
      </label>
      <p class="problem" role="alert">
        {problem}
      </p>
      <div class="bar end">
        <button type="button" onClick={onCancel}>
          {t('cancel')}
        </button>
        <button class="primary" disabled={busy}>
          {t('create')}
        </button>
      </div>
    </form>
  );
}
