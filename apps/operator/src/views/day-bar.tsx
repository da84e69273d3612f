// Chooses the day a view shows; the address keeps it. No day means today, so that a kept link stays about today.
import { clockOf, type Context } from '../context.ts';
import { shiftDate } from '../format.ts';
import type { Loaded } from '../hooks.ts';
import { Updated } from '../pieces.tsx';
import type { Params } from '../router.ts';
import type { SetParams } from './filter-bar.tsx';

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

/** The head of a view that counts a day: its name, which day, and as of when. */
export function DayHead({
  context,
  title,
  params,
  loaded,
  onParams,
}: {
  readonly context: Context;
  readonly title: string;
  readonly params: Params;
  readonly loaded: Loaded<{ readonly today: string; readonly computedMs: number }>;
  readonly onParams: SetParams;
}) {
  const { data } = loaded;
  return (
    <div class="bar">
      <h1>{title}</h1>
      <DayBar
        context={context}
        date={params['date']}
        today={data?.today}
        onDate={(date) => onParams({ ...params, date })}
      />
      <span class="space" />
      <Updated
        context={context}
        loaded={loaded}
        time={data === undefined ? '' : clockOf(context, data.computedMs, true)}
      />
    </div>
  );
}
