// All query families of the registrar's database.
import type { Database } from '@tongche/postgres';
import { bundleStore } from './bundles.ts';
import type { BundleStore } from './bundles.ts';
import { challengeStore } from './challenges.ts';
import type { ChallengeStore } from './challenges.ts';
import { consentStore } from './consent.ts';
import type { ConsentStore } from './consent.ts';
import { denialStore } from './denials.ts';
import type { DenialStore } from './denials.ts';
import { listStore } from './lists.ts';
import type { ListStore } from './lists.ts';
import { logStore } from './log.ts';
import type { LogStore } from './log.ts';
import { noticeStore } from './notices.ts';
import type { NoticeStore } from './notices.ts';
import { relayStore } from './relay.ts';
import type { RelayStore } from './relay.ts';

export interface Stores {
  readonly bundles: BundleStore;
  readonly challenges: ChallengeStore;
  readonly consent: ConsentStore;
  readonly denials: DenialStore;
  readonly lists: ListStore;
  readonly log: LogStore;
  readonly notices: NoticeStore;
  readonly relay: RelayStore;
}

export function openStores(db: Database): Stores {
  return {
    bundles: bundleStore(db),
    challenges: challengeStore(db),
    consent: consentStore(db),
    denials: denialStore(db),
    lists: listStore(db),
    log: logStore(db),
    notices: noticeStore(db),
    relay: relayStore(db),
  };
}
