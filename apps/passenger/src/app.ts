// What the inline part of the page and its later-loaded part know of each other. Types only.
import type { Suite } from '@tongche/protocol/formats';
import type { Answer, Flow } from './ride/flow.ts';
import type { Me, Settings, StoredRide } from './ride/model.ts';
import type { RideAnswer } from './ride/net.ts';
import type { Store } from './ride/store.ts';
import type { Words } from './view/dom.ts';

export type Refill = 'refilled' | 'ticket-refused' | 'unreachable' | 'busy';

export interface Phone {
  readonly settings: Settings;
  readonly store: Store;
  suite(): Promise<Suite>;
  /** POST /wallet; its code is loaded when it is needed. */
  refill(): Promise<Refill>;
  /** What an answer other than yes, busy or silence changes about a ride. */
  mend(answer: Answer, body: RideAnswer): Promise<Partial<StoredRide>>;
}

/** The page: one ride on the screen, in one phase. */
export interface App {
  readonly phone: Phone;
  words: Words;
  flow: Flow;
  ride: StoredRide | undefined;
  me: Me | undefined;
  /** A scan is being looked up. */
  working: boolean;
  nowMs(): number;
  /** Reads wallet and ride again. */
  read(): Promise<void>;
  draw(): void;
  /** More words of the page's own language. */
  learn(more: Readonly<Record<string, string>>): void;
  /** Fills the page in the remembered language, fetching its words when they are not here yet. */
  speak(): Promise<void>;
  /** Runs the ride on the screen until it rests; quietly when the screen should stay as it is meanwhile. */
  go(flow: Flow, quiet?: boolean): Promise<void>;
  scan(code: string, typedFor?: StoredRide): Promise<void>;
}

/** What the later-loaded part adds once it is there. */
export interface Later {
  refill(): Promise<Refill>;
  mend(answer: Answer, body: RideAnswer): Promise<Partial<StoredRide>>;
  /** After every drawing of the page. */
  draw(): void;
  /** Twice a second. */
  tick(): void;
  /** A ride came to rest. */
  rested(quiet: boolean): Promise<void>;
  /** The page was opened without a code, or by the address of one of its parts. */
  opened(part: 'records' | 'rules' | undefined, scanned: boolean): Promise<void>;
}
export interface LaterModule {
  memoryStore(): Store;
  attach(app: App): Promise<Later>;
}
