// The server that phones, staff and the operator's console reach: its rules and everything it answers.
import { createServer, ownPagesCsp, serveFolder } from '@tongche/http';
import type { App, createMetrics, InlineHashes } from '@tongche/http';
import { rollDay } from './calendar.ts';
import { codesRoutes } from './codes/routes.ts';
import type { Imports } from './imports/imports.ts';
import { importRoutes } from './imports/routes.ts';
import { operatorRoutes } from './operator/routes.ts';
import type { Platform } from './platform.ts';
import { positionRoutes } from './positions/routes.ts';
import type { Prints } from './prints/prints.ts';
import { printRoutes } from './prints/routes.ts';
import { classOfRequest } from './priorities.ts';
import { directRides, registration, rideRoutes } from './rides/routes.ts';
import { runRoutes } from './runs/routes.ts';
import { staffRoutes } from './staff/routes.ts';
import { stateValue } from './store/maintenance.ts';

/** Own files only; the reader of QR codes is WebAssembly from our own origin. */
function staffCsp(inline: InlineHashes): string {
  return ownPagesCsp(inline).replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'");
}

interface PublicParts {
  readonly prints: Prints;
  readonly imports: Imports;
  readonly positionsToken: string | undefined;
}

/** What phones, staff, the operator's console and feeds ask. Not yet listening. */
export function publicServer(
  platform: Platform,
  { prints, imports, positionsToken }: PublicParts,
  metrics: ReturnType<typeof createMetrics>,
): App {
  const { config, clock, log, random } = platform;
  const register = registration(platform);
  const app = createServer({
    name: 'platform',
    clock,
    log,
    random,
    metrics,
    exposeMetrics: false,
    trustProxy: config.trustProxy,
    cors: { origins: '*', paths: ['/v1/'] },
    // A kept connection would link the rides of a phone. Behind a proxy that is the proxy's work.
    dropConnection: config.trustProxy ? [] : ['/v1/rides'],
    health: () => healthOf(platform),
    door: { maxConnections: config.load.maxConnections },
    gate: {
      ...config.load,
      classOf: classOfRequest,
      waitShare: () => platform.writer.waitMs() / config.writing.maxWaitMs,
    },
    direct: [directRides(register)],
  });
  rideRoutes(app, platform, register);
  staffRoutes(app, platform);
  codesRoutes(app, platform);
  importRoutes(app, platform, imports);
  operatorRoutes(app, platform);
  runRoutes(app, platform);
  positionRoutes(app, platform, positionsToken);
  printRoutes(app, platform, prints);
  // Somebody who types the bare address is staff; passengers come by their codes, to the registrar.
  app.get('/', async (_request, reply) => reply.redirect('/staff/'));
  serveFolder(app, { prefix: '/staff/', folder: config.pages, csp: staffCsp });
  if (config.operatorPages !== undefined) serveFolder(app, { prefix: '/operator/', folder: config.operatorPages });
  return app;
}

/** Of this process. Not well when the database is away, or when two nights have passed without anything being destroyed. */
export async function healthOf({ db, city, clock, zone, calendar }: Platform) {
  const lastRoll = await stateValue(db, 'last-roll');
  const rolled = lastRoll !== undefined && rollDay(clock.now(), zone) - lastRoll <= 1;
  return {
    ok: rolled,
    checks: { database: true, rolled, clock: calendar.isBelieved(), codes: city.current.codeCount },
  };
}
