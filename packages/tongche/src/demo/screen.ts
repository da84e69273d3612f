// What a person reads while a demonstration runs: where to look, and how the day goes.
import type { Progress } from '@tongche/simulator';
import { CASEWORK_PEOPLE, PLATFORM_STAFF } from '../demo-people.ts';
import { qrLines } from '../terminal.ts';
import type { DemoCity } from './city.ts';
import type { DemoOptions } from './options.ts';

/** Without a terminal a line of progress comes this seldom. */
const quietEveryMs = 5_000;
const eraseLine = '\r\u001B[K';

export interface Screen {
  line(text: string): void;
  lines(texts: readonly string[]): void;
  progress(progress: Progress): void;
}

function clockText(ms: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(ms);
}

export function progressText({ nowMs, phase, statistics, perS }: Progress, zone: string): string {
  if (phase === 'enrolling') return `${statistics.enrolled} phones enrolled · ${perS} a second`;
  const late = statistics.offline > 0 ? ` · ${statistics.offline} sent later` : '';
  return `${clockText(nowMs, zone)} · ${statistics.acknowledged} registrations for ${statistics.heads} people · ${statistics.assisted} by drivers${late} · ${perS} a second`;
}

/** On a terminal the line of progress stays where it is; a file gets one now and then. */
export function openScreen(out: NodeJS.WriteStream, zone: string): Screen {
  let isShown = false;
  let toldMs = -Infinity;
  function line(text: string): void {
    out.write(`${isShown ? eraseLine : ''}${text}\n`);
    isShown = false;
  }
  return {
    line,
    lines: (texts) => {
      for (const text of texts) line(text);
    },
    progress(progress) {
      const text = progressText(progress, zone);
      if (out.isTTY) {
        out.write(`${eraseLine}  ${text}`.slice(0, eraseLine.length + Math.max(20, out.columns - 1)));
        isShown = true;
      } else if (performance.now() - toldMs >= quietEveryMs) {
        toldMs = performance.now();
        line(`  ${text}`);
      }
    },
  };
}

function signIns(people: readonly { readonly name: string; readonly password: string }[]): string {
  return people.map(({ name, password }) => `${name} / ${password}`).join(' · ');
}

export interface LiveBus {
  readonly code8: string;
  readonly label: string;
}

/** Where to look. Pages move by themselves while the day goes. */
export function welcomeLines(
  city: DemoCity,
  bus: LiveBus,
  options: DemoOptions,
  isTerminal: boolean,
): readonly string[] {
  const { urls } = city;
  const scan = `${urls.registrar}/r/${bus.code8}`;
  const staff = PLATFORM_STAFF.map(({ account, password }) => ({
    name: account as string,
    password: password as string,
  }));
  const admin = staff.filter(({ name }) => name === 'admin');
  const casework = CASEWORK_PEOPLE.map(({ person, password }) => ({ name: person, password }));
  return [
    '',
    ...(isTerminal ? qrLines(scan, true).map((line) => `  ${line}`) : []),
    `  Passenger page   ${scan}   (${bus.label}; for your own phone when the day is over)`,
    `  Staff page       ${urls.platform}/staff/   ${signIns(staff.filter(({ name }) => name === 'driver'))}   a bus under way: watch the count rise`,
    ...(admin.length === 0 ? [] : [`  Operator         ${urls.platform}/operator/   ${signIns(admin)}`]),
    `  Casework         ${urls.casework}   ${signIns(casework)}   at noon a case comes in`,
    `  Messages sent    ${urls.outbox}   (nothing leaves this machine)`,
    `  ${options.riders} riders, a day at ${options.speed} times its speed. Demonstration only: known passwords, plain HTTP. Ctrl-C ends it.`,
    '',
  ];
}
