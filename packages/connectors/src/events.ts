// Log events of the connectors: counts and states, never an address, a text or a gateway's words.
import { defineEvents } from '@tongche/runtime';

export const events = defineEvents('connectors', {
  smppBound: { fields: ['host', 'port'], meaning: 'Bound to the message centre.' },
  smppBindRefused: { fields: ['host', 'port', 'status'], level: 'error', meaning: 'The message centre refused us.' },
  smppLost: {
    fields: ['host', 'port', 'unanswered', 'nextTryMs'],
    level: 'warn',
    meaning: 'No connection; `unanswered` messages are now unknown.',
  },
  smppThrottled: { fields: ['pauseMs'], level: 'warn', meaning: 'The message centre asked us to be slower.' },
  smppReceiptNotStored: { fields: [], level: 'error', meaning: 'A receipt will be delivered again.' },
  receiptNotStored: { fields: [], level: 'error', meaning: 'A receipt we asked for could not be stored yet.' },
  receiptsNotPulled: { fields: ['provider'], level: 'warn', meaning: 'The provider did not answer about receipts.' },
  sinkStarted: { fields: ['port'], meaning: 'The development message centre listens.' },
  sinkPageStarted: { fields: ['port'], meaning: 'The page of received messages listens.' },
});
