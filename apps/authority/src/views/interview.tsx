// What the case told, and what its rides leave open: told rides with the runs they can have been, of which an investigator
// picks one, and suggestions to ask the case about. Nothing is sought for a ride that nobody picked.
import { useEffect, useState } from 'preact/hooks';
import type { CaseView, InterviewView } from '@tongche/contract';
import { plateText } from '@tongche/ui';
import { api } from '../api.ts';
import { momentText, percent, type Context } from '../context.ts';
import { ToldForm } from './told-form.tsx';

type Leg = InterviewView['legs'][number];
type Day = Leg['days'][number];
/** Likelier ones are shown at once, the others when asked for. */
const shownAtOnce = 3;

type Act = (work: () => Promise<InterviewView>) => void;

function Candidates(props: {
  readonly context: Context;
  readonly day: Day;
  readonly may: boolean;
  readonly onPick: (runKey: string | null, unitId: string | null) => void;
}) {
  const { context, day, may, onPick } = props;
  const { t, language } = context;
  const [all, setAll] = useState(false);
  const shown = all ? day.candidates : day.candidates.slice(0, shownAtOnce);
  return (
    <>
      <ul class="candidates">
        {shown.map((one) => (
          <li key={`${one.runKey} ${one.unitId}`}>
            <meter min={0} max={1} value={one.probability} aria-label={percent(one.probability)} />
            <span>
              <b>{plateText(one.vehicle[language])}</b> {one.text[language]}
            </span>
            {may && <button onClick={() => onPick(one.runKey, one.unitId)}>{t('pickThis')}</button>}
          </li>
        ))}
        {day.byTime.map((unitId) => (
          <li key={unitId}>
            <span>{t('byTimeAlone')}</span>
            {may && <button onClick={() => onPick(null, unitId)}>{t('pickThis')}</button>}
          </li>
        ))}
      </ul>
      <div class="bar">
        {day.candidates.length > shown.length && (
          <button class="link" onClick={() => setAll(true)}>
            {t('moreCandidates', { n: day.candidates.length - shown.length })}
          </button>
        )}
        {may && (
          <button class="link" onClick={() => onPick(null, null)}>
            {t('noneOfThem')}
          </button>
        )}
      </div>
    </>
  );
}

function DayOfLeg(props: {
  readonly context: Context;
  readonly day: Day;
  readonly may: boolean;
  readonly onPick: (runKey: string | null, unitId: string | null) => void;
}) {
  const { context, day, may, onPick } = props;
  const { t, language } = context;
  const [again, setAgain] = useState(false);
  const { picked } = day;
  const chosen = day.candidates.find(({ runKey, unitId }) => runKey === picked?.runKey && unitId === picked.unitId);
  const isOpen = picked === null || again;
  return (
    <li class={`told-day ${picked === null ? day.state : 'picked'}`}>
      <div class="bar">
        <b class="num">{day.day}</b>
        {picked === null ? (
          <span class={`tag ${day.state === 'sure' ? 'tag-info' : 'tag-warn'}`}>{t(`legState_${day.state}`)}</span>
        ) : (
          <span>
            ✓ {chosen !== undefined && <b>{plateText(chosen.vehicle[language])} </b>}
            {picked.isNone ? t('pickedNone') : (chosen?.text[language] ?? t('byTimeAlone'))}{' '}
            <small class="quiet">
              {picked.by} · {momentText(context, picked.atMs)}
            </small>
          </span>
        )}
        {picked !== null && may && (
          <button class="link" onClick={() => setAgain(!again)}>
            {t('pickAgain')}
          </button>
        )}
      </div>
      {isOpen && (
        <Candidates
          context={context}
          day={day}
          may={may}
          onPick={(runKey, unitId) => {
            setAgain(false);
            onPick(runKey, unitId);
          }}
        />
      )}
    </li>
  );
}

function Suggestions(props: {
  readonly context: Context;
  readonly view: InterviewView;
  readonly may: boolean;
  readonly onDecide: (gapId: string, confirmed: boolean) => void;
  readonly onStrike: (rideId: string, struck: boolean) => void;
  readonly onNumber: (soleUser: boolean) => void;
}) {
  const { context, view, may, onDecide, onStrike, onNumber } = props;
  const { t, language } = context;
  const { number } = view;
  if (view.gaps.length + view.wrong.length === 0 && number === null) return null;
  return (
    <>
      <h3>{t('toAsk')}</h3>
      <ul class="asked">
        {number !== null && (
          <li>
            <span>{number.text?.[language] ?? t('soleUserSaid')}</span>
            {may && (
              <button class="link" onClick={() => onNumber(!number.soleUser)}>
                {t(number.soleUser ? 'soleUserBack' : 'soleUser')}
              </button>
            )}
          </li>
        )}
        {view.gaps.map((gap) => (
          <li key={gap.gapId}>
            <span>
              {gap.text[language]} <small class="quiet">{t('howSure', { n: percent(gap.confidence) })}</small>
            </span>
            {may && (
              <span class="bar">
                {gap.canAsk && <button onClick={() => onDecide(gap.gapId, true)}>{t('gapConfirm')}</button>}
                <button class="link" onClick={() => onDecide(gap.gapId, false)}>
                  {t('gapDismiss')}
                </button>
              </span>
            )}
          </li>
        ))}
        {view.wrong.map((one) => (
          <li key={one.rideId}>
            <span>
              {one.text[language]} <small class="quiet">{t('howSure', { n: percent(one.confidence) })}</small>
            </span>
            {may && (
              <button class="link" onClick={() => onStrike(one.rideId, !one.struck)}>
                {t(one.struck ? 'strikeBack' : 'strikeRide')}
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function Legs(props: {
  readonly context: Context;
  readonly caseId: string;
  readonly legs: readonly Leg[];
  readonly may: boolean;
  readonly act: Act;
}) {
  const { context, caseId, legs, may, act } = props;
  const { t, language } = context;
  return (
    <ul class="told">
      {legs.map((leg) => (
        <li key={leg.legId}>
          <div class="bar">
            <b>{leg.text[language]}</b>
            {leg.note !== '' && <span class="quiet">“{leg.note}”</span>}
            <span class="space" />
            <small class="quiet">
              {leg.by} · {momentText(context, leg.atMs)}
            </small>
            {may && (
              <button class="link" onClick={() => act(() => api.removeTold(caseId, leg.legId))}>
                {t('removeTold')}
              </button>
            )}
          </div>
          <ul>
            {leg.days.map((day) => (
              <DayOfLeg
                key={day.day}
                context={context}
                day={day}
                may={may}
                onPick={(runKey, unitId) =>
                  act(() => api.pickTold(caseId, leg.legId, { day: day.day, runKey, unitId }))
                }
              />
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

export function Interview(props: {
  readonly context: Context;
  readonly one: CaseView;
  /** Changes when the case does. */
  readonly version: unknown;
  readonly onChange: () => void;
}) {
  const { context, one, version, onChange } = props;
  const { t, session, explain } = context;
  const [view, setView] = useState<InterviewView>();
  const [adding, setAdding] = useState(false);
  const [problem, setProblem] = useState('');
  const may = session.role === 'tracer' && one.closedMs === null;
  useEffect(() => {
    let gone = false;
    api.interview(one.caseId).then(
      (next) => !gone && setView(next),
      (error: unknown) => !gone && setProblem(explain(error)),
    );
    return () => {
      gone = true;
    };
  }, [one.caseId, version]);
  function act(work: () => Promise<InterviewView>): void {
    setProblem('');
    work().then(
      (next) => {
        setView(next);
        onChange();
      },
      (error: unknown) => setProblem(explain(error)),
    );
  }
  if (view === undefined) return null;
  const open = view.legs.flatMap(({ days }) => days).filter(({ picked }) => picked === null).length;
  return (
    <section class="panel" aria-label={t('interview')}>
      <div class="bar">
        <h2>{t('interview')}</h2>
        {open > 0 && <span class="tag tag-warn">{t('openPicks', { n: open })}</span>}
        <span class="space" />
        <small class="quiet">{t('windowsLeft', { n: view.windowsLeft })}</small>
        {may && !adding && <button onClick={() => setAdding(true)}>{t('addTold')}</button>}
      </div>
      <p class="problem" role="alert">
        {problem}
      </p>
      {view.legs.length + view.gaps.length + view.wrong.length === 0 && view.number === null && !adding && (
        <p class="quiet">{t('interviewLead')}</p>
      )}
      {adding && (
        <ToldForm
          context={context}
          one={one}
          onCancel={() => setAdding(false)}
          onAdd={async (told) => {
            setView(await api.addTold(one.caseId, told));
            setAdding(false);
          }}
        />
      )}
      <Legs context={context} caseId={one.caseId} legs={view.legs} may={may} act={act} />
      <Suggestions
        context={context}
        view={view}
        may={may}
        onDecide={(gapId, confirmed) => act(() => api.decideGap(one.caseId, gapId, confirmed))}
        onNumber={(soleUser) => act(() => api.numberUse(one.caseId, soleUser))}
        onStrike={(rideId, struck) => act(() => api.strikeRide(one.caseId, rideId, struck))}
      />
    </section>
  );
}
