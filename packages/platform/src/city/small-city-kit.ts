// For this package's tests only: two buses, a train, a station and a taxi on one line, with a run each hour.
import type { CityData, Run } from '@tongche/network';
import { dayStartMs, makeShortCode, MINUTE_MS, toBase64Url } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';

export const zone = 'Asia/Shanghai';

/** 8 bytes of the n-th code. */
export function codeBytes(n: number): Bytes {
  return new Uint8Array([n, 1, 2, 3, 4, 5, 6, 7]);
}
const code = (n: number): string => toBase64Url(codeBytes(n));
const named = (text: string) => ({ zh: text, en: text });

const stopCount = 70;
/** Every line has a run each hour of 06:00..21:00 both ways, a stop a minute: 06:00, 07:00 ... */
function runsOf(day: number, zone: string): Run[] {
  const midnight = dayStartMs(day, zone);
  const runs: Run[] = [];
  for (const vehicleId of ['bus-1', 'bus-2', 'train-1']) {
    for (let hour = 6; hour <= 21; hour += 1) {
      const departs = midnight + hour * 60 * MINUTE_MS;
      const count = vehicleId === 'bus-2' ? stopCount : 30;
      const dir = hour % 2 === 0 ? 0 : 1;
      const stops = Array.from({ length: count }, (_, seq) => ({
        seq,
        stopId: `s${dir === 0 ? seq : count - 1 - seq}`,
        arrMs: departs + Math.floor((seq * 50 * MINUTE_MS) / count),
        depMs: departs + Math.floor((seq * 50 * MINUTE_MS) / count),
      }));
      runs.push({ runKey: `${day}:${vehicleId}:${hour}`, lineId: 'M133', dir, day, vehicleId, stops });
    }
  }
  return runs;
}

/** Codes 1, 2: buses; 3, 4: carriages of a train; 5: a station; 6: crew of bus 1; 7: a taxi without line. */
export function smallCity(inZone = zone): CityData {
  const base = { capacity: 80 };
  const codes = ['bus-1', 'bus-2', 'car-1', 'car-2', 'hall', 'bus-1', 'taxi-1'];
  const stops = Array.from({ length: stopCount }, (_, n) => `s${n}`);
  return {
    zone: inZone,
    lines: [{ id: 'M133', name: named('M133路'), shortName: 'M133', mode: 'bus', colour: '#0b57d0' }],
    directions: [
      { lineId: 'M133', dir: 0, headsign: named('布吉'), stops: stops.slice(0, 30) },
      { lineId: 'M133', dir: 1, headsign: named('深圳湾'), stops: stops.slice(0, 30).toReversed() },
    ],
    stops: stops.map((id, n) => ({ id, name: named(`站${n}`), lat: 22.5 + n / 1000, lon: 114 })),
    units: [
      {
        unitId: 'bus-1',
        kind: 'bus',
        plate: '粤B·12345D',
        label: named('1号车'),
        vehicleId: 'bus-1',
        usualLineId: 'M133',
        ...base,
      },
      {
        unitId: 'bus-2',
        kind: 'bus',
        plate: '粤B·12346D',
        label: named('2号车'),
        vehicleId: 'bus-2',
        usualLineId: 'M133',
        ...base,
      },
      { unitId: 'car-1', kind: 'carriage', label: named('1车厢'), vehicleId: 'train-1', carriageNo: 1, ...base },
      { unitId: 'car-2', kind: 'carriage', label: named('2车厢'), vehicleId: 'train-1', carriageNo: 2, ...base },
      { unitId: 'hall', kind: 'station', label: named('布吉站'), vehicleId: 'hall', stopId: 's0', capacity: 5000 },
      { unitId: 'taxi-1', kind: 'taxi', plate: '粤B·T1234', label: named('出租车'), vehicleId: 'taxi-1', capacity: 4 },
    ],
    codes: codes.map((unitId, n) => ({
      code8: code(n + 1),
      shortCode: makeShortCode(n + 1),
      unitId,
      purpose: n === 5 ? 'crew' : 'passenger',
    })),
    runs: (day) => runsOf(day, inZone),
  };
}
