// The log events of this package.
import { defineEvents } from '@tongche/runtime';

export const events = defineEvents('http', {
  request: {
    fields: ['method', 'route', 'status', 'ms', 'id'],
    meaning: 'One answered request. `route` is the template, never the path asked for.',
  },
  listening: { fields: ['server', 'port'], meaning: 'A listener is open; port 0 stands for a Unix socket.' },
  badRequestLine: { fields: ['code'], level: 'warn', meaning: 'Bytes that are no HTTP request; answered 400.' },
});
