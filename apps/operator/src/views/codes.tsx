// Printed codes and the batches they were made in: find one, see whether people scan it, move, replace, revoke, print.
import { useMemo, useState } from 'preact/hooks';
import type { Batch, CodeRow } from '@tongche/contract';
import { api, files } from '../api.ts';
import { momentText, unitName, type Context } from '../context.ts';
import { countText } from '../format.ts';
import { Grid, type Column } from '../grid.tsx';
import { useKeys, useLoad } from '../hooks.ts';
import { usePaged } from '../paged.ts';
import { CodeTag, Drawer, Empty, Problem, TableWrap, UnitName } from '../pieces.tsx';
import { hashOf, type Params } from '../router.ts';
import { CodeActions } from './code-actions.tsx';
import { CodeTools } from './code-tools.tsx';
import { FilterBar, type SetParams } from './filter-bar.tsx';
import { PrintDialog } from './print-dialog.tsx';
import { defaultSize, PageFoot, sizeOf } from './page-foot.tsx';

const states = ['active', 'dead', 'new', 'unbound', 'revoked'] as const;

function columnsOf(context: Context, href: (row: CodeRow) => string): readonly Column<CodeRow>[] {
  const { t } = context;
  return [
    {
      key: 'code',
      head: t('code'),
      cell: (row) => (
        <a class="num code-text" href={href(row)}>
          {row.shortCode}
        </a>
      ),
    },
    { key: 'state', head: t('state'), cell: (row) => <CodeTag context={context} state={row.state} /> },
    {
      key: 'unit',
      head: t('vehicle'),
      cell: (row) =>
        row.unit === null ? (
          t('none')
        ) : (
          <a href={hashOf('vehicles', { open: row.unit.unitId, q: row.unit.plate ?? row.unit.unitId })}>
            <UnitName context={context} unit={row.unit} />
          </a>
        ),
    },
    { key: 'purpose', head: t('purpose'), cell: (row) => t(row.purpose) },
    {
      key: 'bound',
      head: t('boundSince'),
      cell: (row) =>
        row.unit === null ? t('none') : row.boundMs === null ? t('start') : momentText(context, row.boundMs),
    },
    { key: 'last', head: t('lastScan'), cell: (row) => momentText(context, row.lastMs) },
    { key: 'rides', head: t('weekRides'), num: true, cell: (row) => countText(row.rides) },
    { key: 'batch', head: t('batch'), num: true, cell: (row) => row.batchId ?? t('none') },
  ];
}

function Filters({
  context,
  params,
  onParams,
}: {
  readonly context: Context;
  readonly params: Params;
  readonly onParams: SetParams;
}) {
  const { t } = context;
  return (
    <FilterBar context={context} params={params} label={t('findCode')} cleared={{}} onParams={onParams}>
      <select
        aria-label={t('codeState')}
        value={params['state'] ?? ''}
        onChange={(event) => onParams({ ...params, state: event.currentTarget.value })}
      >
        <option value="">{t('state_all')}</option>
        {states.map((state) => (
          <option key={state} value={state}>
            {t(`code_${state}`)}
          </option>
        ))}
      </select>
      {params['batch'] !== undefined && (
        <button type="button" onClick={() => onParams({ ...params, batch: '' })}>
          {t('batchNo', { n: params['batch'] })} ✕
        </button>
      )}
    </FilterBar>
  );
}

function CodeDrawer({
  context,
  code,
  onClose,
  onChange,
}: {
  readonly context: Context;
  readonly code: CodeRow;
  readonly onClose: () => void;
  readonly onChange: () => void;
}) {
  const { t, session } = context;
  const url = `${session.registrarUrl}/r/${code.code}`;
  return (
    <Drawer
      label={code.shortCode}
      closeText={t('close')}
      title={<span class="num">{code.shortCode}</span>}
      onClose={onClose}
    >
      <p class="tags">
        <CodeTag context={context} state={code.state} /> {t(code.purpose)}
      </p>
      <dl class="facts">
        <dt>{t('vehicle')}</dt>
        <dd>
          {code.unit === null ? (
            t('none')
          ) : (
            <a href={hashOf('vehicles', { open: code.unit.unitId, q: code.unit.plate ?? code.unit.unitId })}>
              {unitName(context, code.unit)}
            </a>
          )}
        </dd>
        <dt>{t('boundSince')}</dt>
        <dd>{code.boundMs === null ? t('start') : momentText(context, code.boundMs)}</dd>
        <dt>{t('made')}</dt>
        <dd>{momentText(context, code.issuedMs)}</dd>
        <dt>{t('batch')}</dt>
        <dd>
          {code.batchId === null ? (
            t('none')
          ) : (
            <a href={hashOf('codes', { batch: String(code.batchId) })}>{code.batchId}</a>
          )}
        </dd>
        <dt>{t('lastScan')}</dt>
        <dd>{momentText(context, code.lastMs)}</dd>
        <dt>{t('weekRides')}</dt>
        <dd>{countText(code.rides)}</dd>
        <dt>{t('aliases')}</dt>
        <dd>{code.aliases}</dd>
        <dt>URL</dt>
        <dd class="url">{url}</dd>
      </dl>
      <CodeActions context={context} code={code} onChange={onChange} />
    </Drawer>
  );
}

function Batches({ context, version }: { readonly context: Context; readonly version: number }) {
  const { t } = context;
  const loaded = useLoad(`batches ${version}`, () => api.batches());
  const [printing, setPrinting] = useState<Batch>();
  const rows = loaded.data?.rows ?? [];
  return (
    <section class="panel">
      <h2>{t('batches')}</h2>
      <Problem context={context} loaded={loaded} />
      {loaded.data !== undefined && rows.length === 0 && <p class="quiet">{t('noBatches')}</p>}
      {rows.length > 0 && (
        <TableWrap label={t('batches')}>
          <table>
            <thead>
              <tr>
                <th>{t('batch')}</th>
                <th>{t('made')}</th>
                <th>{t('purpose')}</th>
                <th class="num">{t('units')}</th>
                <th class="num">{t('perUnit')}</th>
                <th class="num">{t('codeList')}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {rows.map((batch) => (
                <tr key={batch.batchId}>
                  <td>
                    <a href={hashOf('codes', { batch: String(batch.batchId) })}>{t('batchNo', { n: batch.batchId })}</a>
                  </td>
                  <td class="num-left">{momentText(context, batch.madeMs)}</td>
                  <td>{t(batch.purpose)}</td>
                  <td class="num">{countText(batch.units)}</td>
                  <td class="num">{batch.perUnit}</td>
                  <td class="num">{countText(batch.codes)}</td>
                  <td class="row-actions">
                    <button class="link" onClick={() => setPrinting(batch)}>
                      {t('print')}
                    </button>
                    <a href={files.batch(batch.batchId)} download={`codes-${batch.batchId}.csv`}>
                      {t('downloadCsv')}
                    </a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableWrap>
      )}
      {printing !== undefined && (
        <PrintDialog
          context={context}
          title={t('printBatch', { n: printing.batchId })}
          what={{ batchId: printing.batchId }}
          onClose={() => setPrinting(undefined)}
        />
      )}
    </section>
  );
}

export function Codes({
  context,
  params,
  onParams,
}: {
  readonly context: Context;
  readonly params: Params;
  readonly onParams: SetParams;
}) {
  const { t } = context;
  const { open, n, ...filter } = params;
  const size = sizeOf(n);
  const paged = usePaged(`${JSON.stringify(filter)} ${size}`, (after) => api.codes(filter, after, size));
  const lines = useLoad('lines', () => api.overview(undefined));
  const [version, setVersion] = useState(0);
  const href = (row: CodeRow): string => hashOf('codes', { ...params, open: row.code });
  const columns = useMemo(() => columnsOf(context, href), [context, JSON.stringify(params)]);
  const shown = paged.rows.find(({ code }) => code === open);
  // A link to one code shows it also when it is not among the rows loaded.
  const alone = useLoad(`code ${open ?? ''}`, async () =>
    open === undefined ? undefined : (await api.codes({ q: open }, undefined, 1)).rows[0],
  );
  const opened = open === undefined ? undefined : (shown ?? alone.data);
  useKeys((key) => {
    if (key !== 'Escape' || open === undefined) return false;
    onParams({ ...params, open: '' });
    return true;
  });
  const changed = (): void => {
    paged.reload();
    alone.reload();
    setVersion((now) => now + 1);
  };
  const isFiltered = Object.values(filter).some((value) => value !== '');
  return (
    <>
      <div class="bar">
        <h1>{t('codes')}</h1>
        <span class="space" />
        <CodeTools
          context={context}
          unitIds={[]}
          lineId={undefined}
          lines={lines.data?.lines.map(({ line }) => line) ?? []}
          onChange={changed}
        />
      </div>
      <section class="panel flush">
        <Filters context={context} params={params} onParams={onParams} />
        <p class="problem" role="alert">
          {paged.error === undefined ? '' : context.explain(paged.error)}
        </p>
        {paged.loaded && paged.total === 0 ? (
          <Empty>
            <p>{t(isFiltered ? 'noCodes' : 'noCodesYet')}</p>
          </Empty>
        ) : (
          <Grid
            label={t('codeList')}
            kind="codes"
            columns={columns}
            rows={paged.rows}
            total={paged.total}
            rowKey={(row) => row.code}
            {...(open === undefined ? {} : { openKey: open })}
            onOpen={(row) => onParams({ ...params, open: row.code })}
            onMore={paged.more}
          />
        )}
        <PageFoot
          context={context}
          shown={paged.rows.length}
          total={paged.total}
          size={size}
          chosen={0}
          onSize={(next) => onParams({ ...params, n: next === defaultSize ? '' : String(next) }, true)}
          onMore={paged.more}
        />
      </section>
      <Batches context={context} version={version} />
      {opened !== undefined && (
        <CodeDrawer
          context={context}
          code={opened}
          onClose={() => onParams({ ...params, open: '' })}
          onChange={changed}
        />
      )}
    </>
  );
}
