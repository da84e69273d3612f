// How long a whole trace takes: the engine alone over presences in memory, and everything through a full store.
// Run: npm run bench -- trace [--presences 200000000] [--cases 500] [--hops 60] [--rows 50000000] [--stored-cases 300]
//   [--cold-cases 20] [--folder PATH] [--pure] [--stored]
// --folder: where the full store is kept from run to run. --pure, --stored: only that part.
import { tracePure } from './kit/pure-trace.ts';
import { readOptions, runBench } from './kit/options.ts';
import { traceStored } from './kit/stored-trace.ts';

await runBench(async () => {
  const options = readOptions('trace', process.argv.slice(2), {
    presences: { default: 200_000_000, min: 100_000, max: 400_000_000 },
    cases: { default: 500, min: 1, max: 100_000 },
    hops: { default: 60, min: 1, max: 10_000 },
    rows: { default: 50_000_000, min: 14, max: 500_000_000 },
    'stored-cases': { default: 300, min: 1, max: 2_000 },
    'cold-cases': { default: 20, min: 0, max: 500 },
    folder: 'path',
    pure: 'flag',
    stored: 'flag',
  });
  const { presences, cases, hops, rows, folder } = options;
  const isWhole = options.pure === options.stored;
  const pure = isWhole || options.pure ? tracePure({ presences, cases, hopCases: hops }) : undefined;
  if (pure !== undefined) console.log(`engine alone: ${JSON.stringify(pure)}`);
  const [storedCases, coldCases] = [options['stored-cases'], options['cold-cases']];
  const stored =
    isWhole || options.stored ? await traceStored({ rows, folder, cases: storedCases, coldCases }) : undefined;
  console.log(JSON.stringify({ bench: 'trace', pure, stored, node: process.version }));
});
