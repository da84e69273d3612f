// Times, plates and colours as the staff page shows them.
import type { LiveRide } from '@tongche/contract';

/** `08:12:33` in the authority's zone. */
export function clockText(ms: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZone: zone,
  }).format(ms);
}

/** A plate as people read it: province and letter, a dot, the rest. Other texts stay as they are. */
export function plateText(plate: string): string {
  return /^[\u4e00-\u9fff][A-Z][A-Z0-9]{4,6}$/.test(plate) ? `${plate.slice(0, 2)}·${plate.slice(2)}` : plate;
}

/** Position of each shown registration in the count: the newest stands for the heads up to it. */
export function positions(heads: number, rides: readonly LiveRide[]): readonly number[] {
  let next = heads;
  return rides.map((ride) => {
    const position = next;
    if (!ride.undone) next -= ride.heads;
    return position;
  });
}
