// Lists on their way to other systems: asked for, signed by two people in two roles, taken as files within the hour.
import { useEffect, useState } from 'preact/hooks';
import type { ExportView } from '@tongche/contract';
import { api } from '../api.ts';
import { momentText, type Context } from '../context.ts';
import { signForDemo, signWithPasskey } from '../sign.ts';
import { choiceOf, ExportForm } from './export-form.tsx';

const signingRoles = ['tracer', 'approver'] as const;
/** Enough of a digest for two people to compare by eye. */
const shortDigest = 12;

interface Acting {
  readonly context: Context;
  readonly one: ExportView;
  readonly busy: boolean;
  readonly act: (work: () => Promise<unknown>) => Promise<boolean>;
  readonly caseId: string;
}

function Signatures({ context, one }: Pick<Acting, 'context' | 'one'>) {
  const { t } = context;
  return (
    <ul class="signatures">
      {one.signatures.map((signature) => (
        <li key={signature.keyId} class="done">
          ✓ {t('signedBy', { person: signature.person, role: t(signature.role as 'tracer') })} ·{' '}
          {momentText(context, signature.atMs)}
          {signature.demo && <span class="tag tag-plain">{t('demoKey')}</span>}
        </li>
      ))}
      {one.state === 'awaiting-signatures' &&
        signingRoles
          .filter((role) => !one.signatures.some((signature) => signature.role === role))
          .map((role) => <li key={role}>○ {t('waitingFor', { role: t(role) })}</li>)}
    </ul>
  );
}

/** The signature that is still wanted, from whoever sits here. */
function SignBar({ context, one, busy, act, caseId }: Acting) {
  const { t, session } = context;
  const sign = (demo: boolean): void =>
    void act(async () => {
      const assertion = demo ? await signForDemo(one.exportHash) : await signWithPasskey(session, one.exportHash);
      return api.signExport(caseId, one.exportHash, assertion);
    });
  if (one.signatures.some(({ role }) => role === session.role)) return <p class="quiet">{t('sameRole')}</p>;
  return (
    <div class="bar">
      <button class={session.demo ? '' : 'primary'} disabled={busy} onClick={() => sign(false)}>
        {t('signNow')}
      </button>
      {session.demo && (
        <button class="primary" disabled={busy} onClick={() => sign(true)}>
          {t('signDemo')}
        </button>
      )}
    </div>
  );
}

function isSigner({ signatures }: ExportView, me: string): boolean {
  return signatures.some(({ person }) => person === me);
}

/** Files, for the two who signed. */
function Files({ context, one, busy, act, caseId }: Acting) {
  const { t, session } = context;
  const mayTake = isSigner(one, session.person);
  return (
    <div class="bar">
      {mayTake &&
        one.parts.map((part) => (
          <button
            key={part}
            class="primary"
            disabled={busy}
            onClick={() => void act(() => api.takeExport(caseId, one.exportHash, part))}
          >
            ↓ {t(`part_${part}`)}
          </button>
        ))}
      <small class="quiet">
        {!mayTake && `${t('exportSigners')} `}
        {one.takeUntilMs !== null && t('takeUntil', { time: momentText(context, one.takeUntilMs) })}
      </small>
    </div>
  );
}

function Export(props: Acting) {
  const { context, one } = props;
  const { t } = context;
  const kind = one.state === 'signed' ? 'info' : one.state === 'expired' ? 'plain' : 'warn';
  return (
    <li class="export">
      <div class="bar">
        <b>{t(`format_${one.format}`)}</b>
        <span class="num">
          {t('exportCount', { n: one.contacts })} · {t(`tiers_${choiceOf(one.tiers)}`)}
        </span>
        <span class={`tag tag-${kind}`}>{t(one.state)}</span>
        <code title={one.exportHash}>{one.exportHash.slice(0, shortDigest)}</code>
        <span class="space" />
        {one.taken > 0 && <small class="quiet num">{t('exportTaken', { n: one.taken })}</small>}
      </div>
      <p class="quiet">
        {one.askedBy} · {momentText(context, one.askedMs)} · {one.reason}
      </p>
      <Signatures context={context} one={one} />
      {one.state === 'awaiting-signatures' && <SignBar {...props} />}
      {one.state === 'signed' && <Files {...props} />}
    </li>
  );
}

export function Exports(props: {
  readonly context: Context;
  readonly caseId: string;
  /** Changes when the case does. */
  readonly version: unknown;
}) {
  const { context, caseId, version } = props;
  const { t, explain } = context;
  const [exports, setExports] = useState<readonly ExportView[]>([]);
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const [reload, setReload] = useState(0);
  useEffect(() => {
    let isGone = false;
    api.exports(caseId).then(
      (found) => !isGone && setExports(found.exports),
      (error: unknown) => !isGone && setProblem(explain(error)),
    );
    return () => {
      isGone = true;
    };
  }, [caseId, version, reload]);
  async function act(work: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    setProblem('');
    try {
      await work();
      setReload((now) => now + 1);
      return true;
    } catch (error) {
      setProblem(explain(error));
      return false;
    } finally {
      setBusy(false);
    }
  }
  return (
    <section class="panel exports" aria-label={t('exports')}>
      <div class="bar">
        <h2>{t('exports')}</h2>
        <span class="space" />
        {!isAsking && <button onClick={() => setAsking(true)}>{t('newExport')}</button>}
      </div>
      <p class="quiet">{t('exportLead')}</p>
      {isAsking && (
        <ExportForm
          context={context}
          onCancel={() => setAsking(false)}
          onAsk={async (wish) => {
            const isAsked = await act(() => api.askExport(caseId, wish));
            if (isAsked) setAsking(false);
            return isAsked;
          }}
        />
      )}
      <p class="problem" role="alert">
        {problem}
      </p>
      {exports.some((one) => one.state === 'signed' && isSigner(one, context.session.person)) && (
        <p class="quiet">{t('exportCare')}</p>
      )}
      {exports.length > 0 && (
        <ul class="export-list">
          {exports.map((one) => (
            <Export key={one.exportHash} context={context} caseId={caseId} one={one} busy={busy} act={act} />
          ))}
        </ul>
      )}
    </section>
  );
}
