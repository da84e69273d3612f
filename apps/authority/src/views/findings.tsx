// What the trace says about runs: how many were aboard who are not registered, with the draft of a public notice, and on which
// runs the case can have been infected.
import { useEffect, useState } from 'preact/hooks';
import type { FindingsView } from '@tongche/contract';
import { plateText } from '@tongche/ui';
import { api } from '../api.ts';
import { clockText, named, narrowMoment, percent, type Context } from '../context.ts';

type Covered = FindingsView['coverage'][number];
type Origin = FindingsView['backward'][number];

function Bar({ covered, context }: { readonly covered: Covered; readonly context: Context }) {
  const { t } = context;
  const { registered, unregistered, aboard } = covered;
  if (unregistered === null || aboard === null)
    return <span class="quiet">{t('aboardUnknown', { n: registered })}</span>;
  return (
    <span class="aboard">
      <meter
        min={0}
        max={Math.max(aboard, 1)}
        value={registered}
        aria-label={t('registeredOf', { n: registered, of: aboard })}
      />
      <span class="num">{t('registeredOf', { n: registered, of: aboard })}</span>
    </span>
  );
}

function Notice({ context, covered }: { readonly context: Context; readonly covered: Covered }) {
  const { t } = context;
  const [copied, setCopied] = useState(false);
  const { notice } = covered;
  const text = `${notice.text.zh}\n\n${notice.text.en}`;
  if (!notice.isDraft) return <p class="quiet">{notice.text[context.language]}</p>;
  return (
    <details>
      <summary>{t('noticeDraft')}</summary>
      <blockquote class="sms" lang="zh-CN">
        {notice.text.zh}
      </blockquote>
      <blockquote class="sms" lang="en">
        {notice.text.en}
      </blockquote>
      <div class="bar">
        <button
          onClick={() => {
            void navigator.clipboard.writeText(text).then(() => setCopied(true));
          }}
        >
          {t(copied ? 'copied' : 'copy')}
        </button>
        <small class="quiet">{t('noticeHint')}</small>
      </div>
    </details>
  );
}

function Coverage({ context, coverage }: { readonly context: Context; readonly coverage: readonly Covered[] }) {
  const { t } = context;
  return (
    <ul class="runs">
      {coverage.map((one) => (
        <li key={`${one.runKey} ${one.unitLabel.zh}`}>
          <div class="bar">
            <b>
              {named(context, one.line)} {one.plate === null ? named(context, one.unitLabel) : plateText(one.plate)}
            </b>
            <span class="quiet num">
              {narrowMoment(context, one.fromMs)}–{clockText(context, one.toMs)}
            </span>
            <span class="quiet">
              {named(context, one.fromStop)} → {named(context, one.toStop)}
            </span>
            <span class="space" />
            <Bar context={context} covered={one} />
            <span class={`tag ${one.advice === 'public-notice' ? 'tag-warn' : 'tag-plain'}`}>
              {t(`advice_${one.advice}`)}
            </span>
          </div>
          <p class="quiet">{one.text[context.language]}</p>
          <Notice context={context} covered={one} />
        </li>
      ))}
    </ul>
  );
}

/** The likeliest first; bars are drawn against it, shares are of them all. */
function Backward({ context, runs }: { readonly context: Context; readonly runs: readonly Origin[] }) {
  const { t } = context;
  const most = Math.max(...runs.map(({ share }) => share));
  return (
    <ol class="runs origins">
      {runs.map((one) => (
        <li key={`${one.runKey} ${one.unitLabel.zh}`}>
          <span class="aboard">
            <meter min={0} max={most} value={one.share} aria-label={t('shareOfAll', { n: percent(one.share) })} />
            <b class="num">{percent(one.share)}</b>
          </span>
          <span class="num">
            {narrowMoment(context, one.fromMs)}–{clockText(context, one.toMs)}
          </span>
          <b>
            {named(context, one.line)} {one.plate === null ? named(context, one.unitLabel) : plateText(one.plate)}
          </b>
          <span class="quiet num">
            {t('minutesAboard', { n: one.minutes })}
            {one.heads !== null && ` · ${t('headsAboard', { n: one.heads })}`}
          </span>
        </li>
      ))}
    </ol>
  );
}

export function Findings({
  context,
  caseId,
  version,
}: {
  readonly context: Context;
  readonly caseId: string;
  readonly version: unknown;
}) {
  const { t, explain } = context;
  const [view, setView] = useState<FindingsView>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    let gone = false;
    api.findings(caseId).then(
      (next) => !gone && setView(next),
      (error: unknown) => !gone && setProblem(explain(error)),
    );
    return () => {
      gone = true;
    };
  }, [caseId, version]);
  if (problem !== '')
    return (
      <p class="problem" role="alert">
        {problem}
      </p>
    );
  if (view === undefined || view.coverage.length + view.backward.length === 0) return null;
  const notices = view.coverage.filter(({ advice }) => advice === 'public-notice').length;
  return (
    <>
      {view.coverage.length > 0 && (
        <details class="panel fold">
          <summary>
            <h2>
              {t('coverage')} <small class="quiet num">{view.coverage.length}</small>
            </h2>
            {notices > 0 && <span class="tag tag-warn">{t('noticesAdvised', { n: notices })}</span>}
          </summary>
          <p class="quiet">{t('coverageLead')}</p>
          <Coverage context={context} coverage={view.coverage} />
        </details>
      )}
      {view.backward.length > 0 && (
        <details class="panel fold">
          <summary>
            <h2>
              {t('backward')} <small class="quiet num">{view.backward.length}</small>
            </h2>
          </summary>
          <p class="quiet">{t('backwardLead')}</p>
          <Backward context={context} runs={view.backward} />
        </details>
      )}
    </>
  );
}
