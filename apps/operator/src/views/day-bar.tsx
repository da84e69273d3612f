// Chooses the day a view shows; the address keeps it. No day means today, so that a kept link stays about today.
import type { Context } from '../context.ts';
import { shiftDate } from '../format.ts';

export function DayBar({
  context,
  date,
  today,
  onDate,
}: {
  readonly context: Context;
  readonly date: string | undefined;
  readonly today: string | undefined;
  readonly onDate: (date: string) => void;
}) {
  const { t } = context;
  const shown = date ?? today ?? '';
  const set = (next: string) => onDate(next === today ? '' : next);
  return (
    <span class="day-bar">
      <button
        class="icon-button"
        aria-label={t('previousDay')}
        disabled={shown === ''}
        onClick={() => set(shiftDate(shown, -1))}
      >
        ‹
      </button>
      <input
        type="date"
        aria-label={t('day')}
        value={shown}
        {...(today === undefined ? {} : { max: today })}
        onChange={(event) => event.currentTarget.value !== '' && set(event.currentTarget.value)}
      />
      <button
        class="icon-button"
        aria-label={t('nextDay')}
        disabled={shown === '' || shown === today}
        onClick={() => set(shiftDate(shown, 1))}
      >
        ›
      </button>
      {date !== undefined && date !== today && <button onClick={() => onDate('')}>{t('today')}</button>}
    </span>
  );
}
