// Files in and out: drop one, see what it would do, take it in whole or its good rows; everything can be exported again.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ImportKind, ImportQuery, ImportReport as Report } from '@tongche/contract';
import { api, files } from '../api.ts';
import { momentText, type Context } from '../context.ts';
import { bytesText, countText } from '../format.ts';
import { guessKind } from '../guess-kind.ts';
import { useKeys, useLoad } from '../hooks.ts';
import { Problem, TableWrap } from '../pieces.tsx';
import type { Params } from '../router.ts';
import { ImportReport, ImportState } from './import-report.tsx';

const kinds: readonly ImportKind[] = [
  'gtfs',
  'line-stops',
  'fleet',
  'roster',
  'codes',
  'aliases',
  'vehicle-runs',
  'positions',
  'rider-counts',
];
const exportKinds: readonly ImportKind[] = ['fleet', 'roster', 'codes', 'aliases', 'vehicle-runs', 'rider-counts'];
const coordinateKinds = ['wgs84', 'gcj02', 'bd09'] as const;
const headBytes = 2_048;
const longestName = 200;

interface Chosen {
  readonly file: File;
  readonly kind: ImportKind;
}

function Choose({ context, onReport }: { readonly context: Context; readonly onReport: (report: Report) => void }) {
  const { t } = context;
  const input = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<Chosen>();
  const [over, setOver] = useState(false);
  const [sent, setSent] = useState<number>();
  const [problem, setProblem] = useState('');
  useKeys((key) => {
    if (key !== '/') return false;
    input.current?.focus();
    return true;
  });

  async function choose(file: File | null | undefined): Promise<void> {
    if (file === null || file === undefined) return;
    setProblem('');
    const head = new Uint8Array(await file.slice(0, headBytes).arrayBuffer());
    setChosen({ file, kind: guessKind(file.name, head) });
  }
  async function check(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (chosen === undefined) return;
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const given = (name: string): string => {
      const value = form.get(name);
      return typeof value === 'string' ? value.trim() : '';
    };
    const query: ImportQuery = {
      kind: chosen.kind,
      name: chosen.file.name.slice(-longestName),
      ...(given('asOf') === '' ? {} : { asOf: given('asOf') }),
      ...(given('platePrefix') === '' ? {} : { platePrefix: given('platePrefix') }),
      ...(chosen.kind === 'line-stops'
        ? { coordinates: coordinateKinds.find((each) => each === given('coordinates')) ?? 'wgs84' }
        : {}),
    };
    setSent(0);
    setProblem('');
    try {
      onReport(await api.upload(query, chosen.file, setSent));
      setChosen(undefined);
      if (input.current !== null) input.current.value = '';
    } catch (error) {
      setProblem(context.explain(error));
    } finally {
      setSent(undefined);
    }
  }

  return (
    <section
      class={`panel drop ${over ? 'over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void choose(event.dataTransfer?.files[0]);
      }}
    >
      <h2>{t('importTitle')}</h2>
      <p>
        {t('dropHere')}{' '}
        <label class="button">
          {t('chooseFile')}
          <input
            ref={input}
            class="unseen"
            type="file"
            accept=".zip,.csv,.txt,.tsv,.xlsx,.pb,.bin"
            onChange={(event) => void choose(event.currentTarget.files?.[0])}
          />
        </label>
      </p>
      <p class="quiet">{t('dropHint')}</p>
      {chosen !== undefined && (
        <form class="form chosen-file" onSubmit={(event) => void check(event)}>
          <p>
            <b>{chosen.file.name}</b> <span class="quiet num">{bytesText(chosen.file.size)}</span>
          </p>
          <div class="fields">
            <label>
              {t('importKind')}
              <select
                value={chosen.kind}
                onChange={(event) => setChosen({ ...chosen, kind: event.currentTarget.value as ImportKind })}
              >
                {kinds.map((kind) => (
                  <option key={kind} value={kind}>
                    {t(`kind_${kind}`)}
                  </option>
                ))}
              </select>
              <small>{t('guessed')}</small>
            </label>
            {chosen.kind === 'gtfs' && (
              <label>
                {t('asOf')}
                <input type="date" name="asOf" />
              </label>
            )}
            {chosen.kind === 'line-stops' && (
              <label>
                {t('coordinates')}
                <select name="coordinates">
                  {coordinateKinds.map((each) => (
                    <option key={each} value={each}>
                      {t(each)}
                    </option>
                  ))}
                </select>
              </label>
            )}
            {(chosen.kind === 'fleet' || chosen.kind === 'vehicle-runs') && (
              <label>
                {t('platePrefix')}
                <input name="platePrefix" maxLength={4} />
              </label>
            )}
          </div>
          <div class="bar">
            <button class="primary" disabled={sent !== undefined}>
              {sent === undefined
                ? t('check')
                : sent < 1
                  ? t('sending', { percent: Math.floor(sent * 100) })
                  : t('checking')}
            </button>
            <button type="button" disabled={sent !== undefined} onClick={() => setChosen(undefined)}>
              {t('cancel')}
            </button>
            {sent !== undefined && (
              <progress max={1} {...(sent < 1 ? { value: sent } : {})} aria-label={t('checking')} />
            )}
          </div>
        </form>
      )}
      <p class="problem" role="alert">
        {problem}
      </p>
    </section>
  );
}

function History({
  context,
  rows,
  onOpen,
}: {
  readonly context: Context;
  readonly rows: readonly Report[];
  readonly onOpen: (report: Report) => void;
}) {
  const { t } = context;
  if (rows.length === 0) return <p class="quiet">{t('noImports')}</p>;
  return (
    <TableWrap label={t('history')}>
      <table>
        <thead>
          <tr>
            <th>{t('made')}</th>
            <th>{t('importKind')}</th>
            <th>{t('file')}</th>
            <th>{t('state')}</th>
            <th class="num">{t('headGood')}</th>
            <th class="num">{t('headBad')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((report) => (
            <tr key={report.importId} class="open-row" onClick={() => onOpen(report)}>
              <td class="num-left">{momentText(context, report.madeMs)}</td>
              <td>{t(`kind_${report.kind}`)}</td>
              <td>
                <button
                  class="link"
                  onClick={(event) => {
                    event.stopPropagation();
                    onOpen(report);
                  }}
                >
                  {report.name}
                </button>
              </td>
              <td>
                <ImportState context={context} report={report} />
              </td>
              <td class="num">{countText(report.good)}</td>
              <td class={`num ${report.bad > 0 ? 'bad' : ''}`}>
                {report.bad === 0 ? t('none') : countText(report.bad)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableWrap>
  );
}

/** The network goes out as what it came in as; the newest is first. */
function networkKind(rows: readonly Report[]): 'gtfs' | 'line-stops' {
  const last = rows.find(({ kind, state }) => state === 'applied' && (kind === 'gtfs' || kind === 'line-stops'));
  return last?.kind === 'line-stops' ? 'line-stops' : 'gtfs';
}

export function Imports({
  context,
  params,
  onParams,
}: {
  readonly context: Context;
  readonly params: Params;
  readonly onParams: (params: Params) => void;
}) {
  const { t } = context;
  const loaded = useLoad('imports', () => api.imports());
  const [fresh, setFresh] = useState<Report>();
  const rows = loaded.data?.rows ?? [];
  const open = params['open'];
  const shown = fresh?.importId === open ? fresh : rows.find(({ importId }) => importId === open);
  useKeys((key) => {
    if (key !== 'Escape' || open === undefined) return false;
    onParams({});
    return true;
  });
  const left = useRef(false);
  useEffect(() => () => void (left.current = true), []);
  function show(report: Report): void {
    // An answer that comes late must not fetch somebody back who went on to another page.
    if (left.current) return;
    setFresh(report);
    onParams({ open: report.importId });
    loaded.reload();
  }
  return (
    <>
      <div class="bar">
        <h1>{t('imports')}</h1>
      </div>
      <Choose context={context} onReport={show} />
      {shown !== undefined && <ImportReport key={shown.importId} context={context} report={shown} onReport={show} />}
      <section class="panel">
        <h2>{t('exports')}</h2>
        <p class="quiet">{t('exportLead')}</p>
        <ul class="exports">
          {[networkKind(rows), ...exportKinds].map((kind) => (
            <li key={kind}>
              <span>{t(`kind_${kind}`)}</span>
              {kind === 'gtfs' || kind === 'line-stops' ? (
                <a href={files.exported(kind, '')} download={`${kind}.${kind === 'gtfs' ? 'zip' : 'csv'}`}>
                  {kind === 'gtfs' ? 'ZIP' : 'CSV'}
                </a>
              ) : (
                <>
                  <a href={files.exported(kind, 'csv')} download={`${kind}.csv`}>
                    CSV
                  </a>
                  <a href={files.exported(kind, 'xlsx')} download={`${kind}.xlsx`}>
                    XLSX
                  </a>
                </>
              )}
            </li>
          ))}
        </ul>
      </section>
      <section class="panel">
        <h2>{t('history')}</h2>
        <Problem context={context} loaded={loaded} />
        {loaded.data !== undefined && <History context={context} rows={rows} onOpen={show} />}
      </section>
    </>
  );
}
