// For this package's tests only: a small timetable as an operator would send it.
import { gtfsZip } from '@tongche/network/import';
import type { Feed, StopTime } from '@tongche/network/import';
import { dayText } from '@tongche/protocol';
import type { Asking } from '../staff-kit.ts';
import type { Answer } from '../test-kit.ts';
import { answerOf, today } from '../test-kit.ts';

export interface FeedOptions {
  /** Line ids; each has a run an hour, 06:00 to 21:00, in blocks named after the line. */
  readonly lines?: readonly string[];
  /** Minutes between two stops. */
  readonly stepMin?: number;
  readonly stops?: number;
  /** First and last day of service. */
  readonly days?: readonly [number, number];
}

export function smallFeed({ lines = ['L1', 'L2'], stepMin = 5, stops = 6, days }: FeedOptions = {}): Feed {
  const [fromDay, toDay] = days ?? [today - 30, today + 365];
  const stopTimes = new Map<string, readonly StopTime[]>();
  const trips = lines.flatMap((routeId) =>
    Array.from({ length: 16 }, (_, n) => {
      const id = `${routeId}-${n + 6}`;
      const startS = (n + 6) * 3600;
      stopTimes.set(
        id,
        Array.from({ length: stops }, (_call, seq) => {
          const atS = startS + seq * stepMin * 60;
          return { stopId: `${routeId}-s${seq}`, seq, arrS: atS, depS: atS };
        }),
      );
      return { id, routeId, serviceId: 'daily', headsign: '终点', dir: 0 as const, blockId: `block-${routeId}` };
    }),
  );
  return {
    agencies: [{ id: 'a', name: '公交', url: 'https://bus.example', timezone: 'Asia/Shanghai', lang: 'zh' }],
    stops: lines.flatMap((line, index) =>
      Array.from({ length: stops }, (_, seq) => ({
        id: `${line}-s${seq}`,
        name: `${line}站${seq}`,
        lat: 22.5 + index / 100,
        lon: 114 + seq / 100,
        locationType: 0 as const,
        parent: '',
      })),
    ),
    routes: lines.map((id) => ({ id, agencyId: 'a', shortName: id, longName: `${id}路`, type: 3, colour: '0b57d0' })),
    services: [{ id: 'daily', weekdays: [true, true, true, true, true, true, true], fromDay, toDay }],
    exceptions: [],
    trips,
    stopTimes,
    frequencies: [],
    translations: [],
    lang: 'zh',
  };
}

export function smallZip(options: FeedOptions = {}): Uint8Array<ArrayBuffer> {
  return gtfsZip(smallFeed(options));
}

/** Sends a file: what would happen. */
export async function send(
  who: Asking,
  kind: string,
  body: Uint8Array<ArrayBuffer> | string,
  query: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const search = new URLSearchParams({ kind, name: `${kind}.file`, ...query });
  const headers = { 'content-type': 'application/octet-stream' };
  return answerOf(await who.raw('POST', `/operator/api/imports?${search.toString()}`, body, headers));
}

export async function apply(who: Asking, checked: Answer, mode = 'all-or-nothing'): Promise<Answer> {
  return who('POST', `/operator/api/imports/${String(checked.body['importId'])}/apply`, { mode });
}

type Counts = Readonly<Record<'added' | 'changed' | 'same' | 'gone', number>>;
/** Counts by kind of thing: `lines: '2 0 0 1'` for added, changed, same, gone. */
export function changesOf(answer: Answer): Readonly<Record<string, string>> {
  const list = (answer.body['changes'] ?? []) as readonly ({ readonly what: string } & Counts)[];
  return Object.fromEntries(
    list.map(({ what, added, changed, same, gone }) => [what, `${added} ${changed} ${same} ${gone}`]),
  );
}

export const dateOf = (day: number): string => dayText(day);
