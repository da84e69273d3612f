// The life of one ride on the phone as a state machine: pure, so that every answer a phone can meet is tested without one.
// Phases that end in "-ing" have work under way; the others rest and are shown.

export type Phase =
  | 'first' // nobody is enrolled here: phone number, code; the boarding minute is kept
  | 'refilling' // the wallet has no entry for the day
  | 'sealing'
  | 'posting'
  | 'registered'
  | 'repeat' // scanned again within 30 minutes: nothing is sent twice
  | 'saved' // no network: sealed bytes (or at least the minute) are kept
  | 'busy' // the server asked to come back later: kept too
  | 'number' // the code is unknown: type the vehicle number
  | 'revoked'
  | 'refused' // kept and reported, never retried
  | 'undone'
  | 'aboard'; // scanned again later on the same run: that is where the rider gets off

export interface Flow {
  readonly phase: Phase;
  /** Each repair is tried once; a second refusal of the same kind waits for the next opening of the page. */
  readonly resealed: boolean;
  readonly reslotted: boolean;
  readonly refilled: boolean;
}

export type FlowEvent =
  /** A code was scanned. `earlier`: what became of a ride with this code that this phone already holds. */
  | {
      readonly type: 'scanned';
      readonly wallet: 'ready' | 'lacking' | 'none';
      readonly earlier?: 'registered' | 'waiting' | 'aboard';
    }
  /** Code and number were confirmed, or the HttpOnly ticket brought a lost wallet back. */
  | { readonly type: 'enrolled' }
  | { readonly type: 'refilled' }
  | { readonly type: 'ticket-refused' }
  | { readonly type: 'sealed' }
  | { readonly type: 'no-slot' }
  | { readonly type: 'answered'; readonly answer: Answer }
  /** The vehicle number typed by hand is known. */
  | { readonly type: 'resolved' }
  /** Online again, the page opened again, or the waiting time is over. `sealed`: there are bytes to send. */
  | { readonly type: 'retry'; readonly sealed: boolean }
  | { readonly type: 'undo' }
  /** The rider says that this is another ride after all. */
  | { readonly type: 'board-again' };

/** What came back from the platform or the registrar. */
export type Answer =
  | 'ok'
  | 'clock-wrong'
  | 'tag-used'
  | 'not-admitted'
  | 'unknown-code'
  | 'code-revoked'
  | 'busy'
  | 'unreachable'
  | 'refused';

type Mark = 'resealed' | 'reslotted' | 'refilled';

export const START: Flow = { phase: 'first', resealed: false, reslotted: false, refilled: false };

/** Where an answer leads; a repair is marked and tried once, then the ride waits. */
const ANSWERS: Readonly<Record<Answer, readonly [Phase, Mark?]>> = {
  ok: ['registered'],
  'clock-wrong': ['sealing', 'resealed'],
  'tag-used': ['sealing', 'reslotted'],
  'not-admitted': ['refilling', 'refilled'],
  'unknown-code': ['number'],
  'code-revoked': ['revoked'],
  busy: ['busy'],
  unreachable: ['saved'],
  refused: ['refused'],
};

/** The next state. An event that means nothing in a phase changes nothing: two tabs and late answers are ordinary. */
export function step(flow: Flow, event: FlowEvent): Flow {
  const { phase } = flow;
  const at = (...phases: readonly Phase[]): boolean => phases.includes(phase);
  const to = (phase: Phase, change: Partial<Flow> = {}): Flow => ({ ...flow, phase, ...change });
  const anew = (phase: Phase): Flow => ({ ...START, phase });
  switch (event.type) {
    case 'scanned': {
      const { earlier, wallet } = event;
      if (earlier) return anew(earlier === 'registered' ? 'repeat' : earlier === 'aboard' ? earlier : 'posting');
      return anew(wallet === 'ready' ? 'sealing' : wallet === 'lacking' ? 'refilling' : 'first');
    }
    case 'enrolled':
    case 'refilled':
      return at(event.type === 'enrolled' ? 'first' : 'refilling') ? to('sealing', { refilled: true }) : flow;
    case 'ticket-refused':
      return at('refilling') ? to('first') : flow;
    case 'sealed':
      return at('sealing') ? to('posting') : flow;
    case 'no-slot':
      return at('sealing') ? to(flow.refilled ? 'busy' : 'refilling') : flow;
    case 'answered': {
      const [next, mark] = ANSWERS[event.answer];
      if (!at('posting', 'refilling')) return flow;
      return mark === undefined
        ? to(next)
        : flow[mark]
          ? to('busy')
          : to(next, next === 'sealing' ? { [mark]: true } : {});
    }
    case 'resolved':
      return at('number') ? anew('sealing') : flow;
    case 'retry':
      return at('saved', 'busy') ? anew(event.sealed ? 'posting' : 'refilling') : flow;
    case 'undo':
      return at('registered', 'repeat', 'saved', 'busy') ? to('undone') : flow;
    case 'board-again':
      break;
  }
  return at('aboard', 'undone') ? anew('sealing') : flow;
}

/** What a status and the error code of the catalogue mean for a ride. `undefined` status: no or unreadable answer. */
export function answerOf(status: number | undefined, code: string | undefined): Answer {
  if (status === 200) return 'ok';
  if (status === undefined || status === 0) return 'unreachable';
  if (status === 409) return code === 'tag-used' ? 'tag-used' : code === 'clock-wrong' ? 'clock-wrong' : 'refused';
  if (status === 403) return 'not-admitted';
  if (status === 404) return code === 'unknown-code' ? 'unknown-code' : 'unreachable';
  if (status === 410) return 'code-revoked';
  if (status === 408 || status === 429 || status >= 500) return 'busy';
  return status >= 400 ? 'refused' : 'unreachable';
}

const FIRST_RETRY_MS = 2_000;
/** A phone in a pocket asks at most once a minute. */
const LAST_RETRY_MS = 60_000;

/**
 * Waiting time before try number `tries` (0..), doubled each time, spread over ±50 % so that a full bus does not come back at
 * once. Never shorter than the server asked for: it gave each phone a time of its own, which is spread by a quarter more.
 */
export function retryDelayMs(tries: number, random: number, askedMs = 0): number {
  const ownMs = Math.min(FIRST_RETRY_MS * 2 ** tries, LAST_RETRY_MS) * (0.5 + random);
  return Math.max(ownMs, askedMs * (1 + random / 4));
}
