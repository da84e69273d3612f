// The append-only log, newest first, with the checkpoint that others verify.
import { useEffect, useState } from 'preact/hooks';
import type { LogView } from '@tongche/contract';
import { api } from '../api.ts';
import { momentText, type Context } from '../context.ts';

const pageSize = 200;

export function Log({ context, version }: { readonly context: Context; readonly version: number }) {
  const { t, explain } = context;
  const [log, setLog] = useState<LogView>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    // The size comes with the first answer; the newest page is then asked for.
    api
      .log(0)
      .then((first) => (first.size > pageSize ? api.log(first.size - pageSize) : first))
      .then(setLog, (error: unknown) => setProblem(explain(error)));
  }, [version]);
  return (
    <section>
      <div class="bar">
        <h1>{t('log')}</h1>
        {log !== undefined && (
          <span class="tag tag-info num">
            {t('size')} {log.size}
          </span>
        )}
      </div>
      <p class="quiet">{t('logLead')}</p>
      <p class="problem" role="alert">
        {problem}
      </p>
      {log !== undefined && (
        <>
          <details class="panel">
            <summary>{t('checkpoint')}</summary>
            <pre>{log.checkpoint}</pre>
          </details>
          <div class="table-wrap">
            <table>
              <thead>
                <tr>
                  <th class="num">#</th>
                  <th>{t('time')}</th>
                  <th>{t('event')}</th>
                  <th>{t('detail')}</th>
                </tr>
              </thead>
              <tbody>
                {[...log.entries].reverse().map((entry) => (
                  <tr key={entry.index}>
                    <td class="num">{entry.index}</td>
                    <td class="num">{momentText(context, entry.atMs)}</td>
                    <td>
                      <code>{entry.kind}</code>
                    </td>
                    <td class="why">{entry.detail}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}
