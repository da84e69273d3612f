// A city's network and fleet out of the lists an operator sends: read, written and read back, with the peak of memory.
// Run: npm run bench -- lists LINE-STOPS [FLEET] [PLATE PREFIX]; without files a made-up city of the same size.
import { fleetCsv, lineStopsCsv, readFleet, readLineStops } from '@tongche/network/import';
import type { LineStopsRead } from '@tongche/network/import';

const [stopsFile, fleetFile, platePrefix = '粤B'] = process.argv.slice(2);
const madeLines = 2_000;
const madeStops = 30;

/** A grid of streets, so that places are shared as in a real city. */
function madeUp(): Uint8Array {
  const rows = ['line_no,line_name,seq,stop_name,bd09_lon,bd09_lat'];
  for (let line = 0; line < madeLines; line += 1) {
    for (let seq = 0; seq < madeStops; seq += 1) {
      const [x, y] = line % 2 === 0 ? [line % 80, seq] : [seq, line % 80];
      rows.push(
        `${line},${line >> 1}路(${line % 2}起-终),${seq},路口${x}之${y},${113.8 + x * 0.008},${22.5 + y * 0.006}`,
      );
    }
  }
  return Buffer.from(rows.join('\n'));
}

const timed = async <T>(work: () => T | Promise<T>): Promise<readonly [result: T, ms: number]> => {
  const fromMs = performance.now();
  const result = await work();
  return [result, Math.round(performance.now() - fromMs)];
};

const source = stopsFile ?? madeUp();
const [network, readMs] = await timed((): Promise<LineStopsRead> => readLineStops(source));
const [csv, writeMs] = await timed(() => lineStopsCsv(network.parts));
const [, againMs] = await timed(() => readLineStops(Buffer.from(csv)));
const { lines, directions, stops } = network.parts;
const fleetOptions = { platePrefix, lines, unknownLines: 'leave-out' } as const;
const fleet = fleetFile === undefined ? undefined : await timed(() => readFleet(fleetFile, fleetOptions));
const fleetAgain = fleet === undefined ? undefined : await readFleet(Buffer.from(fleetCsv(fleet[0].rows)));

console.log(
  JSON.stringify({
    bench: 'lists',
    rows: network.rowCount,
    rejected: network.rejected.length,
    lines: lines.length,
    directions: directions.length,
    stops: stops.length,
    readMs,
    writeMs,
    againMs,
    ...(fleet === undefined
      ? {}
      : {
          vehicles: fleet[0].rows.length,
          badVehicles: fleet[0].rejected.length,
          again: fleetAgain?.rows.length,
          fleetMs: fleet[1],
        }),
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
