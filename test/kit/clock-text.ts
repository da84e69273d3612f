// Times of day as the pages show them, in the demonstration city's zone.

const zone = 'Asia/Shanghai';

/** 'HH:MM', or 'HH:MM:SS'. */
export function timeIn(ms: number, seconds = false): string {
  const text = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: zone }).format(ms);
  return seconds ? text : text.slice(0, 5);
}

/** Seconds of the day behind 'HH:MM:SS'. */
export function secondsOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  return (hours * 60 + minutes) * 60 + seconds;
}
