// The rides of the case: one lane a day, one bar a ride, under the hours from the first boarding to the last. A ride that is
// pressed is told in words, and struck when the case says it made none such.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { plateText } from '@tongche/ui';
import type { CaseView, TraceView } from '@tongche/contract';
import { api } from '../api.ts';
import { clockText, momentText, named, shortDay, type Context } from '../context.ts';
import { isAside } from './doubtful-rides.tsx';
import { barsOf, ticksOf, xOf } from './timeline-places.ts';
import type { Bar } from './timeline-places.ts';

type Ride = TraceView['rides'][number];
const [hourMs, minuteMs] = [3_600_000, 60_000];
const [rowHeight, barHeight] = [28, 22];
/** Length drawn where the alighting is unknown. */
const unknownMs = 20 * minuteMs;
/** Until the page has been laid out. */
const firstWidthPx = 720;

/** How wide an element is, now and after every change. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [widthPx, setWidthPx] = useState(firstWidthPx);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const read = (): void => setWidthPx(Math.max(1, element.clientWidth));
    read();
    const watcher = new ResizeObserver(read);
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  return { ref, widthPx };
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

/** What is known of it, in a row. */
function said(...words: readonly string[]): string {
  return words.filter((word) => word !== '').join(' ');
}

function RideBar(props: {
  readonly context: Context;
  readonly bar: Bar<Ride>;
  readonly label: string;
  readonly isPressed: boolean;
  readonly isChosen: boolean;
  readonly onPress: (isPressed: boolean) => void;
}) {
  const { context, bar, label, isPressed, isChosen, onPress } = props;
  const { t } = context;
  const { ride, x, width, words, row } = bar;
  const top = row * rowHeight + 3;
  const press = (): void => onPress(!isPressed);
  const state = ride.struck ? t('struckRide') : isAside(ride) ? t('aside') : `${t('contactsN')} ${ride.contacts}`;
  const looks = [
    'ride',
    ride.verified ? '' : 'unverified',
    ride.told ? 'told-ride' : '',
    isAside(ride) ? 'aside' : '',
    ride.struck ? 'struck' : '',
    isPressed || isChosen ? 'chosen' : '',
  ];
  const textAt = { in: x + 6, cut: 6, after: x + width + 6, before: x - 6 }[words];
  const text = (
    <text
      class={words}
      x={textAt}
      y={words === 'cut' ? 15 : top + 15}
      text-anchor={words === 'before' ? 'end' : 'start'}
    >
      {bar.label}
    </text>
  );
  return (
    <g
      class={looks.filter((look) => look !== '').join(' ')}
      role="button"
      tabIndex={0}
      aria-pressed={isPressed}
      aria-label={`${label} · ${state}`}
      onClick={press}
      onKeyDown={(event) => event.key === 'Enter' && press()}
    >
      <title>{`${label} · ${named(context, ride.boardStop)} → ${named(context, ride.alightStop)} · ${t('contactsN')} ${ride.contacts}`}</title>
      <rect x={x} y={top} width={width} height={barHeight} rx="5" />
      {/* A picture of its own where the words have to end with the bar. */}
      {words === 'cut' ? (
        <svg x={x} y={top} width={width} height={barHeight}>
          {text}
        </svg>
      ) : (
        text
      )}
    </g>
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
  const { t } = context;
  const [pressed, setPressed] = useState<string>();
  const { ref, widthPx } = useWidth();
  if (rides.length === 0)
    return (
      <section class="panel">
        <h2>{t('timeline')}</h2>
        <p class="quiet">{t('noRides')}</p>
      </section>
    );
  const minuteOf = (ms: number): number => {
    const [hour = '0', minute = '0'] = clockText(context, ms).split(':');
    return Number(hour) * 60 + Number(minute);
  };
  const drawn = (ride: Ride) => {
    const fromMin = minuteOf(ride.boardedMs);
    const clock = clockText(context, ride.boardedMs);
    const until = ride.alightMs === null ? '' : `–${clockText(context, ride.alightMs)}`;
    return {
      fromMin,
      toMin: fromMin + ((ride.alightMs ?? ride.boardedMs + unknownMs) - ride.boardedMs) / minuteMs,
      labels: [
        said(named(context, ride.line), vehicleText(context, ride), `${clock}${until}`),
        said(vehicleText(context, ride), clock),
        clock,
      ] as const,
    };
  };
  const hours = rides.map(({ boardedMs }) => minuteOf(boardedMs) / (hourMs / minuteMs));
  const frame = {
    fromHour: Math.max(0, Math.floor(Math.min(...hours)) - 1),
    toHour: Math.min(24, Math.ceil(Math.max(...hours)) + 2),
    widthPx,
  };
  const ticks = ticksOf(frame);
  const days = Map.groupBy(
    [...rides].sort((a, b) => a.boardedMs - b.boardedMs),
    (ride) => shortDay(context, ride.boardedMs),
  );
  const lanes = [...days].map(([day, ofDay]) => {
    const bars = barsOf(ofDay, drawn, frame);
    return { day, bars, height: (Math.max(...bars.map(({ row }) => row)) + 1) * rowHeight };
  });
  return (
    <section class="panel" aria-label={t('timeline')}>
      <h2>{t('timeline')}</h2>
      <div class="lane axis" aria-hidden="true">
        <span />
        <div ref={ref}>
          <svg width="100%" height="16">
            {ticks.map((hour) => (
              <text
                key={hour}
                class="num"
                x={xOf(frame, hour * 60)}
                y="12"
                text-anchor={hour === frame.fromHour ? 'start' : hour === frame.toHour ? 'end' : 'middle'}
              >
                {hour}:00
              </text>
            ))}
          </svg>
        </div>
      </div>
      {lanes.map(({ day, bars, height }) => (
        <div class="lane" key={day}>
          <span>{day}</span>
          <svg class="bars" width="100%" height={height} role="group" aria-label={day}>
            {ticks.map((hour) => (
              <line key={hour} x1={xOf(frame, hour * 60)} x2={xOf(frame, hour * 60)} y1="0" y2={height} />
            ))}
            {bars.map((bar) => (
              <RideBar
                key={bar.ride.rideId}
                context={context}
                bar={bar}
                label={drawn(bar.ride).labels[0]}
                isPressed={pressed === bar.ride.rideId}
                isChosen={chosen !== null && chosen === bar.ride.runKey}
                onPress={(isPressed) => {
                  setPressed(isPressed ? bar.ride.rideId : undefined);
                  onChoose(isPressed && !bar.ride.struck ? bar.ride.runKey : null);
                }}
              />
            ))}
          </svg>
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
