// The rides of the case: one lane a day, one bar a ride, drawn from the first boarding hour to the last. A ride that is pressed
// is told in words, and struck when the case says it made none such.
import { useState } from 'preact/hooks';
import { plateText } from '@tongche/ui';
import type { CaseView, TraceView } from '@tongche/contract';
import { api } from '../api.ts';
import { clockText, momentText, named, shortDay, type Context } from '../context.ts';
import { isAside } from './doubtful-rides.tsx';

type Ride = TraceView['rides'][number];
const hourMs = 3_600_000;
/** A bar is at least this wide, so that a short ride can be read and pressed. */
const minWidth = 4;
const rowHeight = 28;
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

interface Bar {
  readonly ride: Ride;
  readonly left: number;
  readonly width: number;
  /** Bars that would hide one another stand in rows of their own. */
  readonly row: number;
}

/** `rides` of one day, in order of time. */
export function barsOf(rides: readonly Ride[], zone: string, fromHour: number, toHour: number): readonly Bar[] {
  const ends: number[] = [];
  return rides.map((ride) => {
    const { left, width } = place(ride, zone, fromHour, toHour);
    const free = ends.findIndex((end) => end <= left);
    const row = free < 0 ? ends.length : free;
    ends[row] = left + width;
    return { ride, left, width, row };
  });
}

function vehicleText(context: Context, { plate, unitLabel }: Ride): string {
  return plate === null ? named(context, unitLabel) : plateText(plate);
}

function InWords(props: {
  readonly context: Context;
  readonly one: CaseView;
  readonly ride: Ride;
  readonly onChange: () => void;
}) {
  const { context, one, ride, onChange } = props;
  const { t, session, explain } = context;
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const may = session.role === 'tracer' && one.closedMs === null && !ride.told;
  function strike(): void {
    setBusy(true);
    setProblem('');
    api
      .strikeRide(one.caseId, ride.rideId, !ride.struck)
      .then(onChange, (error: unknown) => setProblem(explain(error)))
      .finally(() => setBusy(false));
  }
  return (
    <div class="in-words" role="status">
      <div class="bar">
        <b class="num">{momentText(context, ride.boardedMs)}</b>
        <b>
          {named(context, ride.line)} {vehicleText(context, ride)}
        </b>
        {ride.boardStop !== null && (
          <span>
            {named(context, ride.boardStop)} →{' '}
            {ride.alightStop === null ? t('notKnown') : named(context, ride.alightStop)}
          </span>
        )}
        <span class="quiet num">
          {t('contactsN')} {ride.contacts}
        </span>
        {ride.struck && <span class="tag tag-plain">{t('struckRide')}</span>}
        <span class="space" />
        {may && (
          <button disabled={busy} onClick={strike}>
            {t(ride.struck ? 'strikeBack' : 'strikeRide')}
          </button>
        )}
      </div>
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

export function Timeline({
  context,
  one,
  rides,
  chosen,
  onChoose,
  onChange,
}: {
  readonly context: Context;
  readonly one: CaseView;
  readonly rides: readonly Ride[];
  readonly chosen: string | null;
  readonly onChoose: (runKey: string | null) => void;
  readonly onChange: () => void;
}) {
  const { t, session } = context;
  const [pressed, setPressed] = useState<string>();
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
  const lanes = [...days].map(([day, ofDay]) => {
    const bars = barsOf(ofDay, session.zone, fromHour, toHour);
    return { day, bars, rows: Math.max(...bars.map(({ row }) => row)) + 1 };
  });
  return (
    <section class="panel" aria-label={t('timeline')}>
      <div class="bar">
        <h2>{t('timeline')}</h2>
        <span class="space" />
        <small class="quiet num">
          {fromHour}:00 – {toHour}:00
        </small>
      </div>
      {lanes.map(({ day, bars, rows }) => (
        <div class="lane" key={day}>
          <span>{day}</span>
          <div class="hours">
            <svg class="bars" width="100%" height={rows * rowHeight} role="group" aria-label={day}>
              {bars.map(({ ride, left, width, row }) => {
                const top = row * rowHeight + 3;
                const label = `${named(context, ride.line)} ${vehicleText(context, ride)} ${clockText(context, ride.boardedMs)}${ride.alightMs === null ? '' : `–${clockText(context, ride.alightMs)}`}`;
                const isPressed = pressed === ride.rideId;
                const choose = () => {
                  setPressed(isPressed ? undefined : ride.rideId);
                  onChoose(isPressed || ride.struck ? null : ride.runKey);
                };
                return (
                  <g
                    key={ride.rideId}
                    class={`ride ${ride.verified ? '' : 'unverified'} ${ride.told ? 'told-ride' : ''} ${isAside(ride) ? 'aside' : ''} ${ride.struck ? 'struck' : ''} ${isPressed || (chosen !== null && chosen === ride.runKey) ? 'chosen' : ''}`}
                    role="button"
                    tabIndex={0}
                    aria-pressed={isPressed}
                    aria-label={`${label} · ${ride.struck ? t('struckRide') : isAside(ride) ? t('aside') : `${t('contactsN')} ${ride.contacts}`}`}
                    onClick={choose}
                    onKeyDown={(event) => event.key === 'Enter' && choose()}
                  >
                    <title>{`${label} · ${named(context, ride.boardStop)} → ${named(context, ride.alightStop)} · ${t('contactsN')} ${ride.contacts}`}</title>
                    <rect x={`${left}%`} y={top} width={`${width}%`} height="22" rx="5" />
                    {/* A picture of its own, so that the words end where the bar does. */}
                    <svg x={`${left}%`} y={top} width={`${width}%`} height="22">
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
      {rides
        .filter(({ rideId }) => rideId === pressed)
        .map((ride) => (
          <InWords key={ride.rideId} context={context} one={one} ride={ride} onChange={onChange} />
        ))}
    </section>
  );
}
