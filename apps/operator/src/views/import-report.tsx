// What an import would do or did: good rows and bad, each error with its place, changes, and what can be done now.
import { useEffect, useState } from 'preact/hooks';
import type { ImportReport as Report } from '@tongche/contract';
import { Tag } from '@tongche/ui';
import { api, files } from '../api.ts';
import { momentText, type Context } from '../context.ts';
import { countText } from '../format.ts';
import { importReason, noteText, thingText } from '../import-words.ts';
import { TableWrap } from '../pieces.tsx';

const stateLooks = {
  checked: ['info', '◔'],
  applied: ['info', '✓'],
  refused: ['err', '✕'],
  expired: ['plain', '–'],
} as const;

export function ImportState({ context, report }: { readonly context: Context; readonly report: Report }) {
  const [kind, icon] = stateLooks[report.state];
  return <Tag kind={kind} icon={icon} text={context.t(`import_${report.state}`)} />;
}

function Changes({ context, report }: { readonly context: Context; readonly report: Report }) {
  const { t, language } = context;
  const shown = report.changes.filter(({ added, changed, same, gone }) => added + changed + same + gone > 0);
  if (shown.length === 0) return <p class="quiet">{t('noChanges')}</p>;
  const cell = (n: number, mark: string) => (
    <td class={`num ${n > 0 ? mark : 'quiet'}`}>{n === 0 ? t('none') : countText(n)}</td>
  );
  return (
    <TableWrap label={t('changes')}>
      <table>
        <thead>
          <tr>
            <th>{t(report.state === 'applied' ? 'changesDone' : 'changes')}</th>
            <th class="num">{t('added')}</th>
            <th class="num">{t('changed')}</th>
            <th class="num">{t('same')}</th>
            <th class="num">{t('gone')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ what, added, changed, same, gone }) => (
            <tr key={what}>
              <td>{thingText(language, what)}</td>
              {cell(added, 'strong')}
              {cell(changed, 'strong')}
              {cell(same, '')}
              {cell(gone, 'warn-text')}
            </tr>
          ))}
        </tbody>
      </table>
    </TableWrap>
  );
}

function Errors({ context, report }: { readonly context: Context; readonly report: Report }) {
  const { t, language } = context;
  return (
    <>
      <h3>{t('errorsShown', { n: report.errors.length, total: countText(report.errorCount) })}</h3>
      <TableWrap label={t('reason')} tall>
        <table class="errors">
          <thead>
            <tr>
              <th>{t('file')}</th>
              <th class="num">{t('lineNo')}</th>
              <th>{t('column')}</th>
              <th>{t('reason')}</th>
            </tr>
          </thead>
          <tbody>
            {report.errors.map((error, index) => (
              <tr key={index}>
                <td>{report.kind === 'gtfs' ? error.file : report.name}</td>
                <td class="num">{error.line === 0 ? t('none') : error.line}</td>
                <td>{error.column || t('none')}</td>
                <td>{importReason(language, error.reason)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableWrap>
    </>
  );
}

/** A file made here: the passwords came once and are kept nowhere. */
function Passwords({ context, csv }: { readonly context: Context; readonly csv: string }) {
  const [url, setUrl] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(new Blob(['\ufeff', csv], { type: 'text/csv' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [csv]);
  return (
    <a class="button primary" href={url} download="passwords.csv">
      {context.t('passwords')}
    </a>
  );
}

export function ImportReport({
  context,
  report,
  onReport,
}: {
  readonly context: Context;
  readonly report: Report;
  readonly onReport: (report: Report) => void;
}) {
  const { t, language } = context;
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  async function apply(mode: 'all-or-nothing' | 'good-rows'): Promise<void> {
    setBusy(true);
    setProblem('');
    try {
      onReport(await api.applyImport(report.importId, mode));
    } catch (error) {
      setProblem(context.explain(error));
    } finally {
      setBusy(false);
    }
  }
  const isOpen = report.state === 'checked';
  return (
    <section class="panel report" aria-label={t('report')}>
      <div class="bar">
        <h2>
          {t(`kind_${report.kind}`)} · {report.name}
        </h2>
        <ImportState context={context} report={report} />
        {report.appliedMs !== null && (
          <span class="quiet">{t('applied', { time: momentText(context, report.appliedMs) })}</span>
        )}
      </div>
      <p class="big-line" role="status">
        <b>{t('goodRows', { n: countText(report.good) })}</b>
        {report.errorCount > 0 ? (
          <b class="bad">{t('badRows', { n: countText(report.bad) })}</b>
        ) : (
          <span class="quiet">{t('allGood')}</span>
        )}
      </p>
      <Changes context={context} report={report} />
      {report.notes.length > 0 && (
        <>
          <h3>{t('notes')}</h3>
          <ul class="plain-list">
            {report.notes.map((note) => (
              <li key={note}>{noteText(language, note)}</li>
            ))}
          </ul>
        </>
      )}
      {report.errors.length > 0 && <Errors context={context} report={report} />}
      <p class="problem" role="alert">
        {problem}
      </p>
      <div class="bar end">
        {report.passwordsCsv !== undefined && <Passwords context={context} csv={report.passwordsCsv} />}
        {report.bad > 0 && report.state !== 'expired' && (
          <a class="button" href={files.badRows(report.importId)} download="">
            {t('downloadBad')}
          </a>
        )}
        {isOpen && report.errorCount > 0 && report.good > 0 && (
          <button disabled={busy} onClick={() => void apply('good-rows')}>
            {t('importGood', { n: countText(report.good) })}
          </button>
        )}
        {isOpen && report.errorCount === 0 && (
          <button class="primary" disabled={busy} onClick={() => void apply('all-or-nothing')}>
            {t('importAll')}
          </button>
        )}
      </div>
    </section>
  );
}
