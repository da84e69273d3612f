// The log events of this package.
import { defineEvents } from '@tongche/runtime';

export const events = defineEvents('http', {
  request: {
    fields: ['method', 'route', 'status', 'ms', 'id'],
    meaning: 'One answered request. `route` is the template, never the path asked for.',
  },
  listening: { fields: ['server', 'port'], meaning: 'A listener is open; port 0 stands for a Unix socket.' },
  shedding: {
    fields: ['server', 'refused', 'open', 'delayMs'],
    level: 'warn',
    meaning:
      'The process is near its limits: requests of the class `refused` and all less important ones are told to come again. Said once, and again when a more important class follows.',
  },
  calm: {
    fields: ['server', 'refused'],
    meaning: 'For some seconds nobody was refused any more; `refused` requests were since the start.',
  },
  badRequestLine: {
    fields: ['code'],
    level: 'warn',
    meaning: 'Bytes that are no HTTP request, or come too slowly; answered 400 or 408.',
  },
});
