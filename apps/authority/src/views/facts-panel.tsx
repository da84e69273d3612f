// What is known of the case's illness and the rule that applies, with the way to correct it.
import { useRef, useState } from 'preact/hooks';
import type { CaseFacts, CaseView, TraceView } from '@tongche/contract';
import { api } from '../api.ts';
import { momentText, named, type Context } from '../context.ts';
import { FactsFields, noFacts, PolicyCard, usePolicies } from './facts-form.tsx';

const shortDigest = 12;
const anchors = ['onset', 'sample', 'rash', 'infectious'] as const;

function Facts({ context, facts }: { readonly context: Context; readonly facts: CaseFacts }) {
  const { t } = context;
  return (
    <dl class="known">
      {anchors.map((name) => {
        const range = facts[name];
        if (range === null) return null;
        return (
          <div key={name}>
            <dt>{t(`date_${name}`)}</dt>
            <dd class="num">{range.from === range.to ? range.from : `${range.from} – ${range.to}`}</dd>
          </div>
        );
      })}
      <div>
        <dt>{t('isolated')}</dt>
        <dd class="num">{facts.isolatedMs === null ? t('notYet') : momentText(context, facts.isolatedMs)}</dd>
      </div>
      {facts.severe && (
        <div>
          <dt>{t('symptoms')}</dt>
          <dd>{t('severeShort')}</dd>
        </div>
      )}
      {facts.masked !== null && (
        <div>
          <dt>{t('masked')}</dt>
          <dd>{t(facts.masked ? 'maskedYes' : 'maskedNo')}</dd>
        </div>
      )}
    </dl>
  );
}

function Correction(props: {
  readonly context: Context;
  readonly one: CaseView;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const { context, one, onDone, onClose } = props;
  const { t, explain } = context;
  const policies = usePolicies();
  const [facts, setFacts] = useState(one.facts ?? noFacts);
  const [problem, setProblem] = useState('');
  const dialog = useRef<HTMLDialogElement>(null);
  const today = new Date().toISOString().slice(0, 10);
  return (
    <dialog
      ref={(element) => {
        dialog.current = element;
        if (element !== null && !element.open) element.showModal();
      }}
      aria-label={t('correctFacts')}
      onClose={onClose}
    >
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          api.correctFacts(one.caseId, facts).then(
            () => {
              onDone();
              dialog.current?.close();
            },
            (error: unknown) => setProblem(explain(error)),
          );
        }}
      >
        <h2>{t('correctFacts')}</h2>
        <p class="quiet">{t('correctFactsLead')}</p>
        <FactsFields
          context={context}
          policy={policies.find(({ id }) => id === one.policy?.id)}
          facts={facts}
          today={today}
          onChange={setFacts}
        />
        <p class="problem" role="alert">
          {problem}
        </p>
        <div class="bar end">
          <button type="button" onClick={() => dialog.current?.close()}>
            {t('cancel')}
          </button>
          <button class="primary">{t('save')}</button>
        </div>
      </form>
    </dialog>
  );
}

function RuleLine({ context, rule }: { readonly context: Context; readonly rule: NonNullable<TraceView['rule']> }) {
  const { t } = context;
  const days =
    rule.fromMs === null || rule.toMs === null
      ? t('ruleNoDays')
      : t(rule.byOrder ? 'ruleDaysByOrder' : 'ruleDays', {
          from: momentText(context, rule.fromMs),
          to: momentText(context, rule.toMs),
        });
  return (
    <p class="quiet made">
      <span>{days}</span>
      <span>
        {rule.policy.id} v{rule.policy.version} · {rule.engine} · {t('rulePriors')} {rule.priors}
      </span>
      <span title={rule.digest}>
        {t('ruleDigest')} <code>{rule.digest.slice(0, shortDigest)}</code>
      </span>
      {rule.isNarrowed && <span class="tag tag-warn">{t('ruleNarrowed')}</span>}
    </p>
  );
}

export function FactsPanel(props: {
  readonly context: Context;
  readonly one: CaseView;
  readonly trace: TraceView | undefined;
  readonly onChange: () => void;
}) {
  const { context, one, trace, onChange } = props;
  const { t, session } = context;
  const [isOpen, setIsOpen] = useState(false);
  const policies = usePolicies();
  const policy = policies.find(({ id, version }) => id === one.policy?.id && version === one.policy.version);
  return (
    <section class="panel" aria-label={t('illness')}>
      <div class="bar">
        <h2>{t('illness')}</h2>
        {one.policy !== null && <span class="tag tag-info">{named(context, one.policy.name)}</span>}
        <span class="space" />
        {session.role === 'tracer' && one.closedMs === null && (
          <button onClick={() => setIsOpen(true)}>{t('correctFacts')}</button>
        )}
      </div>
      {one.facts === null ? <p class="quiet">{t('noFacts')}</p> : <Facts context={context} facts={one.facts} />}
      {policy !== undefined && <PolicyCard context={context} policy={policy} />}
      {trace?.rule !== undefined && trace.rule !== null && <RuleLine context={context} rule={trace.rule} />}
      {isOpen && <Correction context={context} one={one} onDone={onChange} onClose={() => setIsOpen(false)} />}
    </section>
  );
}
