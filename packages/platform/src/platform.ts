// What the routes of this process share: wired once in build.ts, nothing global.
import type { Database } from '@tongche/postgres';
import type { FullSuite } from '@tongche/protocol';
import type { Clock, Log, Random } from '@tongche/runtime';
import type { Calendar } from './calendar.ts';
import type { CityHolder } from './city/city.ts';
import type { VehicleDays } from './city/vehicle-days.ts';
import type { Config } from './config.ts';
import type { Keys } from './keys.ts';
import type { Duties } from './peers/duties.ts';
import type { PeerNews } from './peers/news.ts';
import type { PositionDesk } from './positions/desk.ts';
import type { NotePlace } from './relay/note-place.ts';
import type { AdmitRules } from './rides/admit.ts';
import type { Erasure } from './rides/erase.ts';
import type { Judge } from './rides/judge.ts';
import type { RideWriter } from './rides/writer.ts';
import type { RowForm } from './store/distribution.ts';
import type { LiveHub, LiveOptions } from './staff/live.ts';
import type { Shifts } from './staff/shifts.ts';

export interface Platform {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly suite: FullSuite;
  /** The suite with the relay key made ready: thousands of notes are opened at once. */
  readonly relaySuite: FullSuite;
  readonly notePlace: NotePlace;
  readonly zone: string;
  readonly db: Database;
  /** How rows of rides and notes are written on this database. */
  readonly form: RowForm;
  /** Whether rides and notes are spread over several servers. */
  readonly isSpread: boolean;
  readonly keys: Keys;
  readonly city: CityHolder;
  readonly days: VehicleDays;
  readonly judge: Judge;
  readonly writer: RideWriter;
  readonly shifts: Shifts;
  readonly live: LiveHub;
  readonly liveState: LiveOptions['state'];
  readonly peers: PeerNews;
  readonly duties: Duties;
  readonly positions: PositionDesk;
  readonly calendar: Calendar;
  /** The roll is to look at the calendar again. */
  rollSoon(): void;
  admitRules(): AdmitRules;
  /** Deletes what the erasure may; resolves with how many rides. */
  erase(erasure: Erasure): Promise<number>;
}
