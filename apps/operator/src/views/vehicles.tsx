// Every unit of the fleet on a day: filter, walk, open, and choose many to issue or print codes for.
import { useMemo, useState } from 'preact/hooks';
import type { LineRef, VehicleRow } from '@tongche/contract';
import { api } from '../api.ts';
import { clockOf, lineName, type Context } from '../context.ts';
import { countText } from '../format.ts';
import { Grid, type Column } from '../grid.tsx';
import { useKeys, useLoad } from '../hooks.ts';
import { noLineId } from '../lines.ts';
import { usePaged } from '../paged.ts';
import { Empty, UnitName } from '../pieces.tsx';
import { hashOf, type Params } from '../router.ts';
import { CodeTools } from './code-tools.tsx';
import { DayBar } from './day-bar.tsx';
import { FilterBar, LineChoice, type SetParams } from './filter-bar.tsx';
import { defaultSize, PageFoot, sizeOf } from './page-foot.tsx';
import { StateTags } from './state-tags.tsx';
import { VehicleDrawer } from './vehicle-drawer.tsx';

const states = ['all', 'in-service', 'no-sign-in', 'no-registration', 'dead-sticker', 'no-code'] as const;

function columnsOf(context: Context, href: (row: VehicleRow) => string): readonly Column<VehicleRow>[] {
  const { t } = context;
  return [
    {
      key: 'vehicle',
      head: t('vehicle'),
      cell: (row) => (
        <a href={href(row)}>
          <UnitName context={context} unit={row.unit} />
        </a>
      ),
    },
    { key: 'line', head: t('line'), cell: (row) => lineName(context, row.line) },
    { key: 'state', head: t('state'), cell: (row) => <StateTags context={context} row={row} /> },
    { key: 'heads', head: t('headHeads'), num: true, cell: (row) => <b>{countText(row.heads)}</b> },
    {
      key: 'last',
      head: t('lastRide'),
      num: true,
      cell: (row) => (row.lastMs === null ? t('none') : clockOf(context, row.lastMs)),
    },
    {
      key: 'signed',
      head: t('headSigned'),
      num: true,
      cell: (row) => (row.signedInMs === null ? t('none') : clockOf(context, row.signedInMs)),
    },
    { key: 'codes', head: t('headCodes'), num: true, cell: (row) => row.codes },
    { key: 'kind', head: t('kind'), cell: (row) => t(`kind_${row.unit.kind}`) },
  ];
}

function Filters({
  context,
  params,
  lines,
  onParams,
}: {
  readonly context: Context;
  readonly params: Params;
  readonly lines: readonly (LineRef | null)[];
  readonly onParams: SetParams;
}) {
  const { t } = context;
  return (
    <FilterBar
      context={context}
      params={params}
      label={t('findVehicle')}
      cleared={{ date: params['date'] ?? '' }}
      onParams={onParams}
    >
      <LineChoice context={context} params={params} lines={lines} onParams={onParams} />
      <select
        aria-label={t('state')}
        value={params['state'] ?? 'all'}
        onChange={(event) =>
          onParams({ ...params, state: event.currentTarget.value === 'all' ? '' : event.currentTarget.value })
        }
      >
        {states.map((state) => (
          <option key={state} value={state}>
            {t(`state_${state}`)}
          </option>
        ))}
      </select>
    </FilterBar>
  );
}

export function Vehicles({
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
  const paged = usePaged(`${JSON.stringify(filter)} ${size}`, (after) => api.vehicles(filter, after, size));
  // The lines of the filter and what day it is.
  const day = useLoad(`lines ${params['date'] ?? ''}`, () => api.overview(params['date']));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const lines = useMemo(
    () =>
      (day.data?.lines ?? [])
        .map(({ line }) => line)
        .sort((a, b) => lineName(context, a).localeCompare(lineName(context, b), 'zh-CN', { numeric: true })),
    [day.data, context],
  );
  const href = (row: VehicleRow): string => hashOf('vehicles', { ...params, open: row.unit.unitId });
  const columns = useMemo(() => columnsOf(context, href), [context, JSON.stringify(params)]);
  useKeys((key) => {
    if (key !== 'Escape' || open === undefined) return false;
    onParams({ ...params, open: '' });
    return true;
  });
  function toggle(row: VehicleRow): void {
    const next = new Set(chosen);
    if (!next.delete(row.unit.unitId)) next.add(row.unit.unitId);
    setChosen(next);
  }
  return (
    <>
      <div class="bar">
        <h1>{t('vehicles')}</h1>
        <DayBar
          context={context}
          date={params['date']}
          today={day.data?.today}
          onDate={(date) => onParams({ ...params, date })}
        />
        <span class="space" />
        <CodeTools
          context={context}
          unitIds={[...chosen]}
          lineId={params['line'] === noLineId ? undefined : params['line']}
          lines={lines}
          onChange={paged.reload}
        />
      </div>
      <section class="panel flush">
        <Filters context={context} params={params} lines={lines} onParams={onParams} />
        <p class="problem" role="alert">
          {paged.error === undefined ? '' : context.explain(paged.error)}
        </p>
        {paged.loaded && paged.total === 0 ? (
          <Empty>
            <p>{(day.data?.totals.vehicles ?? 0) === 0 ? t('emptyCity') : t('noVehicles')}</p>
          </Empty>
        ) : (
          <Grid
            label={t('vehicles')}
            kind="vehicles"
            columns={columns}
            rows={paged.rows}
            total={paged.total}
            rowKey={(row) => row.unit.unitId}
            {...(open === undefined ? {} : { openKey: open })}
            onOpen={(row) => onParams({ ...params, open: row.unit.unitId })}
            onMore={paged.more}
            choose={{ chosen, label: t('choose'), toggle }}
          />
        )}
        <PageFoot
          context={context}
          shown={paged.rows.length}
          total={paged.total}
          size={size}
          chosen={chosen.size}
          onSize={(next) => onParams({ ...params, n: next === defaultSize ? '' : String(next) }, true)}
          onMore={paged.more}
        />
      </section>
      {open !== undefined && (
        <VehicleDrawer
          context={context}
          unitId={open}
          date={params['date']}
          onClose={() => onParams({ ...params, open: '' })}
          onChange={paged.reload}
        />
      )}
    </>
  );
}
