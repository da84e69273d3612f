// What opens, and what is destroyed when.
import { useEffect, useState } from 'preact/hooks';
import type { KeysReply } from '@tongche/contract';
import { api } from '../api.ts';
import { momentText, type Context } from '../context.ts';

export function Keys({ context, version }: { readonly context: Context; readonly version: number }) {
  const { t, explain } = context;
  const [keys, setKeys] = useState<KeysReply>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    api.keys().then(setKeys, (error: unknown) => setProblem(explain(error)));
  }, [version]);
  const marks = { future: '◌', living: '●', destroyed: '✕' } as const;
  return (
    <section>
      <div class="bar">
        <h1>{t('keys')}</h1>
        {keys !== undefined && <span class="tag tag-info">{t('retention', { n: keys.retentionDays })}</span>}
      </div>
      <p class="quiet">{t('keysLead')}</p>
      <p class="problem" role="alert">
        {problem}
      </p>
      {keys !== undefined && (
        <ol class="calendar">
          {[...keys.days]
            .sort((a, b) => b.day.localeCompare(a.day))
            .map((day) => (
              <li
                key={day.day}
                class={day.state}
                title={
                  day.destroyedMs === null
                    ? `${t('destroyOn')} ${day.destroyOn}`
                    : `${t('destroyedAt')} ${momentText(context, day.destroyedMs)}`
                }
              >
                <b class="num">{day.day}</b>
                <span>
                  {marks[day.state]} {t(day.state)}
                </span>
                <small class="quiet num">
                  {day.destroyedMs === null
                    ? `${t('destroyOn')} ${day.destroyOn}`
                    : momentText(context, day.destroyedMs)}
                </small>
              </li>
            ))}
        </ol>
      )}
    </section>
  );
}
