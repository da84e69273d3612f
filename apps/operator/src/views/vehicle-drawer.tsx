// One unit: its day, its stickers with everything that can be done to them, bindings, runs, and the correction of a run.
import { useState } from 'preact/hooks';
import type { VehicleDetail } from '@tongche/contract';
import { doubtNames } from '@tongche/ui';
import { api } from '../api.ts';
import { clockOf, lineName, momentText, nameOf, unitName, type Context } from '../context.ts';
import { countText } from '../format.ts';
import { useLoad } from '../hooks.ts';
import { CodeTag, Drawer, Problem, UnitName } from '../pieces.tsx';
import { hashOf } from '../router.ts';
import { CodeActions } from './code-actions.tsx';
import { CodeTools } from './code-tools.tsx';
import { CorrectRun } from './correct-run.tsx';
import { StateTags } from './state-tags.tsx';

function Runs({ context, detail }: { readonly context: Context; readonly detail: VehicleDetail }) {
  const { t } = context;
  if (detail.runs.length === 0) return <p class="quiet">{t('noRuns')}</p>;
  return (
    <ol class="runs">
      {detail.runs.map((run) => (
        <li key={run.runKey} class={run.heads > 0 ? '' : 'quiet'}>
          <span class="num">
            {clockOf(context, run.fromMs)}–{clockOf(context, run.toMs)}
          </span>
          <span class="name">
            {lineName(context, run.line)} {run.headsign !== null && `→ ${nameOf(context, run.headsign)}`}
            {run.corrected && <span class="tag tag-info"> {t('corrected')}</span>}
          </span>
          <b class="num">{run.heads === 0 ? '' : countText(run.heads)}</b>
        </li>
      ))}
    </ol>
  );
}

/** Why the day's doubtful registrations are so, and in which hours they boarded. */
function DoubtHours({ context, detail }: { readonly context: Context; readonly detail: VehicleDetail }) {
  const { t } = context;
  const hours = detail.doubtHours.flatMap((n, hour) => (n === 0 ? [] : [[hour, n] as const]));
  return (
    <>
      <h3>
        {t('flagged')} <small class="quiet num">{countText(detail.row.flagged)}</small>
      </h3>
      <ul class="plain-list">
        {detail.doubts.map(({ doubt, rides }) => (
          <li key={doubt}>
            <b>{nameOf(context, doubtNames[doubt])}</b> <span class="num">{countText(rides)}</span>
            <div class="quiet">{t(`doubt_${doubt}`)}</div>
          </li>
        ))}
        <li class="num">
          {hours.map(([hour, n]) => (
            <span key={hour} class="tag tag-plain">
              {String(hour).padStart(2, '0')}:00 <b>{countText(n)}</b>
            </span>
          ))}
        </li>
      </ul>
    </>
  );
}

export function VehicleDrawer({
  context,
  unitId,
  date,
  onClose,
  onChange,
}: {
  readonly context: Context;
  readonly unitId: string;
  readonly date: string | undefined;
  readonly onClose: () => void;
  readonly onChange: () => void;
}) {
  const { t } = context;
  const loaded = useLoad(`${unitId} ${date ?? ''}`, () => api.vehicle(unitId, date));
  const [correcting, setCorrecting] = useState(false);
  const { data } = loaded;
  const changed = (): void => {
    loaded.reload();
    onChange();
  };
  return (
    <Drawer
      label={data === undefined ? unitId : unitName(context, data.row.unit)}
      closeText={t('close')}
      title={data === undefined ? unitId : <UnitName context={context} unit={data.row.unit} />}
      onClose={onClose}
    >
      <Problem context={context} loaded={loaded} />
      {data !== undefined && (
        <>
          <p>
            {t(`kind_${data.row.unit.kind}`)} · {lineName(context, data.row.line)} ·{' '}
            {t('capacity', { n: data.capacity })}
            {data.carriageNo !== null && ` · ${t('carriageNo', { n: data.carriageNo })}`}
            <span class="quiet"> · {unitId}</span>
          </p>
          <p class="tags">
            <StateTags context={context} row={data.row} />
          </p>
          <dl class="figures small">
            <div>
              <dt>{t('heads')}</dt>
              <dd>{countText(data.row.heads)}</dd>
            </div>
            <div>
              <dt>{t('signInTime')}</dt>
              <dd>{data.row.signedInMs === null ? t('none') : clockOf(context, data.row.signedInMs)}</dd>
            </div>
            <div>
              <dt>{t('lastRide')}</dt>
              <dd>{data.row.lastMs === null ? t('none') : clockOf(context, data.row.lastMs)}</dd>
            </div>
          </dl>
          {data.row.flagged > 0 && <DoubtHours context={context} detail={data} />}
          <div class="bar">
            <h3>
              {t('usualCodes')} <small class="quiet num">{data.codes.length}</small>
            </h3>
            <span class="space" />
            <CodeTools context={context} unitIds={[unitId]} lineId={undefined} lines={[]} onChange={changed} />
          </div>
          <ul class="cards">
            {data.codes.map((code) => (
              <li key={code.code}>
                <div class="bar">
                  <a class="num code-text" href={hashOf('codes', { q: code.shortCode, open: code.code })}>
                    {code.shortCode}
                  </a>
                  <CodeTag context={context} state={code.state} />
                  {code.purpose === 'crew' && <span class="tag tag-plain">{t('crew')}</span>}
                </div>
                <div class="quiet">
                  {t('lastScan')} {momentText(context, code.lastMs)} · {t('weekRides')} {countText(code.rides)}
                </div>
                <CodeActions context={context} code={code} onChange={changed} />
              </li>
            ))}
          </ul>
          <div class="bar">
            <h3>{t('runsOfDay')}</h3>
            <span class="space" />
            <button aria-expanded={correcting} onClick={() => setCorrecting(!correcting)}>
              {t('correctRun')}
            </button>
          </div>
          {correcting && <CorrectRun context={context} detail={data} date={date} onChange={changed} />}
          <Runs context={context} detail={data} />
          <h3>{t('bindings')}</h3>
          <ul class="plain-list">
            {data.bindings.map((binding) => (
              <li key={`${binding.code} ${binding.fromMs}`}>
                <span class="num">
                  {data.codes.find(({ code }) => code === binding.code)?.shortCode ?? binding.code}
                </span>{' '}
                <span class="quiet">
                  {binding.fromMs === 0 ? t('start') : momentText(context, binding.fromMs)} –{' '}
                  {binding.toMs === null ? t('now') : momentText(context, binding.toMs)}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Drawer>
  );
}
