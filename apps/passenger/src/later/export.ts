// The rider's own rides as files. What a spreadsheet would run as a formula is kept as text; no character is lost.
import { plateText, timeText, nameText } from '@tongche/ui';
import { csvText, guard } from '@tongche/exports/table';
import { dayText } from '@tongche/protocol/formats';
import type { StoredRide } from '../ride/model.ts';

/** Local calendar day as YYYY-MM-DD; the ride's own day where it was sealed. */
function dateOf(ride: StoredRide, zone: string): string {
  if (ride.sealed !== undefined) return dayText(ride.sealed.day);
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(ride.boardedMs);
}

/** UTF-8 with a byte order mark, so that Excel reads Chinese; CRLF by RFC 4180. */
export function ridesCsv(rides: readonly StoredRide[], zone: string, language: string, head: string): string {
  const rows = rides.map((ride) => {
    const { receipt, sealed } = ride;
    const { line } = receipt ?? {};
    return [
      dateOf(ride, zone),
      timeText(ride.boardedMs, zone),
      plateText(receipt?.unit.plate ?? ''),
      line ? nameText(line.name, language) : '',
      line?.headsign ? nameText(line.headsign, language) : '',
      receipt?.check.text ?? sealed?.check.text ?? '',
      String(ride.party),
      ride.status,
    ].map(guard);
  });
  return csvText(head.split(','), rows, { bom: true, lineEnd: '\r\n', quoteAll: true });
}

/** What a person would want to keep; keys and sealed bytes stay on the phone. */
export function ridesJson(rides: readonly StoredRide[], zone: string): string {
  const plain = rides.map((ride) => ({
    boarded: new Date(ride.boardedMs).toISOString(),
    day: dateOf(ride, zone),
    plate: ride.receipt?.unit.plate ?? null,
    vehicle: ride.receipt?.unit.label ?? null,
    line: ride.receipt?.line ?? null,
    check: ride.receipt?.check ?? ride.sealed?.check ?? null,
    companions: ride.party,
    alighted:
      ride.alighted === undefined ? null : { at: new Date(ride.alighted.atMs).toISOString(), stop: ride.alighted.stop },
    state: ride.status,
  }));
  return `${JSON.stringify({ rides: plain }, null, 2)}\n`;
}
