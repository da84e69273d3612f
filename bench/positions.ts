// How often a vehicle's positions find the trip it made, and how fast: Austin's buses with the trip they name held back.
// Run: npm run bench -- positions [date]. Needs the folder of real data.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { markMatches, markTimelines, readAustin } from '../packages/network/src/import/austin-kit.ts';

/** The constants of the matcher were chosen by 2016-11-25 and 2016-12-16. */
const date = process.argv[2] ?? '2016-11-26';
const data = process.env['TONGCHE_DATA'] ?? join(import.meta.dirname, '../../shared/data');

if (existsSync(join(data, 'open-licence/avl'))) {
  const austin = await readAustin(data, date);
  const rows = [...austin.vehicles.values()].reduce((sum, { length }) => sum + length, 0);
  console.log(
    JSON.stringify({
      bench: 'positions',
      date,
      positions: rows,
      vehicles: austin.vehicles.size,
      candidates: austin.runs.length,
      tripTold: markMatches(austin, 'trip'),
      routeTold: markMatches(austin, 'route'),
      nothingTold: markMatches(austin, 'nothing'),
      timelines: markTimelines(austin),
    }),
  );
} else {
  console.log(JSON.stringify({ bench: 'positions', skipped: 'no folder of real data (TONGCHE_DATA)' }));
}
