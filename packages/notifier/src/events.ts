// Log events of the notifier: counts and message ids, never an address or a text.
import { defineEvents } from '@tongche/runtime';

export const events = defineEvents('notifier', {
  started: { fields: ['interrupted'], meaning: 'Sending begins; so many messages of the last run are now uncertain.' },
  claimed: { fields: ['count'], level: 'debug', meaning: 'Marked sending and committed.' },
  attempt: {
    fields: ['messageId', 'channel', 'provider', 'outcome', 'reason'],
    meaning: 'What a provider said to a message: accepted, refused, unknown or postponed (by our own rates).',
  },
  failed: { fields: ['messageId', 'reason'], level: 'warn', meaning: 'No way to the person is left.' },
  putBack: {
    fields: ['messageId', 'next', 'retryInMs'],
    meaning: 'Certainly not sent; it goes on: next-provider, again (later) or next-route.',
  },
  uncertain: { fields: ['messageId', 'reason'], level: 'warn', meaning: 'It may have been sent: a person decides.' },
  skipped: {
    fields: ['count'],
    level: 'warn',
    meaning: 'Messages by a way that has no provider here went on or failed.',
  },
  notRecorded: { fields: ['retryInMs'], level: 'error', meaning: 'An outcome could not be written yet.' },
  receiptless: { fields: ['count'], level: 'warn', meaning: 'Accepted long ago without a receipt: now uncertain.' },
  blanked: { fields: ['count'], meaning: 'Addresses and texts destroyed after their time.' },
  lockLost: {
    fields: [],
    level: 'error',
    meaning: 'Another notifier could start now; nothing is claimed until the lock is back.',
  },
});
