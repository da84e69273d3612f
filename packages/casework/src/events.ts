// Everything casework may write to its log.
import { defineEvents } from '@tongche/runtime';

export const events = defineEvents('casework', {
  started: { fields: ['port', 'mode'], meaning: 'The console answers.' },
  signedIn: { fields: ['role'], meaning: 'A staff member signed in.' },
  signInRefused: { fields: [], level: 'warn', meaning: 'Account or password was wrong.' },
  vaultStreamLost: {
    fields: ['attempt'],
    level: 'warn',
    meaning: 'The stream of case events from the vault broke; it is opened again.',
  },
});
