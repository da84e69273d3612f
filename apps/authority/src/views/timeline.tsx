// The rides of the case: one lane a day, one bar a ride, drawn from the first boarding hour to the last.
import { plateText } from '@tongche/ui';
import type { TraceView } from '@tongche/contract';
import { clockText, named, shortDay, type Context } from '../context.ts';
import { isAside } from './doubtful-rides.tsx';

type Ride = TraceView['rides'][number];
const hourMs = 3_600_000;
/** A bar is at least this wide, so that a short ride can be read and pressed. */
const minWidth = 4;
/** Length drawn where the alighting is unknown. */
const unknownMs = 20 * 60_000;

function hourOfDay(ms: number, zone: string): number {
  const [hour = '0', minute = '0'] = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
  })
    .format(ms)
    .split(':');
  return Number(hour) + Number(minute) / 60;
}

/** Left edge and width of a ride in percent of the hours shown. */
export function place(
  ride: Pick<Ride, 'boardedMs' | 'alightMs'>,
  zone: string,
  fromHour: number,
  toHour: number,
): { readonly left: number; readonly width: number } {
  const span = toHour - fromHour;
  const start = hourOfDay(ride.boardedMs, zone);
  const hours = ((ride.alightMs ?? ride.boardedMs + unknownMs) - ride.boardedMs) / hourMs;
  const left = Math.max(0, ((start - fromHour) / span) * 100);
  return { left, width: Math.max(minWidth, Math.min(100 - left, (hours / span) * 100)) };
}

/** What is set aside is drawn below what counts. */
function asideFirst(rides: readonly Ride[]): readonly Ride[] {
  return [...rides.filter(isAside), ...rides.filter((ride) => !isAside(ride))];
}

export function Timeline({
  context,
  rides,
  chosen,
  onChoose,
}: {
  readonly context: Context;
  readonly rides: readonly Ride[];
  readonly chosen: string | null;
  readonly onChoose: (runKey: string | null) => void;
}) {
  const { t, session } = context;
  if (rides.length === 0)
    return (
      <section class="panel">
        <h2>{t('timeline')}</h2>
        <p class="quiet">{t('noRides')}</p>
      </section>
    );
  const hours = rides.flatMap((ride) => [hourOfDay(ride.boardedMs, session.zone)]);
  const fromHour = Math.max(0, Math.floor(Math.min(...hours)) - 1);
  const toHour = Math.min(24, Math.ceil(Math.max(...hours)) + 2);
  const days = Map.groupBy(
    [...rides].sort((a, b) => a.boardedMs - b.boardedMs),
    (ride) => shortDay(context, ride.boardedMs),
  );
  return (
    <section class="panel" aria-label={t('timeline')}>
      <div class="bar">
        <h2>{t('timeline')}</h2>
        <span class="space" />
        <small class="quiet num">
          {fromHour}:00 – {toHour}:00
        </small>
      </div>
      {[...days].map(([day, dayRides]) => (
        <div class="lane" key={day}>
          <span>{day}</span>
          <div class="hours">
            <svg class="bars" width="100%" height="28" role="group" aria-label={day}>
              {asideFirst(dayRides).map((ride) => {
                const { left, width } = place(ride, session.zone, fromHour, toHour);
                const label = `${named(context, ride.line)} ${ride.plate === null ? named(context, ride.unitLabel) : plateText(ride.plate)} ${clockText(context, ride.boardedMs)}${ride.alightMs === null ? '' : `–${clockText(context, ride.alightMs)}`}`;
                const choose = () => onChoose(chosen === ride.runKey ? null : ride.runKey);
                return (
                  <g
                    key={ride.rideId}
                    class={`ride ${ride.verified ? '' : 'unverified'} ${ride.told ? 'told-ride' : ''} ${isAside(ride) ? 'aside' : ''} ${chosen !== null && chosen === ride.runKey ? 'chosen' : ''}`}
                    role="button"
                    tabIndex={0}
                    aria-label={`${label} · ${isAside(ride) ? t('aside') : `${t('contactsN')} ${ride.contacts}`}`}
                    onClick={choose}
                    onKeyDown={(event) => event.key === 'Enter' && choose()}
                  >
                    <title>{`${label} · ${named(context, ride.boardStop)} → ${named(context, ride.alightStop)} · ${t('contactsN')} ${ride.contacts}`}</title>
                    <rect x={`${left}%`} y="3" width={`${width}%`} height="22" rx="5" />
                    {/* A picture of its own, so that the words end where the bar does. */}
                    <svg x={`${left}%`} y="3" width={`${width}%`} height="22">
                      <text x="6" y="15">
                        {label}
                      </text>
                    </svg>
                  </g>
                );
              })}
            </svg>
          </div>
        </div>
      ))}
    </section>
  );
}
