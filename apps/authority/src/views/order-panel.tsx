// The order of a case: asked for, signed by two people in two roles, then traced, with the time of each step.
import { useState } from 'preact/hooks';
import type { CaseView, OrderView, TraceView } from '@tongche/contract';
import { api } from '../api.ts';
import { momentText, spanText, type Context } from '../context.ts';
import { signForDemo, signWithPasskey } from '../sign.ts';

const signingRoles = ['tracer', 'approver'] as const;
/** Enough of a digest for two people to compare by eye. */
const shortDigest = 12;

function Signatures({ context, order }: { readonly context: Context; readonly order: OrderView }) {
  const { t } = context;
  return (
    <ul class="signatures">
      {order.signatures.map((signature) => (
        <li key={signature.keyId} class="done">
          ✓ {t('signedBy', { person: signature.person, role: t(signature.role as 'tracer') })} ·{' '}
          {momentText(context, signature.atMs)}
          {signature.demo && <span class="tag tag-plain">{t('demoKey')}</span>}
        </li>
      ))}
      {order.state === 'awaiting-signatures' &&
        signingRoles
          .filter((role) => !order.signatures.some((signature) => signature.role === role))
          .map((role) => <li key={role}>○ {t('waitingFor', { role: t(role) })}</li>)}
    </ul>
  );
}

function Steps({ context, trace }: { readonly context: Context; readonly trace: TraceView }) {
  const { t } = context;
  return (
    <ol class="steps" aria-label={t('steps')}>
      {trace.steps.map((step) => (
        <li key={step.step}>
          <b>{t(`step_${step.step}`)}</b> <span class="num">{step.count}</span> <small>{spanText(step.ms)}</small>
        </li>
      ))}
    </ol>
  );
}

export function OrderPanel({
  context,
  one,
  trace,
  onChange,
}: {
  readonly context: Context;
  readonly one: CaseView;
  readonly trace: TraceView | undefined;
  readonly onChange: () => void;
}) {
  const { t, session, explain } = context;
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const order = one.order;

  async function act(work: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    setProblem('');
    try {
      await work();
      onChange();
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setBusy(false);
    }
  }
  const mayAsk =
    session.role === 'tracer' &&
    one.closedMs === null &&
    (order === null || order.state === 'expired' || order.state === 'failed');
  const awaiting = order?.state === 'awaiting-signatures';
  const roleSigned = order?.signatures.some((signature) => signature.role === session.role) ?? false;
  return (
    <section class="panel" aria-label={t('order')}>
      <div class="bar">
        <h2>{t('order')}</h2>
        {order !== null && (
          <span
            class={`tag ${order.state === 'done' ? 'tag-info' : order.state === 'failed' || order.state === 'expired' ? 'tag-err' : 'tag-warn'}`}
          >
            {t(order.state === 'failed' ? 'failedState' : order.state)}
          </span>
        )}
        {order !== null && <code title={order.orderHash}>{order.orderHash.slice(0, shortDigest)}</code>}
        <span class="space" />
        {order !== null && order.signedMs !== null && (
          <small class="quiet">{t('askedToSigned', { time: spanText(order.signedMs - order.askedMs) })}</small>
        )}
        {mayAsk && (
          <button class="primary" disabled={busy} onClick={() => void act(() => api.askOrder(one.caseId))}>
            {t('askOrder')}
          </button>
        )}
      </div>
      {order === null && <p class="quiet">{t('orderLead')}</p>}
      {order !== null && <Signatures context={context} order={order} />}
      {order !== null && awaiting && (
        <>
          <p class="quiet">
            {t('limits', { rides: order.maxRides, records: order.maxRecords })} ·{' '}
            {t('expires', { time: momentText(context, order.expiresMs) })}
            {order.depth === 2 && ` · ${t('ruleSecondary')}`}
          </p>
          {roleSigned ? (
            <p class="quiet">{t('sameRole')}</p>
          ) : (
            <div class="bar">
              <button
                class={session.demo ? '' : 'primary'}
                disabled={busy}
                onClick={() =>
                  void act(async () => api.signOrder(order.orderHash, await signWithPasskey(session, order.orderHash)))
                }
              >
                {t('signNow')}
              </button>
              {session.demo && (
                <button
                  class="primary"
                  disabled={busy}
                  onClick={() =>
                    void act(async () => api.signOrder(order.orderHash, await signForDemo(order.orderHash)))
                  }
                >
                  {t('signDemo')}
                </button>
              )}
            </div>
          )}
        </>
      )}
      {(order?.state === 'running' || order?.state === 'signed') && <p role="status">{t('stillRunning')}</p>}
      {order !== null && order.failure !== null && <p class="problem">{order.failure}</p>}
      {trace !== undefined && trace.steps.length > 0 && <Steps context={context} trace={trace} />}
      <p class="problem" role="alert">
        {problem}
      </p>
    </section>
  );
}
