// The tables of docs/sizing.md: inputs, then what each place needs.
import { ASSUMPTIONS, FIGURES, PLACES, SHARES, valuesOf } from './sizing-inputs.ts';
import { sizeOf } from './sizing.ts';
import type { Assumptions, Figures, Sizing } from './sizing.ts';

const scales = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Numbers of things: `9.2 billion`. */
function counted(value: number): string {
  const [unit, word] = value >= 1e9 ? [1e9, ' billion'] : [1e6, ' million'];
  return `${Number((value / unit).toPrecision(2))}${word}`;
}

/** Two significant digits with a decimal prefix: 168 GB is `170 G`. */
export function scaled(value: number): string {
  const [unit, prefix] = scales.find(([limit]) => value >= limit) ?? ([1, ''] as const);
  const text = Number((value / unit).toPrecision(2)).toLocaleString('en', { maximumFractionDigits: 2 });
  return prefix === '' ? text : `${text} ${prefix}`;
}

function plain(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 2 });
}

function cores(value: number): string {
  return value < 0.1 ? '< 0.1' : value.toFixed(1);
}

type Row = readonly [string, (sizing: Sizing) => string];

const rows: readonly Row[] = [
  ['rides a day', (s) => counted(s.rowsPerDay)],
  ['rides a second, mean; peak', (s) => `${plain(Math.round(s.meanPerSecond))}; ${plain(s.peakPerSecond)}`],
  ['rows kept', (s) => counted(s.rows)],
  ['data of one copy', (s) => `${scaled(s.dataBytes)}B`],
  ['disk of one copy, with WAL and room', (s) => `${scaled(s.diskBytes)}B`],
  ['WAL a ride; a day', (s) => `${scaled(s.walBytesPerRide)}B; ${scaled(s.walBytesPerDay)}B`],
  ['WAL at the peak', (s) => `${scaled(s.walBytesPerSecondAtPeak)}B/s`],
  ['indexes of today, to stay in memory', (s) => `${scaled(s.hotIndexBytes)}B`],
  ['memory of the database servers of one copy', (s) => `${scaled(s.memoryBytes)}B`],
  ['platform: cores at the peak; processes', (s) => `${cores(s.nodeCores)}; ${s.platformProcesses}`],
  ['PostgreSQL: cores at the peak', (s) => cores(s.postgresCores)],
  ['registrar: cores at the peak', (s) => cores(s.registrarCores)],
  ['cases a day that one core of the vault opens', (s) => plain(Number(s.casesPerVaultCore.toPrecision(2)))],
  ['commits a second at most', (s) => plain(Math.round(s.commitsPerSecond))],
  ['pages written a second, mean', (s) => plain(Math.round(s.pageWritesPerSecond))],
  [
    'network at the peak: in; out',
    (s) => `${scaled(s.wireInBitsPerSecond)}bit/s; ${scaled(s.wireOutBitsPerSecond)}bit/s`,
  ],
  ['replication at the peak', (s) => `${scaled(s.replicationBitsPerSecond)}bit/s`],
  ['Citus workers', (s) => (s.workers === 0 ? 'none' : `${s.workers}`)],
  ['database servers, standbys included', (s) => `${s.databaseServers}`],
];

type Inputs = typeof FIGURES | typeof ASSUMPTIONS;

function inputTable(inputs: Inputs, values: Readonly<Record<string, number>>): readonly string[] {
  const lines = Object.entries(inputs).map(([name, { unit, what, from }]) => {
    const value = values[name] ?? 0;
    const text = value >= 1e6 ? `${scaled(value)}${unit}` : `${plain(value)} ${unit}`.trim();
    return `| \`${name}\` | ${text} | ${what} | ${from} |`;
  });
  return ['| input | value | what | from |', '|---|---|---|---|', ...lines];
}

/** Markdown; the same inputs give the same text. */
export function sizingTables(
  figures: Figures = valuesOf(FIGURES),
  assumptions: Assumptions = valuesOf(ASSUMPTIONS),
): string {
  const columns = PLACES.flatMap((place) => SHARES.map((share) => ({ place, share })));
  const heads = columns.map(({ place, share }) => `${place.name}, ${share * 100} % registered`);
  const sizings = columns.map(({ place, share }) => sizeOf(place, share, figures, assumptions));
  return [
    '### Measured',
    '',
    ...inputTable(FIGURES, { ...figures }),
    '',
    '### Chosen',
    '',
    ...inputTable(ASSUMPTIONS, { ...assumptions }),
    '',
    '### Needed',
    '',
    `| | ${heads.join(' | ')} |`,
    `|---|${heads.map(() => '---').join('|')}|`,
    ...rows.map(([name, cell]) => `| ${name} | ${sizings.map(cell).join(' | ')} |`),
  ].join('\n');
}

const begin = '<!-- computed by `npm run bench -- sizing` from bench/kit/sizing-inputs.ts; do not edit -->';
const end = '<!-- end of what is computed -->';

/** The page with its tables made anew. */
export function withTables(page: string): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error('docs/sizing.md has lost its marks');
  return `${before}${begin}\n\n${sizingTables()}\n\n${end}${after}`;
}
