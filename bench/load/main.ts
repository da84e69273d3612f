// A process of its own that makes rides and sends them; a bench starts it and talks to it over IPC.
import type { Command, Report, Setup } from './messages.ts';
import { startPhones } from './phones.ts';
import type { Phones } from './phones.ts';
import { closedLoop, openLoop } from './plans.ts';
import { rideSource } from './rides.ts';
import type { RideSource } from './rides.ts';

let setup: Setup | undefined;
let rides: RideSource | undefined;
let phones: Phones | undefined;

function tell(report: Report): void {
  process.send?.(report);
}

function parts() {
  if (setup === undefined || rides === undefined) throw new Error('nothing is set up');
  return { setup, where: { host: setup.host, port: setup.port }, rides, tell };
}

async function obey(command: Command): Promise<void> {
  switch (command.kind) {
    case 'setup': {
      const beganMs = performance.now();
      setup = command;
      rides = rideSource(command);
      tell({ kind: 'ready', madeInMs: Math.round(performance.now() - beganMs) });
      return;
    }
    case 'closed':
      tell(await closedLoop(command, parts()));
      return;
    case 'open':
      tell(await openLoop(command, parts()));
      return;
    case 'phones':
      phones = startPhones(command, parts());
      return;
    case 'count':
      tell({ kind: 'progress', acknowledged: phones?.acknowledged ?? 0 });
      return;
    case 'drain':
      if (phones === undefined) throw new Error('no phones run');
      tell(await phones.drain());
      return;
    default:
      throw new Error(`unknown command ${String(command satisfies never)}`);
  }
}

process.on('message', (command) => void obey(command as Command));
// Nothing outlives the bench.
process.on('disconnect', () => process.exit(0));
