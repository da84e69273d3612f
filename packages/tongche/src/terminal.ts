// What a person reads in the terminal when everything runs.
import { encodeQR } from 'qr';
import { CASEWORK_PEOPLE, PLATFORM_STAFF } from './demo-people.ts';
import type { DemoBus } from './demo-bus.ts';
import type { Layout } from './layout.ts';

/** Black on white whatever the terminal's colours are: phones do not read an inverted code. */
const blackOnWhite = '\u001B[38;2;0;0;0;48;2;255;255;255m';
const reset = '\u001B[0m';
/** Upper and lower half of one character cell: dark or light. */
const halves = [' ', '▄', '▀', '█'] as const;

/** A QR code of half blocks. Without colours (a pipe, a file) light squares are the blocks, for dark backgrounds. */
export function qrLines(text: string, isTerminal: boolean): readonly string[] {
  if (!isTerminal) return encodeQR(text, 'ascii', { ecc: 'low', border: 2 }).trimEnd().split('\n');
  const dark = encodeQR(text, 'raw', { ecc: 'low', border: 2 });
  const lines: string[] = [];
  for (let y = 0; y < dark.length; y += 2) {
    const upper = dark[y] ?? [];
    const lower = dark[y + 1] ?? [];
    const cells = upper.map((isDark, x) => halves[(isDark ? 2 : 0) + ((lower[x] ?? false) ? 1 : 0)] ?? ' ');
    lines.push(`${blackOnWhite}${cells.join('')}${reset}`);
  }
  return lines;
}

export interface Welcome {
  readonly layout: Layout;
  readonly urls: Readonly<Record<'registrar' | 'platform' | 'casework' | 'outbox', string>>;
  readonly bus: DemoBus | undefined;
  /** Whether phones on the same network reach the addresses. */
  readonly isOnNetwork: boolean;
  readonly logKey: string;
  readonly isTerminal: boolean;
}

function signIns(people: readonly { readonly password: string; readonly name: string }[]): string {
  return people.map(({ name, password }) => `${name} / ${password}`).join(' · ');
}

/** Everything above the last line. */
export function welcomeLines(welcome: Welcome): readonly string[] {
  const { urls, bus, layout } = welcome;
  const scan = bus === undefined ? urls.registrar : `${urls.registrar}/r/${bus.code}`;
  const signInOf = (isAdmin: boolean): string =>
    signIns(
      PLATFORM_STAFF.filter(({ role }) => (role === 'admin') === isAdmin).map(({ account, password }) => ({
        name: account,
        password,
      })),
    );
  const people = signIns(CASEWORK_PEOPLE.map(({ person, password }) => ({ name: person, password })));
  const how = welcome.isOnNetwork
    ? 'Scan it with a phone on the same network. Without HTTPS a phone keeps no page offline and opens no camera.'
    : 'Only browsers of this machine reach these addresses (it is on no network, or --local was asked for).';
  // Browsers give camera and offline pages to localhost without HTTPS.
  const here = welcome.isOnNetwork ? `http://localhost:${new URL(urls.platform).port}/staff/` : undefined;
  const vehicle =
    bus === undefined
      ? []
      : [
          `  ${bus.label.zh} · ${bus.label.en}${bus.plate === undefined ? '' : ` · ${bus.plate}`} · its number for the driver: ${bus.shortCode}`,
        ];
  return [
    '',
    ...qrLines(scan, welcome.isTerminal).map((line) => `  ${line}`),
    '',
    `  ${how}`,
    ...vehicle,
    '',
    `  Passenger page   ${scan}`,
    `  Staff page       ${urls.platform}/staff/   ${signInOf(false)}`,
    ...(here === undefined ? [] : [`    on this machine  ${here}   (with camera)`]),
    `  Operator         ${urls.platform}/operator/   ${signInOf(true)}`,
    `  Casework         ${urls.casework}   ${people}`,
    `  Messages sent    ${urls.outbox}   (nothing leaves this machine)`,
    `  Public log       npm run tongche -- verify --url ${urls.registrar} --key ${welcome.logKey}`,
    `  Data             ${layout.data}   logs in ${layout.logs}`,
    '  Demonstration only: known passwords, plain HTTP, stop notes mixed over seconds. Ctrl-C stops everything.',
    '',
  ];
}

/** The line whoever started us may wait for. */
export function readyLine({ urls, bus }: Welcome): string {
  const scan = bus === undefined ? urls.registrar : `${urls.registrar}/r/${bus.code}`;
  return `ready  passenger ${scan}  staff ${urls.platform}/staff/  casework ${urls.casework}  messages ${urls.outbox}`;
}
