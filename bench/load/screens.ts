// A process of its own that holds drivers' screens: thousands of event streams on raw sockets, which come and go and note
// what they are told and when.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { LiveRide } from '@tongche/contract';
import { MINUTE_MS } from '@tongche/protocol';
import type { ScreensCommand, ScreensReport, ScreenOf } from './messages.ts';
import { checkNumber, sharedMicros, writeSightings } from './sightings.ts';
import type { Sighting } from './sightings.ts';

interface Screen {
  readonly of: ScreenOf;
  socket: Socket | undefined;
  rest: string;
  lastId: string;
  heads: number;
  /** Rides of the sequence it is on, by their numbers: what a state lists again is known. */
  known: Set<number>;
  epoch: string;
  states: number;
  /** Said for the second time by a server that should know better. */
  doubled: number;
  isCatchingUp: boolean;
  whenOpen: (() => void) | undefined;
}

/** One turn of opening: what a city's pages do at the start of a shift. */
const openAtOnce = 50;
const bufferBytes = 64 * 1024;
/** How long after a connection what it is told counts as missed before. */
const catchUpMs = 250;

const shared = Buffer.alloc(bufferBytes);
const sightings: Sighting[] = [];
let screens: Screen[] = [];
let where = { host: '', port: 0 };

function tell(report: ScreensReport): void {
  process.send?.(report);
}

function see(screen: Screen, ride: LiveRide, isLive: boolean): void {
  const { bus } = screen.of;
  const { boardedMs, check } = ride;
  const seen = { text: check.text, colour: check.colour } as Parameters<typeof checkNumber>[0];
  sightings.push({ bus, minute: boardedMs / MINUTE_MS, check: checkNumber(seen), atMicros: sharedMicros(), isLive });
}

function onEvent(screen: Screen, event: string, id: string, text: string): void {
  const data = JSON.parse(text) as LiveRide & { readonly total: number; readonly rides: readonly LiveRide[] };
  const [epoch = ''] = id.split('.');
  if (epoch !== screen.epoch) [screen.epoch, screen.known] = [epoch, new Set()];
  if (event === 'state') {
    screen.states += 1;
    screen.heads = data.heads;
    for (const ride of data.rides) {
      if (screen.known.has(ride.seq)) continue;
      screen.known.add(ride.seq);
      see(screen, ride, false);
    }
  } else if (event === 'ride') {
    screen.heads = data.total;
    if (screen.known.has(data.seq)) screen.doubled += 1;
    screen.known.add(data.seq);
    see(screen, data, !screen.isCatchingUp);
  }
  screen.lastId = id;
  screen.whenOpen?.();
  screen.whenOpen = undefined;
}

function onBlock(screen: Screen, block: string): void {
  let [event, id, data] = ['', '', ''];
  for (const line of block.split('\n')) {
    if (line.startsWith('data: ')) data = line.slice(6);
    else if (line.startsWith('id: ')) id = line.slice(4);
    else if (line.startsWith('event: ')) event = line.slice(7);
    else if (line.startsWith('retry: ')) {
      // The stream is there, and there may be nothing to say.
      screen.whenOpen?.();
      screen.whenOpen = undefined;
    }
  }
  if (event !== '') onEvent(screen, event, id, data);
}

function read(screen: Screen, length: number): boolean {
  const text = screen.rest + shared.toString('utf8', 0, length);
  const from = text.startsWith('HTTP/1.1 ') ? text.indexOf('\r\n\r\n') + 4 : 0;
  const blocks = text.slice(from).split('\n\n');
  screen.rest = blocks.pop() ?? '';
  for (const block of blocks) onBlock(screen, block);
  return true;
}

async function open(screen: Screen): Promise<void> {
  const { shiftId, token } = screen.of;
  const last = screen.lastId === '' ? '' : `Last-Event-ID: ${screen.lastId}\r\n`;
  screen.rest = '';
  screen.isCatchingUp = true;
  const opened = new Promise<void>((resolve) => (screen.whenOpen = resolve));
  const socket = connect({
    ...where,
    noDelay: true,
    onread: { buffer: shared, callback: (length) => read(screen, length) },
  });
  screen.socket = socket;
  socket.on('error', () => {});
  socket.write(
    `GET /staff/shifts/${shiftId}/live HTTP/1.1\r\nHost: ${where.host}:${where.port}\r\nAccept: text/event-stream\r\n` +
      `Cookie: __Host-staff=${token}\r\n${last}\r\n`,
  );
  await opened;
  setTimeout(() => (screen.isCatchingUp = false), catchUpMs);
}

async function openAll(some: readonly Screen[]): Promise<void> {
  for (let at = 0; at < some.length; at += openAtOnce) await Promise.all(some.slice(at, at + openAtOnce).map(open));
}

async function obey(command: ScreensCommand): Promise<void> {
  switch (command.kind) {
    case 'open': {
      where = command.where;
      const fresh = command.screens.map((of): Screen => ({
        of,
        socket: undefined,
        rest: '',
        lastId: '',
        heads: 0,
        known: new Set(),
        epoch: '',
        states: 0,
        doubled: 0,
        isCatchingUp: true,
        whenOpen: undefined,
      }));
      screens = [...screens, ...fresh];
      await openAll(fresh);
      return tell({ kind: 'opened', open: screens.length });
    }
    case 'leave': {
      // Every n-th page goes through a tunnel.
      const some = screens.filter((_, n) => n % command.every === command.from);
      for (const { socket } of some) socket?.destroy();
      await wait(command.awayMs);
      await openAll(some);
      return tell({ kind: 'opened', open: screens.length });
    }
    case 'finish': {
      writeSightings(command.path, sightings);
      const heads = screens.map((screen) => screen.heads);
      const doubled = screens.reduce((sum, screen) => sum + screen.doubled, 0);
      const states = screens.reduce((sum, screen) => sum + screen.states, 0);
      const usage = process.cpuUsage();
      return tell({ kind: 'finished', heads, doubled, states, cpuMicros: usage.user + usage.system });
    }
    default:
      throw new Error(`unknown command ${String(command satisfies never)}`);
  }
}

process.on('message', (command) => void obey(command as ScreensCommand));
// Nothing outlives the bench.
process.on('disconnect', () => process.exit(0));
