// What a trip or shift came to.
import type { ShiftSummary } from '@tongche/contract';
import type { Context } from '../context.ts';
import { timeText } from '@tongche/ui';

export function Summary({
  context,
  summary,
  zone,
  onDone,
}: {
  readonly context: Context;
  readonly summary: ShiftSummary;
  readonly zone: string;
  readonly onDone: () => void;
}) {
  const { t } = context;
  return (
    <main class="narrow">
      <h1>{t('summary')}</h1>
      <section class="card summary">
        <output class="heads">{summary.heads}</output>
        <p>{t('summaryLine', { scanned: summary.scanned, assisted: summary.assisted, late: summary.late })}</p>
        <dl>
          <dt>{t('from')}</dt>
          <dd>{timeText(summary.startedMs, zone, true)}</dd>
          <dt>{t('to')}</dt>
          <dd>{timeText(summary.endedMs, zone, true)}</dd>
        </dl>
        <button class="main" onClick={onDone}>
          {t('done')}
        </button>
      </section>
    </main>
  );
}
