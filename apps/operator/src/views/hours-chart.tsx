// People registered per hour of the day: bars that can be read aloud, and the same numbers as a table.
import type { Context } from '../context.ts';
import { dayName } from '../context.ts';
import { axisOf, countText, shortCount } from '../format.ts';
import { TableWrap } from '../pieces.tsx';

const width = 1080;
const height = 200;
const left = 48;
const bottom = 22;
const top = 10;
const hourCount = 24;

export function HoursChart({
  context,
  date,
  hours,
  nowHour,
}: {
  readonly context: Context;
  readonly date: string;
  readonly hours: readonly number[];
  /** The hour still under way; undefined on past days. */
  readonly nowHour: number | undefined;
}) {
  const { t } = context;
  const most = Math.max(...hours);
  const axis = axisOf(most);
  const highest = axis.at(-1) ?? 1;
  const plot = height - top - bottom;
  const y = (n: number): number => top + plot * (1 - n / highest);
  const slot = (width - left) / hourCount;
  const busiest = hours.indexOf(most);
  const text = t('perHourText', {
    date: dayName(context, date),
    n: countText(hours.reduce((sum, n) => sum + n, 0)),
    hour: busiest,
    most: countText(most),
  });
  return (
    <section class="panel" aria-label={t('perHour')}>
      <h2>{t('perHour')}</h2>
      <svg class="hours-chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={text}>
        {axis.map((n) => (
          <g key={n}>
            <line class="axis" x1={left} x2={width} y1={y(n)} y2={y(n)} />
            <text x={left - 8} y={y(n) + 4} text-anchor="end">
              {n < 10_000 ? countText(n) : shortCount(n)}
            </text>
          </g>
        ))}
        {hours.map((n, hour) => (
          <g key={hour} class={hour === nowHour ? 'under-way' : ''}>
            <rect
              class="bar-fill"
              x={left + hour * slot + 3}
              width={slot - 6}
              y={y(n)}
              height={Math.max(0, height - bottom - y(n))}
              rx="3"
            >
              <title>{`${String(hour).padStart(2, '0')}:00 · ${countText(n)}`}</title>
            </rect>
            <text x={left + (hour + 0.5) * slot} y={height - 6} text-anchor="middle">
              {hour}
            </text>
          </g>
        ))}
      </svg>
      <details>
        <summary>{t('asTable')}</summary>
        <TableWrap label={t('perHour')}>
          <table>
            <thead>
              <tr>
                <th>{t('hour')}</th>
                {hours.map((_, hour) => (
                  <th key={hour} class="num">
                    {hour}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              <tr>
                <th>{t('heads')}</th>
                {hours.map((n, hour) => (
                  <td key={hour} class="num">
                    {countText(n)}
                  </td>
                ))}
              </tr>
            </tbody>
          </table>
        </TableWrap>
      </details>
    </section>
  );
}
