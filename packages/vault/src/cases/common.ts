// What every part of the casework interface works with.
import type { Database } from '@tongche/postgres';
import type { Clock, Log, Random, Slots } from '@tongche/runtime';
import type { Config } from '../config.ts';
import type { TransparencyLog } from '../log/transparency.ts';
import type { EventHub } from '../routes/event-hub.ts';

/** Who asks, as casework's session says. Signatures are checked on their own. */
export interface Actor {
  readonly person: string;
  readonly role: string;
}

export interface Common {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly slots: Slots;
  readonly transparency: TransparencyLog;
  readonly hub: EventHub;
  /** Something was appended to the log, or waits for delivery. */
  readonly onLog: () => void;
}
