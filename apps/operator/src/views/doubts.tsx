// Registrations that can hardly have happened as they say: how many for each reason, and on which vehicles in which hours.
// Opening a vehicle shows its day beside it: its runs, its stickers, and the correction that clears a wrong doubt.
import { useMemo } from 'preact/hooks';
import type { DoubtCount, DoubtList, DoubtRow, RideDoubt } from '@tongche/contract';
import { doubtNames } from '@tongche/ui';
import { api } from '../api.ts';
import { lineName, nameOf, type Context } from '../context.ts';
import { countText, shade, shortCount } from '../format.ts';
import { Grid, type Column } from '../grid.tsx';
import { useKeys, useLoad } from '../hooks.ts';
import { usePaged } from '../paged.ts';
import { Empty, Problem, UnitName } from '../pieces.tsx';
import { hashOf, type Params } from '../router.ts';
import { DayHead } from './day-bar.tsx';
import { FilterBar, LineChoice, type SetParams } from './filter-bar.tsx';
import { defaultSize, PageFoot, sizeOf } from './page-foot.tsx';
import { VehicleDrawer } from './vehicle-drawer.tsx';

/** Today's numbers move; past days do not. */
const todayEveryMs = 15_000;

function Reasons({ context, doubts }: { readonly context: Context; readonly doubts: readonly DoubtCount[] }) {
  return (
    <>
      {doubts.map(({ doubt, rides }) => (
        <span key={doubt} class="tag tag-warn">
          {nameOf(context, doubtNames[doubt])} <span class="num">{countText(rides)}</span>
        </span>
      ))}
    </>
  );
}

/** Every reason that occurred, with what it means; pressing one shows only its vehicles. */
function Summary({
  context,
  list,
  params,
}: {
  readonly context: Context;
  readonly list: DoubtList;
  readonly params: Params;
}) {
  const { t } = context;
  const { open: _open, ...filter } = params;
  return (
    <dl class="figures reasons">
      {list.doubts.map(({ doubt, rides }) => {
        const isOn = params['doubt'] === doubt;
        return (
          <div key={doubt} class={isOn ? 'on' : ''}>
            <dt>
              <a
                href={hashOf('doubts', { ...filter, doubt: isOn ? '' : doubt })}
                aria-current={isOn ? 'true' : undefined}
              >
                {nameOf(context, doubtNames[doubt])}
              </a>
            </dt>
            <dd>{countText(rides)}</dd>
            <dd class="note">{t(`doubt_${doubt}`)}</dd>
          </div>
        );
      })}
      <div>
        <dt>{t('reused')}</dt>
        <dd>{countText(list.reused)}</dd>
        <dd class="note">{t('reusedHint')}</dd>
      </div>
    </dl>
  );
}

function columnsOf(context: Context, rows: readonly DoubtRow[], params: Params): readonly Column<DoubtRow>[] {
  const { t } = context;
  const most = Math.max(0, ...rows.flatMap(({ hours }) => hours));
  return [
    {
      key: 'vehicle',
      head: t('vehicle'),
      cell: ({ unit }) =>
        unit === null ? (
          <a href={hashOf('codes', { state: 'unbound' })}>{t('unboundStickers')}</a>
        ) : (
          <a href={hashOf('doubts', { ...params, open: unit.unitId })}>
            <UnitName context={context} unit={unit} />
          </a>
        ),
    },
    { key: 'line', head: t('line'), cell: (row) => lineName(context, row.line) },
    { key: 'rides', head: t('headFlagged'), num: true, cell: (row) => <b>{countText(row.rides)}</b> },
    { key: 'why', head: t('why'), cell: (row) => <Reasons context={context} doubts={row.doubts} /> },
    ...Array.from({ length: 24 }, (_, hour): Column<DoubtRow> => ({
      key: `h${hour}`,
      head: hour,
      num: true,
      cell: (row) => shortCount(row.hours[hour] ?? 0),
      kind: (row) => `heat heat-${shade(row.hours[hour] ?? 0, most)}`,
    })),
  ];
}

function Filters({
  context,
  params,
  list,
  onParams,
}: {
  readonly context: Context;
  readonly params: Params;
  readonly list: DoubtList | undefined;
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
      <LineChoice context={context} params={params} lines={[...(list?.lines ?? []), null]} onParams={onParams} />
      <select
        aria-label={t('why')}
        value={params['doubt'] ?? ''}
        onChange={(event) => onParams({ ...params, doubt: event.currentTarget.value })}
      >
        <option value="">{t('why')}</option>
        {(Object.keys(doubtNames) as RideDoubt[]).map((doubt) => (
          <option key={doubt} value={doubt}>
            {nameOf(context, doubtNames[doubt])}
          </option>
        ))}
      </select>
    </FilterBar>
  );
}

function Rows({ context, params, list, onParams }: Parameters<typeof Filters>[0]) {
  const { t } = context;
  const { open, n, ...filter } = params;
  const size = sizeOf(n);
  const paged = usePaged(`${JSON.stringify(filter)} ${size} ${list?.computedMs ?? 0}`, (after) =>
    api.doubts(filter, after, size),
  );
  const columns = useMemo(() => columnsOf(context, paged.rows, params), [context, paged.rows, JSON.stringify(params)]);
  useKeys((key) => {
    if (key !== 'Escape' || open === undefined) return false;
    onParams({ ...params, open: '' });
    return true;
  });
  return (
    <section class="panel flush">
      <Filters context={context} params={params} list={list} onParams={onParams} />
      <p class="problem" role="alert">
        {paged.error === undefined ? '' : context.explain(paged.error)}
      </p>
      {paged.loaded && paged.total === 0 ? (
        <Empty>
          <p>{t(list?.rides === 0 ? 'noDoubts' : 'noVehicles')}</p>
        </Empty>
      ) : (
        <Grid
          label={t('doubts')}
          kind="doubts"
          columns={columns}
          rows={paged.rows}
          total={paged.total}
          rowKey={(row) => row.unit?.unitId ?? ''}
          {...(open === undefined ? {} : { openKey: open })}
          onOpen={(row) => row.unit !== null && onParams({ ...params, open: row.unit.unitId })}
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
  );
}

export function Doubts({
  context,
  params,
  onParams,
}: {
  readonly context: Context;
  readonly params: Params;
  readonly onParams: SetParams;
}) {
  const { t } = context;
  const { date, open } = params;
  const loaded = useLoad(
    `doubts ${date ?? ''}`,
    () => api.doubts({ date: date ?? '' }, undefined, 1),
    date === undefined ? todayEveryMs : 0,
  );
  const { data } = loaded;
  return (
    <>
      <DayHead context={context} title={t('doubts')} params={params} loaded={loaded} onParams={onParams} />
      <Problem context={context} loaded={loaded} />
      <p class="quiet lead">{t('doubtsLead')}</p>
      {data !== undefined && <Summary context={context} list={data} params={params} />}
      <Rows context={context} params={params} list={data} onParams={onParams} />
      {open !== undefined && (
        <VehicleDrawer
          context={context}
          unitId={open}
          date={date}
          onClose={() => onParams({ ...params, open: '' })}
          onChange={loaded.reload}
        />
      )}
    </>
  );
}
