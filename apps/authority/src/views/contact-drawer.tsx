// One fellow rider: legs and reasons, message, full number on demand (signed, logged, hidden again), outcome.
import { useEffect, useState } from 'preact/hooks';
import type { ContactView } from '@tongche/contract';
import { plateText } from '@tongche/ui';
import { api, type Reveal } from '../api.ts';
import { clockText, momentText, named, type Context } from '../context.ts';
import { labelledHash, signForDemo, signWithPasskey } from '../sign.ts';
import { eemText, messageWords, tierTag } from './contacts.tsx';
import { Doubts, IncludeForm } from './include.tsx';

const outcomes = ['reached', 'not-reached', 'handed-over'] as const;
const minReason = 4;

function RevealBox({
  context,
  caseId,
  contact,
}: {
  readonly context: Context;
  readonly caseId: string;
  readonly contact: ContactView;
}) {
  const { t, session, explain } = context;
  const [reason, setReason] = useState('');
  const [shown, setShown] = useState<Reveal>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    if (shown === undefined) return undefined;
    const timer = setTimeout(() => setShown(undefined), shown.hideAfterMs);
    return () => clearTimeout(timer);
  }, [shown]);
  async function reveal(demo: boolean): Promise<void> {
    setProblem('');
    try {
      const hash = await labelledHash('reveal/1', { contactId: contact.contactId, reason: reason.trim() });
      setShown(
        await api.reveal(
          caseId,
          contact.contactId,
          reason.trim(),
          demo ? await signForDemo(hash) : await signWithPasskey(session, hash),
        ),
      );
    } catch (error) {
      setProblem(explain(error));
    }
  }
  if (shown !== undefined)
    return (
      <p class="revealed">
        <b class="num">{shown.value}</b> {shown.reach !== null && <b class="num">☎ {shown.reach}</b>} {shown.name}{' '}
        <small class="quiet">{t('revealHint')}</small>
      </p>
    );
  return (
    <div class="form">
      <label>
        {t('revealReason')}
        <input value={reason} maxLength={200} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <div class="bar">
        <button disabled={reason.trim().length < minReason} onClick={() => void reveal(false)}>
          {t('reveal')}
        </button>
        {session.demo && (
          <button disabled={reason.trim().length < minReason} onClick={() => void reveal(true)}>
            {t('reveal')} · {t('signDemo')}
          </button>
        )}
      </div>
      <p class="problem" role="alert">
        {problem}
      </p>
    </div>
  );
}

export function ContactDrawer({
  context,
  caseId,
  contact,
  onClose,
  onChange,
}: {
  readonly context: Context;
  readonly caseId: string;
  readonly contact: ContactView;
  readonly onClose: () => void;
  readonly onChange: () => void;
}) {
  const { t, explain } = context;
  const [problem, setProblem] = useState('');
  const [detail, setDetail] = useState('');
  const [outcome, setOutcome] = useState<string>('reached');
  const message = messageWords(context, contact);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && onClose();
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  async function act(work: () => Promise<unknown>): Promise<void> {
    setProblem('');
    try {
      await work();
      setDetail('');
      onChange();
    } catch (error) {
      setProblem(explain(error));
    }
  }
  return (
    <aside class="drawer" aria-label={contact.name || contact.masked}>
      <div class="bar">
        <h2>{contact.name || contact.masked}</h2>
        {tierTag(context, contact.tier)}
        <span class="space" />
        <button aria-label={t('close')} onClick={onClose}>
          ✕
        </button>
      </div>
      <dl class="score">
        <div>
          <dt>{t('probability')}</dt>
          <dd class="num">{Math.round(contact.probability * 100)} %</dd>
        </div>
        <div>
          <dt>{t('minutes')}</dt>
          <dd class="num">{Math.round(contact.minutes)}</dd>
        </div>
        <div>
          <dt title={t('eemHint')}>{t('eem')}</dt>
          <dd class="num">{eemText(contact)}</dd>
        </div>
        {contact.followUpUntil !== null && (
          <div>
            <dt>{t('followUpUntil')}</dt>
            <dd class="num">{contact.followUpUntil}</dd>
          </div>
        )}
      </dl>
      {contact.change !== null && (
        <p>
          <span class="tag tag-plain">{t(`change_${contact.change.kind}`)}</span>{' '}
          <span class="quiet">{momentText(context, contact.change.atMs)}</span>
        </p>
      )}
      <ul class="reasons">
        {contact.reasons.map(({ code, text }, index) => (
          <li key={`${code} ${index}`}>{text[context.language]}</li>
        ))}
      </ul>
      <p class="num">
        {t(contact.kind)} {contact.masked}
        {contact.reachMasked !== null && ` · ☎ ${contact.reachMasked}`}
      </p>
      {contact.droppedMs !== null && (
        <p>
          <span class="tag tag-plain">{t('dropped')}</span>{' '}
          {t('droppedHint', { time: momentText(context, contact.droppedMs) })}
        </p>
      )}
      {contact.included !== null && (
        <>
          <p>
            <span class="tag tag-plain">{t('includedMark')}</span>{' '}
            {t('includedBy', { by: contact.included.by, time: momentText(context, contact.included.atMs) })}:{' '}
            {contact.included.reason}
          </p>
          <IncludeForm
            context={context}
            label={t('excludeContact')}
            onInclude={async (reason) => {
              await api.includeContacts(caseId, [contact.contactId], false, reason);
              onChange();
              onClose();
            }}
          />
        </>
      )}
      {!contact.verified && (
        <p>
          <span class="tag tag-warn">{t('unverifiedMark')}</span>
        </p>
      )}
      <ul class="legs">
        {contact.legs.map((leg, index) => (
          <li key={index}>
            <b>
              {t('leg', {
                line: named(context, leg.line),
                unit: leg.plate === null ? named(context, leg.unitLabel) : plateText(leg.plate),
              })}
            </b>
            <div>
              {momentText(context, leg.fromMs)} – {clockText(context, leg.toMs)} · {Math.round(leg.minutes)} min ·{' '}
              {Math.round(leg.probability * 100)} %
            </div>
            {leg.fromStop !== null && leg.toStop !== null && (
              <div class="quiet">
                {t('fromTo', { from: named(context, leg.fromStop), to: named(context, leg.toStop) })}
              </div>
            )}
            <div class="quiet">
              {t('basis')}: {t(`basis_${leg.basis}` as 'basis_timeline')}
              {!leg.timeline && ` · ${t('noTimeline')}`}
              {leg.party > 0 && ` · ${t('party', { n: leg.party })}`}
            </div>
            {leg.doubts.length > 0 && <Doubts context={context} doubts={leg.doubts} />}
          </li>
        ))}
      </ul>
      <h3>{t('message')}</h3>
      <p>
        <span class={message.kind}>{message.text}</span>
        {contact.messageReason !== null && <span class="quiet"> · {contact.messageReason}</span>}
      </p>
      {contact.messageAttempts.length > 0 && (
        <ol class="attempts">
          {contact.messageAttempts.map(({ atMs, channel, provider, outcome, reason }) => (
            <li key={`${atMs}-${outcome}`}>
              <span class="num">{clockText(context, atMs)}</span> {t(`channel_${channel}`)}
              {provider !== null && <span class="quiet"> ({provider})</span>}: {t(`attempt_${outcome}`)}
              {reason !== null && <span class="quiet"> · {reason}</span>}
            </li>
          ))}
        </ol>
      )}
      {contact.message === 'uncertain' && (
        <div class="form">
          <p class="quiet">{t('uncertainHint')}</p>
          <label>
            {t('resendReason')}
            <input value={detail} maxLength={200} onInput={(event) => setDetail(event.currentTarget.value)} />
          </label>
          <button
            disabled={detail.trim().length < minReason}
            onClick={() => void act(() => api.resend(caseId, contact.contactId, detail.trim()))}
          >
            {t('resend')}
          </button>
        </div>
      )}
      <h3>{t('reveal')}</h3>
      <RevealBox key={contact.contactId} context={context} caseId={caseId} contact={contact} />
      <h3>
        {t('outcome')}
        {contact.outcome !== null && <small class="quiet"> {contact.outcome}</small>}
      </h3>
      <div class="form">
        <select aria-label={t('outcome')} value={outcome} onChange={(event) => setOutcome(event.currentTarget.value)}>
          {outcomes.map((each) => (
            <option key={each} value={each}>
              {t(each)}
            </option>
          ))}
        </select>
        <input
          aria-label={t('detail')}
          placeholder={t('detail')}
          value={detail}
          maxLength={200}
          onInput={(event) => setDetail(event.currentTarget.value)}
        />
        <button onClick={() => void act(() => api.outcome(caseId, contact.contactId, outcome, detail.trim()))}>
          {t('save')}
        </button>
      </div>
      <p class="problem" role="alert">
        {problem}
      </p>
    </aside>
  );
}
