// The day at a glance: totals, what wants attention, registrations by hour, and every line with its problems first.
import { useMemo, useRef, useState } from 'preact/hooks';
import type { LineDay, Overview as Data } from '@tongche/contract';
import { doubtNames } from '@tongche/ui';
import { api } from '../api.ts';
import { clockOf, lineName, nameOf, type Context } from '../context.ts';
import { countText, shade, shareText, shortCount } from '../format.ts';
import { Grid, type Column } from '../grid.tsx';
import { useKeys, useLoad } from '../hooks.ts';
import { noLineId, orders, sortLines, unsigned, type Order } from '../lines.ts';
import { Empty, Problem } from '../pieces.tsx';
import { go, hashOf, type Params } from '../router.ts';
import { DayHead } from './day-bar.tsx';
import { HoursChart } from './hours-chart.tsx';

/** Today's numbers move; past days do not. */
const todayEveryMs = 15_000;

function Figure(props: {
  readonly name: string;
  readonly value: number;
  readonly note: string;
  readonly mark?: boolean;
  /** Where the number comes apart. */
  readonly href?: string;
}) {
  return (
    <div>
      <dt>{props.href === undefined ? props.name : <a href={props.href}>{props.name}</a>}</dt>
      <dd class={props.mark === true && props.value > 0 ? 'bad' : ''}>{countText(props.value)}</dd>
      <dd class="note">{props.note}</dd>
    </div>
  );
}

function Figures({
  context,
  totals,
  day,
}: {
  readonly context: Context;
  readonly totals: Data['totals'];
  readonly day: Params;
}) {
  const { t } = context;
  const covered =
    totals.expected === null
      ? t('expectedUnknown')
      : t('ofExpected', { n: countText(totals.expected), share: shareText(totals.heads, totals.expected) });
  return (
    <dl class="figures">
      <Figure name={t('heads')} value={totals.heads} note={covered} />
      <Figure name={t('assisted')} value={totals.assisted} note={`${t('late')} ${countText(totals.late)}`} />
      <Figure
        name={t('flagged')}
        value={totals.flagged}
        note={totals.doubts[0] === undefined ? t('flaggedHint') : nameOf(context, doubtNames[totals.doubts[0].doubt])}
        href={hashOf('doubts', day)}
      />
      <Figure
        name={t('inService')}
        value={totals.inService}
        note={t('ofVehicles', { n: countText(totals.vehicles) })}
      />
      <Figure name={t('signedIn')} value={totals.signedIn} note={shareText(totals.signedIn, totals.inService) || ' '} />
      <Figure name={t('deadCodes')} value={totals.deadCodes} note={t('ofCodes', { n: countText(totals.codes) })} mark />
    </dl>
  );
}

/** What wants somebody's attention, each with a link to exactly those vehicles. */
function ToDo({
  context,
  totals,
  day,
}: {
  readonly context: Context;
  readonly totals: Data['totals'];
  readonly day: Params;
}) {
  const { t } = context;
  const items = [
    ['no-registration', totals.noRegistration, 'toDoNoRegistration'],
    ['dead-sticker', totals.deadCodes, 'toDoDead'],
    ['no-sign-in', Math.max(0, totals.inService - totals.signedIn), 'toDoNoSignIn'],
    ['no-code', totals.noCode, 'toDoNoCode'],
  ] as const;
  const open = items.filter(([, n]) => n > 0);
  return (
    <section class="panel to-do" aria-label={t('toDo')}>
      <h2>{t('toDo')}</h2>
      {open.length === 0 ? (
        <p class="quiet">{t('toDoNone')}</p>
      ) : (
        <ul>
          {open.map(([state, n, key]) => (
            <li key={state}>
              <a href={hashOf('vehicles', { ...day, state })}>
                <b class="num">{countText(n)}</b> {t(key)}
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function columnsOf(context: Context, lines: readonly LineDay[], day: Params): readonly Column<LineDay>[] {
  const { t } = context;
  const most = Math.max(0, ...lines.flatMap(({ hours }) => hours));
  const link = (row: LineDay, n: number, state: string) =>
    n === 0 ? '' : <a href={hashOf('vehicles', { ...day, line: row.line?.id ?? noLineId, state })}>{n}</a>;
  return [
    {
      key: 'line',
      head: t('line'),
      cell: (row) => (
        <a
          href={hashOf('vehicles', { ...day, line: row.line?.id ?? noLineId })}
          title={row.line === null ? '' : nameOf(context, row.line.name)}
        >
          {lineName(context, row.line)}
        </a>
      ),
    },
    {
      key: 'vehicles',
      head: <span title={t('inService')}>{t('headInService')}</span>,
      num: true,
      cell: (row) => `${row.inService}/${row.vehicles}`,
    },
    {
      key: 'silent',
      head: <span title={t('noRegistration')}>{t('headSilent')}</span>,
      num: true,
      cell: (row) => link(row, row.noRegistration, 'no-registration'),
      kind: (row) => (row.noRegistration > 0 ? 'bad' : ''),
    },
    {
      key: 'dead',
      head: <span title={t('deadCodes')}>{t('headDead')}</span>,
      num: true,
      cell: (row) => link(row, row.deadCodes, 'dead-sticker'),
      kind: (row) => (row.deadCodes > 0 ? 'bad' : ''),
    },
    {
      key: 'unsigned',
      head: <span title={t('noSignIn')}>{t('headUnsigned')}</span>,
      num: true,
      cell: (row) => link(row, unsigned(row), 'no-sign-in'),
    },
    {
      key: 'flagged',
      head: <span title={t('flagged')}>{t('headFlagged')}</span>,
      num: true,
      cell: (row) =>
        row.flagged === 0 ? (
          ''
        ) : (
          <a href={hashOf('doubts', { ...day, line: row.line?.id ?? noLineId })}>{countText(row.flagged)}</a>
        ),
    },
    { key: 'heads', head: t('headHeads'), num: true, cell: (row) => <b>{countText(row.heads)}</b> },
    {
      key: 'coverage',
      head: <span title={t('coverage')}>{t('headCoverage')}</span>,
      num: true,
      cell: (row) => shareText(row.heads, row.expected) || t('none'),
    },
    ...Array.from({ length: 24 }, (_, hour): Column<LineDay> => ({
      key: `h${hour}`,
      head: hour,
      num: true,
      cell: (row) => shortCount(row.hours[hour] ?? 0),
      kind: (row) => `heat heat-${shade(row.hours[hour] ?? 0, most)}`,
    })),
  ];
}

function Lines({
  context,
  data,
  params,
  onParams,
}: {
  readonly context: Context;
  readonly data: Data;
  readonly params: Params;
  readonly onParams: (params: Params) => void;
}) {
  const { t } = context;
  const search = useRef<HTMLInputElement>(null);
  const [wanted, setWanted] = useState('');
  const order = orders.find((each) => each === params['sort']) ?? 'problems';
  const day: Params = params['date'] === undefined ? {} : { date: params['date'] };
  const shown = useMemo(() => {
    const text = wanted.trim().toLowerCase();
    const found = data.lines.filter(
      ({ line }) =>
        text === '' ||
        [line?.shortName ?? '', line?.name.zh ?? '', line?.name.en ?? ''].some((name) =>
          name.toLowerCase().includes(text),
        ),
    );
    return sortLines(found, order);
  }, [data, wanted, order]);
  const columns = useMemo(() => columnsOf(context, data.lines, day), [context, data, params['date']]);
  useKeys((key) => {
    if (key !== '/') return false;
    search.current?.focus();
    return true;
  });
  return (
    <section class="panel flush" aria-label={t('perLine')}>
      <div class="bar">
        <h2>{t('perLine')}</h2>
        <input
          ref={search}
          type="search"
          aria-label={t('findLine')}
          placeholder={t('findLine')}
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        <label class="inline">
          {t('sortBy')}
          <select value={order} onChange={(event) => onParams({ ...params, sort: event.currentTarget.value })}>
            {orders.map((each: Order) => (
              <option key={each} value={each}>
                {t(each === 'problems' ? 'byProblems' : each === 'heads' ? 'byHeads' : 'byName')}
              </option>
            ))}
          </select>
        </label>
        <span class="space" />
        <small class="quiet num">{t('total', { total: shown.length })}</small>
      </div>
      <Grid
        label={t('perLine')}
        kind="lines"
        columns={columns}
        rows={shown}
        total={shown.length}
        rowKey={(row) => row.line?.id ?? ''}
        onOpen={(row) => go('vehicles', { ...day, line: row.line?.id ?? noLineId })}
      />
    </section>
  );
}

export function Overview({
  context,
  params,
  onParams,
}: {
  readonly context: Context;
  readonly params: Params;
  readonly onParams: (params: Params) => void;
}) {
  const { t, session } = context;
  const date = params['date'];
  const loaded = useLoad(`overview ${date ?? ''}`, () => api.overview(date), date === undefined ? todayEveryMs : 0);
  const { data } = loaded;
  const day: Params = date === undefined ? {} : { date };
  const hour = data && Number(clockOf(context, data.nowMs).slice(0, 2));
  return (
    <>
      <DayHead context={context} title={t('overview')} params={params} loaded={loaded} onParams={onParams} />
      <Problem context={context} loaded={loaded} />
      {data === undefined && loaded.error === undefined && <p class="quiet">{t('loading')}</p>}
      {data !== undefined && data.lines.length === 0 && (
        <Empty>
          <p>{t('emptyCity')}</p>
          <a class="button primary" href={hashOf('imports')}>
            {t('goImport')}
          </a>
        </Empty>
      )}
      {data !== undefined && data.lines.length > 0 && (
        <>
          <Figures context={context} totals={data.totals} day={day} />
          <ToDo context={context} totals={data.totals} day={day} />
          <HoursChart
            context={context}
            date={data.date}
            hours={data.hours}
            nowHour={data.date === data.today && session.zone !== '' ? hour : undefined}
          />
          <Lines context={context} data={data} params={params} onParams={onParams} />
        </>
      )}
    </>
  );
}
