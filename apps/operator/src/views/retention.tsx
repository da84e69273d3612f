// The calendar of destruction: which day's rides go when, other data with an end, and the evidence of past rolls.
import type { Retention as Data } from '@tongche/contract';
import { api } from '../api.ts';
import { dayName, momentText, type Context } from '../context.ts';
import { bytesText, countText, shiftDate, weekday } from '../format.ts';
import { useLoad } from '../hooks.ts';
import { Problem, TableWrap } from '../pieces.tsx';
import { wordOf } from '../words.ts';

type Day = Data['days'][number];

/** The days of the retention, oldest first, also those without a partition. */
function daysOf(data: Data): readonly (Day | { readonly date: string })[] {
  const held = new Map(data.days.map((day) => [day.date, day]));
  const first = shiftDate(data.today, 1 - data.retentionDays);
  const oldest = data.days.at(-1)?.date ?? first;
  const from = oldest < first ? oldest : first;
  const days: (Day | { readonly date: string })[] = [];
  for (let date = from; date <= data.today; date = shiftDate(date, 1)) days.push(held.get(date) ?? { date });
  return days;
}

/** Admission keys live for eight days; one that is absent earlier never came, and no ride of its day is let in. */
const keyDays = 8;

function KeyState({ context, day, today }: { readonly context: Context; readonly day: Day; readonly today: string }) {
  const { t } = context;
  if (day.keysHeld) return <span>◆ {t('keysHeld')}</span>;
  if (day.date > shiftDate(today, -keyDays)) return <span class="bad">! {t('keysMissing')}</span>;
  return <span class="quiet">◇ {t('keysGone')}</span>;
}

function Cell({
  context,
  day,
  today,
}: {
  readonly context: Context;
  readonly day: Day | { readonly date: string };
  readonly today: string;
}) {
  const { t } = context;
  const isHeld = 'rides' in day;
  const goesNow = isHeld && day.destroyedOn <= today;
  return (
    <li class={`${isHeld ? '' : 'none'} ${goesNow ? 'goes' : ''} ${day.date === today ? 'today' : ''}`}>
      <b>
        {dayName(context, day.date)}
        {day.date === today && <span class="tag tag-info">{t('today')}</span>}
      </b>
      {isHeld && (
        <>
          <span class="num">{day.rides === 0 ? t('none') : t('ridesAbout', { n: countText(day.rides) })}</span>
          <span class="quiet num">{bytesText(day.bytes)}</span>
          <KeyState context={context} day={day} today={today} />
          <span class={goesNow ? 'warn-text' : 'quiet'}>
            {goesNow ? t('goesToday') : t('goesOn', { date: dayName(context, day.destroyedOn) })}
          </span>
        </>
      )}
    </li>
  );
}

function Calendar({ context, data }: { readonly context: Context; readonly data: Data }) {
  const { t, language } = context;
  const days = daysOf(data);
  const lead = weekday(days[0]?.date ?? data.today);
  const names = Array.from({ length: 7 }, (_, n) =>
    new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en', { weekday: 'short', timeZone: 'UTC' }).format(
      Date.UTC(2026, 0, 5 + n),
    ),
  );
  return (
    <section class="panel">
      <h2>{t('calendar')}</h2>
      <p class="quiet">{t('retentionLead', { n: data.retentionDays })}</p>
      <div class="week" aria-hidden="true">
        {names.map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <ol class={`calendar lead-${lead}`}>
        {days.map((day) => (
          <Cell key={day.date} context={context} day={day} today={data.today} />
        ))}
      </ol>
    </section>
  );
}

function Others({ context, data }: { readonly context: Context; readonly data: Data }) {
  const { t } = context;
  return (
    <section class="panel">
      <h2>{t('otherData')}</h2>
      <TableWrap label={t('otherData')}>
        <table>
          <thead>
            <tr>
              <th>{t('what')}</th>
              <th class="num">{t('countNow')}</th>
              <th class="num">{t('keptFor')}</th>
              <th>{t('nextEnd')}</th>
            </tr>
          </thead>
          <tbody>
            {data.others.map((other) => (
              <tr key={other.what}>
                <td>{wordOf(t, 'what', other.what)}</td>
                <td class="num">{countText(other.count)}</td>
                <td class="num">{t('daysN', { n: other.afterDays })}</td>
                <td class="num-left">{momentText(context, other.nextMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableWrap>
    </section>
  );
}

function Rolls({ context, data }: { readonly context: Context; readonly data: Data }) {
  const { t } = context;
  return (
    <section class="panel">
      <h2>{t('rolls')}</h2>
      <p class="quiet">{t('rollsLead')}</p>
      {data.rolls.length === 0 ? (
        <p class="quiet">{t('noRoll')}</p>
      ) : (
        <TableWrap label={t('rolls')} tall>
          <table>
            <thead>
              <tr>
                <th>{t('rollDate')}</th>
                <th class="num">{t('partitions')}</th>
                <th class="num">{t('keysDestroyed')}</th>
                <th>{t('at')}</th>
              </tr>
            </thead>
            <tbody>
              {data.rolls.map((roll) => (
                <tr key={roll.date}>
                  <td>{dayName(context, roll.date)}</td>
                  <td class="num">{roll.partitions}</td>
                  <td class="num">{roll.keys}</td>
                  <td class="num-left">{momentText(context, roll.atMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableWrap>
      )}
    </section>
  );
}

export function Retention({ context }: { readonly context: Context }) {
  const { t } = context;
  const loaded = useLoad('retention', () => api.retention());
  const { data } = loaded;
  return (
    <>
      <div class="bar">
        <h1>{t('retention')}</h1>
        <span class="space" />
        {data !== undefined && (
          <span class="quiet">
            {data.lastRoll === null ? t('noRoll') : t('lastRoll', { date: dayName(context, data.lastRoll) })} ·{' '}
            <b>{t('nextRoll', { time: momentText(context, data.nextRollMs) })}</b>
          </span>
        )}
      </div>
      <Problem context={context} loaded={loaded} />
      {data === undefined && loaded.error === undefined && <p class="quiet">{t('loading')}</p>}
      {data !== undefined && (
        <>
          <Calendar context={context} data={data} />
          <div class="columns">
            <Others context={context} data={data} />
            <Rolls context={context} data={data} />
          </div>
        </>
      )}
    </>
  );
}
