// Preview of the text, count and reach; an approver approves it with a signature, and the batch is queued in one step.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { MessageBatch, MessagePreview } from '@tongche/contract';
import { api } from '../api.ts';
import type { Context } from '../context.ts';
import { signForDemo, signWithPasskey } from '../sign.ts';

const templates = ['fellow-rider'] as const;
const batchIdBytes = 16;

function newBatchId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(batchIdBytes));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

export function MessageDialog({
  context,
  caseId,
  contactIds,
  onClose,
  onSent,
}: {
  readonly context: Context;
  readonly caseId: string;
  readonly contactIds: readonly string[];
  readonly onClose: () => void;
  readonly onSent: (text: string) => void;
}) {
  const { t, session, explain } = context;
  const [preview, setPreview] = useState<MessagePreview>();
  const [urgent, setUrgent] = useState(false);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  const batchId = useMemo(newBatchId, []);
  const batch: MessageBatch = { batchId, contactIds: [...contactIds], templateId: templates[0], urgent };

  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    setProblem('');
    api.preview(caseId, batch).then(setPreview, (error: unknown) => setProblem(explain(error)));
  }, [urgent]);
  async function approve(demo: boolean): Promise<void> {
    if (preview === undefined) return;
    setBusy(true);
    setProblem('');
    try {
      const assertion = demo ? await signForDemo(preview.batchHash) : await signWithPasskey(session, preview.batchHash);
      const { queued, skipped } = await api.approve(caseId, batch, assertion);
      onSent(`${t('queuedN', { n: queued })}${skipped > 0 ? ` · ${t('skippedN', { n: skipped })}` : ''}`);
      onClose();
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <dialog ref={dialog} class="wide" onClose={onClose} aria-label={t('messages')}>
      <div class="form">
        <h2>{t('notify', { n: contactIds.length })}</h2>
        {preview !== undefined && (
          <>
            <blockquote class="sms" lang="zh-CN">
              {preview.text.zh}
            </blockquote>
            <blockquote class="sms" lang="en">
              {preview.text.en}
            </blockquote>
            <dl class="facts">
              <dt>{t('recipients')}</dt>
              <dd class="num">{preview.recipients}</dd>
              <dt>{t('unreachable')}</dt>
              <dd class="num">{preview.unreachable}</dd>
              <dt>{t('parts')}</dt>
              <dd class="num">{preview.parts}</dd>
            </dl>
          </>
        )}
        <label class="check">
          <input type="checkbox" checked={urgent} onChange={(event) => setUrgent(event.currentTarget.checked)} />{' '}
          {t('urgent')}
        </label>
        {session.role !== 'approver' && <p class="quiet">{t('approveOnly')}</p>}
        <p class="problem" role="alert">
          {problem}
        </p>
        <div class="bar end">
          <button onClick={() => dialog.current?.close()}>{t('cancel')}</button>
          {session.role === 'approver' && (
            <>
              {session.demo && (
                <button class="primary" disabled={busy || preview === undefined} onClick={() => void approve(true)}>
                  {t('approveSend')} · {t('signDemo')}
                </button>
              )}
              <button
                class={session.demo ? '' : 'primary'}
                disabled={busy || preview === undefined}
                onClick={() => void approve(false)}
              >
                {t('approveSend')}
              </button>
            </>
          )}
        </div>
      </div>
    </dialog>
  );
}
