// Local times of a form as minutes of the day.

/** 08:30 is 510; NaN for anything else, so that comparisons fail. */
export function minutesOf(time: string): number {
  const match = /^(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(time);
  return match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2]);
}

/** How far the zone's clocks are ahead of UTC at an instant, in milliseconds. */
function aheadMs(ms: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const local = Date.parse(`${format.format(ms).replace(', ', 'T')}Z`);
  return local - Math.floor(ms / 1000) * 1000;
}

/** The instant of a local date and time (`2026-11-20T08:30`) in the operator's zone, wherever the browser is. */
export function instantOf(local: string, zone: string): number {
  const asUtc = Date.parse(`${local}${local.length === 16 ? ':00' : ''}Z`);
  const guess = asUtc - aheadMs(asUtc, zone);
  return asUtc - aheadMs(guess, zone);
}
