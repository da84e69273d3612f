// When people are asleep. By the local wall clock, so that a change to summer time needs no thought.
import type { Quiet } from './config.ts';

export interface QuietHours {
  isQuiet(ms: number): boolean;
}

export function quietHours(quiet: Quiet, zone: string): QuietHours {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' });
  const { fromHour, toHour } = quiet;
  return {
    isQuiet(ms) {
      const hour = Number(format.format(ms));
      return fromHour <= toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour;
    },
  };
}
