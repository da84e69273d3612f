// Makes a PDF of stickers: choose a size, watch the progress, download.
import { useEffect, useState } from 'preact/hooks';
import type { PrintJob, PrintRequest, PrintTemplate, UnitRef } from '@tongche/contract';
import { api, files } from '../api.ts';
import type { Context } from '../context.ts';
import { bytesText, countText } from '../format.ts';
import { Dialog } from '../pieces.tsx';

const templates = ['bus-90x120', 'taxi-60x80', 'window-50x50', 'station-a5', 'station-a4'] as const;
const askEveryMs = 700;

/** The usual size for a kind of unit. */
function templateFor(kind: UnitRef['kind'] | undefined): PrintTemplate {
  if (kind === 'taxi') return 'taxi-60x80';
  if (kind === 'carriage') return 'window-50x50';
  return kind === 'station' ? 'station-a4' : 'bus-90x120';
}

export function PrintDialog({
  context,
  title,
  what,
  kind,
  onClose,
}: {
  readonly context: Context;
  readonly title: string;
  readonly what: Omit<PrintRequest, 'template'>;
  readonly kind?: UnitRef['kind'] | undefined;
  readonly onClose: () => void;
}) {
  const { t } = context;
  const [template, setTemplate] = useState<PrintTemplate>(() => templateFor(kind));
  const [job, setJob] = useState<PrintJob>();
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (job?.state !== 'working') return undefined;
    const timer = setTimeout(() => {
      api.printJob(job.printId).then(setJob, (error: unknown) => {
        setProblem(context.explain(error));
        // Asked again: the network may have gone for a moment only.
        setJob({ ...job });
      });
    }, askEveryMs);
    return () => clearTimeout(timer);
  }, [job]);
  async function start(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      setJob(await api.print({ ...what, template }));
    } catch (error) {
      setProblem(context.explain(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog title={`${t('printTitle')} · ${title}`} onClose={onClose}>
      <form class="form" onSubmit={(event) => void start(event)}>
        <fieldset disabled={job !== undefined && job.state !== 'failed'}>
          <legend>{t('template')}</legend>
          {templates.map((each) => (
            <label key={each} class="check">
              <input type="radio" name="template" checked={template === each} onChange={() => setTemplate(each)} />
              {t(`template_${each}`)}
            </label>
          ))}
        </fieldset>
        {job?.state === 'working' && (
          <label>
            {t('printing', { done: countText(job.done), total: countText(job.total) })}
            <progress max={Math.max(1, job.total)} value={job.done} />
          </label>
        )}
        {job?.state === 'ready' && (
          <p class="notice" role="status">
            {t('printReady', { size: bytesText(job.bytes ?? 0) })}
          </p>
        )}
        <p class="problem" role="alert">
          {job?.state === 'failed' ? t('printFailed') : problem}
        </p>
        <div class="bar end">
          <button type="button" onClick={onClose}>
            {t('close')}
          </button>
          {job?.state === 'ready' ? (
            <a class="button primary" href={files.print(job.printId)} download={`${job.printId}.pdf`}>
              {t('download')}
            </a>
          ) : (
            <button class="primary" disabled={busy || job?.state === 'working'}>
              {t('makePdf')}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
