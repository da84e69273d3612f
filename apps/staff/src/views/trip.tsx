// The driver's screen during a trip: one big count, each registration with its check, two big buttons.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Shift, ShiftSummary } from '@tongche/contract';
import { ApiError } from '@tongche/ui';
import { api } from '../api.ts';
import type { Context } from '../context.ts';
import { plateText, timeText } from '@tongche/ui';
import { positions } from '../format.ts';
import { openLive, viewOf, withRide, withUndo, type LinkState, type LiveView } from '../live.ts';
import { chime, unlockSound } from '../sound.ts';
import type { Key } from '../words.ts';

const linkWords: Readonly<Record<LinkState, Key>> = {
  live: 'live',
  reconnecting: 'reconnecting',
  polling: 'pollingEvery',
  offline: 'offline',
};
/** A second press within this time ends the trip; one press alone never does. */
const confirmMs = 4_000;

interface TripProps {
  readonly context: Context;
  readonly shift: Shift;
  readonly zone: string;
  readonly onShift: (shift: Shift) => void;
  readonly onSummary: (summary: ShiftSummary, shiftOver: boolean) => void;
  readonly onClosed: () => void;
}

/** The live count and list of a shift, kept up to date while the view is open. */
function useLive(props: TripProps, sound: boolean): { view: LiveView; link: LinkState } {
  const { shift, context, onShift, onClosed } = props;
  const [view, setView] = useState<LiveView>({ heads: 0, rides: [] });
  const [link, setLink] = useState<LinkState>('reconnecting');
  const soundOn = useRef(sound);
  soundOn.current = sound;
  useEffect(
    () =>
      openLive(shift.shiftId, {
        onState: (state) => {
          setView(viewOf(state));
          onShift(state.shift);
        },
        onRide: (ride) => {
          setView((now) => withRide(now, ride));
          if (soundOn.current) chime(context.t('said'), context.language, performance.now());
        },
        onUndo: (undo) => setView((now) => withUndo(now, undo)),
        onClosed,
        onLink: setLink,
      }),
    [shift.shiftId, context.language],
  );
  return { view, link };
}

function Directions({
  context,
  shift,
  onPick,
  busy,
}: {
  readonly context: Context;
  readonly shift: Shift;
  readonly onPick: (dir: number) => void;
  readonly busy: boolean;
}) {
  const choices = shift.directions.length > 0 ? shift.directions : [{ dir: 0, headsign: { zh: '', en: '' } }];
  return (
    <section class="card" aria-label={context.t('direction')}>
      {choices.map((choice) => (
        <button key={choice.dir} class="main" disabled={busy} onClick={() => onPick(choice.dir)}>
          {context.t('startTrip')}
          {choice.headsign.zh !== '' && (
            <small>{context.t('towards', { stop: choice.headsign[context.language] })}</small>
          )}
        </button>
      ))}
    </section>
  );
}

function List({ context, view, zone }: { readonly context: Context; readonly view: LiveView; readonly zone: string }) {
  const { t } = context;
  const places = positions(view.heads, view.rides);
  if (view.rides.length === 0) return <p class="empty">{t('nobody')}</p>;
  return (
    <ol class="list" aria-live="polite" aria-relevant="additions">
      {view.rides.map((ride, index) => (
        <li key={ride.seq} class={`${index === 0 && !ride.undone ? 'newest' : ''} ${ride.undone ? 'undone' : ''}`}>
          <b class={`check ${ride.check.colour}`} aria-label={`${t('check')} ${ride.check.text}`}>
            {ride.check.text}
          </b>
          <span class="who">
            {ride.undone && <>{t('undone')} · </>}
            {!ride.undone && places[index] !== undefined && <>{t('nth', { n: places[index] })} · </>}
            {ride.assisted ? t('assisted') : t('scanned')}
            {ride.heads > 1 && (
              <small>
                {' '}
                {t('companions')} +{ride.heads - 1}
              </small>
            )}
            {ride.late && <small class="mark"> {t('late')}</small>}
          </span>
          <time>{timeText(ride.boardedMs, zone, true)}</time>
        </li>
      ))}
    </ol>
  );
}

export function Trip(props: TripProps) {
  const { context, shift, zone } = props;
  const { t, language } = context;
  const [sound, setSound] = useState(() => localStorage.getItem('staff-sound') !== 'off');
  const { view, link } = useLive(props, sound);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const [armed, setArmed] = useState(false);

  async function act(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setProblem('');
    try {
      await work();
    } catch (error) {
      setProblem(error instanceof ApiError && error.code !== 'offline' ? error.texts[language] : t('needNetwork'));
    } finally {
      setBusy(false);
    }
  }
  async function openAssist(): Promise<void> {
    const kept = sessionStorage.getItem(`assist-${shift.shiftId}`);
    try {
      const token = await api.assistToken(shift.shiftId);
      sessionStorage.setItem(`assist-${shift.shiftId}`, token.url);
      location.assign(token.url);
    } catch (error) {
      // Without a network the form opens from its own origin's cache with the permission of earlier today.
      if (kept !== null && error instanceof ApiError && error.code === 'offline') location.assign(kept);
      else throw error;
    }
  }
  function end(): void {
    if (!armed) {
      setArmed(true);
      setTimeout(() => setArmed(false), confirmMs);
      return;
    }
    setArmed(false);
    void act(async () => {
      if (shift.trip === null) props.onSummary(await api.endShift(shift.shiftId), true);
      else props.onSummary(await api.endTrip(shift.shiftId), false);
    });
  }

  useEffect(() => {
    // Fetched ahead, so that the form also opens where there is no network.
    void api.assistToken(shift.shiftId).then(
      (token) => sessionStorage.setItem(`assist-${shift.shiftId}`, token.url),
      () => {},
    );
  }, [shift.shiftId]);

  const name = shift.unit.plate === null ? shift.unit.label[language] : plateText(shift.unit.plate);
  const headsign =
    shift.trip === null ? undefined : shift.directions.find((each) => each.dir === shift.trip?.dir)?.headsign[language];
  return (
    <main class="trip">
      <header class="vehicle">
        <b class="plate">{name}</b>
        <span>
          {shift.line?.name[language] ?? t('noLine')}
          {shift.line !== null && shift.basis === 'usual' && <small>{t('usualLine')}</small>}
          {headsign !== undefined && headsign !== '' && <small>{t('towards', { stop: headsign })}</small>}
        </span>
      </header>
      <section class="count card" aria-live="off">
        <div>
          <small>{shift.trip === null ? t('registeredShift') : t('registeredTrip')}</small>
          <output class="heads">{view.heads}</output>
        </div>
        <div class={`link ${link}`} role="status">
          ● {t(linkWords[link])}
        </div>
      </section>
      <div class="row">
        <button
          class="second"
          aria-pressed={sound}
          onClick={() => {
            unlockSound();
            setSound(!sound);
            localStorage.setItem('staff-sound', sound ? 'off' : 'on');
          }}
        >
          {sound ? t('soundOn') : t('soundOff')}
        </button>
        <span class="code-label">{shift.unit.shortCode}</span>
      </div>
      {shift.trip === null && (
        <Directions
          context={context}
          shift={shift}
          busy={busy}
          onPick={(dir) => {
            unlockSound();
            void act(async () => props.onShift(await api.startTrip(shift.shiftId, dir)));
          }}
        />
      )}
      <section class="card">
        <List context={context} view={view} zone={zone} />
      </section>
      <p class="problem" role="alert">
        {problem}
      </p>
      <nav class="bar">
        <button class="assist" disabled={busy} onClick={() => void act(openAssist)}>
          {t('assist')}
        </button>
        <button class={`end ${armed ? 'armed' : ''}`} disabled={busy} onClick={end}>
          {armed ? t('confirmEnd') : shift.trip === null ? t('handBack') : t('endTrip')}
        </button>
      </nav>
    </main>
  );
}
