// The live list of one shift: server-sent events, and a question every 5 s where events do not come through.
// The browser resends the last event id by itself: what comes then is just what was missed, or, from another process or
// after too long, a whole state that takes the place of everything. The count is always the server's own.
import type { LiveRide, LiveRideEvent, LiveState, LiveUndo } from '@tongche/contract';
import { api } from './api.ts';

export type LinkState = 'live' | 'reconnecting' | 'polling' | 'offline';
export interface LiveView {
  readonly heads: number;
  readonly rides: readonly LiveRide[];
}
export interface LiveHandlers {
  onState(state: LiveState): void;
  onRide(ride: LiveRideEvent): void;
  onUndo(undo: LiveUndo): void;
  onClosed(): void;
  onLink(link: LinkState): void;
}

const pollEveryMs = 5_000;
/** Events are given this long to come through before asking begins. */
const patienceMs = 6_000;
/** As many as a screen can show; the count above holds the rest. */
export const maxShown = 50;

/** A whole state as it comes, latest last, the way the screen has it: newest first. */
export function viewOf({ heads, rides }: Pick<LiveState, 'heads' | 'rides'>): LiveView {
  return { heads, rides: [...rides].sort((a, b) => b.seq - a.seq) };
}

/** Adds a registration once, newest first. One of before the trip is listed and not counted. */
export function withRide(view: LiveView, { total, ...ride }: LiveRideEvent): LiveView {
  if (view.rides.some((other) => other.seq === ride.seq)) return view;
  const rides = [ride, ...view.rides].sort((a, b) => b.seq - a.seq).slice(0, maxShown);
  return { heads: total, rides };
}

/** Marks a registration as taken back; one that is not shown any more only leaves the count. */
export function withUndo(view: LiveView, { seq, total }: LiveUndo): LiveView {
  return {
    heads: Math.max(0, total),
    rides: view.rides.map((ride) => (ride.seq === seq ? { ...ride, undone: true } : ride)),
  };
}

/** Opens the live view of a shift; returns how to close it. */
export function openLive(shiftId: number, handlers: LiveHandlers): () => void {
  let poll: ReturnType<typeof setInterval> | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  async function ask(): Promise<void> {
    try {
      const state = await api.live(shiftId);
      if (closed) return;
      handlers.onState(state);
      handlers.onLink('polling');
    } catch {
      if (!closed) handlers.onLink('offline');
    }
  }
  function startPolling(): void {
    poll ??= setInterval(() => void ask(), pollEveryMs);
    void ask();
  }
  function stopPolling(): void {
    clearTimeout(patience);
    clearInterval(poll);
    patience = undefined;
    poll = undefined;
  }
  function parse(event: MessageEvent): unknown {
    return JSON.parse(event.data as string) as unknown;
  }

  let source: EventSource | undefined;
  function open(): void {
    source?.close();
    source = new EventSource(`/staff/shifts/${shiftId}/live`);
    source.addEventListener('open', () => {
      stopPolling();
      handlers.onLink('live');
    });
    source.addEventListener('error', () => {
      handlers.onLink(navigator.onLine ? 'reconnecting' : 'offline');
      patience ??= setTimeout(startPolling, patienceMs);
    });
    source.addEventListener('state', (event) => handlers.onState(parse(event) as LiveState));
    source.addEventListener('trip', (event) => handlers.onState(parse(event) as LiveState));
    source.addEventListener('ride', (event) => handlers.onRide(parse(event) as LiveRideEvent));
    source.addEventListener('undo', (event) => handlers.onUndo(parse(event) as LiveUndo));
    source.addEventListener('closed', () => handlers.onClosed());
  }
  // A connection into a tunnel looks open for minutes; the device knows sooner. The first event of a new one is the whole state.
  function onOffline(): void {
    source?.close();
    stopPolling();
    handlers.onLink('offline');
  }
  function onOnline(): void {
    handlers.onLink('reconnecting');
    open();
  }
  addEventListener('offline', onOffline);
  addEventListener('online', onOnline);
  open();
  return () => {
    closed = true;
    removeEventListener('offline', onOffline);
    removeEventListener('online', onOnline);
    stopPolling();
    source?.close();
  };
}
