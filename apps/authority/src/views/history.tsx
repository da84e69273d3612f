// What became of a trace after it was done: corrections by the operator, rides that came late. Newest first.
import type { TraceView } from '@tongche/contract';
import { momentText, type Context } from '../context.ts';

type Entry = TraceView['history'][number];

const heads = {
  corrected: 'historyCorrected',
  'late-rides': 'historyLate',
  doubts: 'historyDoubts',
  included: 'historyIncluded',
  facts: 'historyFacts',
  interview: 'historyInterview',
} as const;

function sentence({ t }: Context, entry: Entry): string {
  const { rides, added, removed, changed, kept, upgraded, downgraded } = entry;
  const head = t(heads[entry.kind], { rides });
  const contacts = t('historyContacts', { added, removed, changed });
  const moved = upgraded + downgraded > 0 ? t('historyMoved', { upgraded, downgraded }) : '';
  return `${head}${contacts}${moved}${kept > 0 ? t('historyKept', { kept }) : ''}`;
}

export function History({ context, history }: { readonly context: Context; readonly history: readonly Entry[] }) {
  const { t } = context;
  if (history.length === 0) return null;
  return (
    <section class="panel" aria-label={t('history')}>
      <h2>{t('history')}</h2>
      <ul>
        {history.toReversed().map((entry) => (
          <li key={entry.atMs}>
            <span class="quiet num">{momentText(context, entry.atMs)}</span> {sentence(context, entry)}
          </li>
        ))}
      </ul>
    </section>
  );
}
