// A whole demo city on the system's clock with the built pages, for browser tests: what a newcomer's `npm start` shows.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeData } from '@tongche/postgres';
import { dayOf, decodeCode, unwrap } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { systemClock } from '@tongche/runtime';
import type { Clock } from '@tongche/runtime';
import { openCaller, otpInbox } from '@tongche/simulator';
import type { PhoneWorld } from '@tongche/simulator';
import { composeCity, demoBus } from '@tongche/tongche';
import type { ComposeOptions, Composed } from '@tongche/tongche';

const zone = 'Asia/Shanghai';
/** Stop notes leave at once: browser tests wait for them. */
const relayMs = 1_000;

function ownClock(): Clock {
  return systemClock((error) => {
    throw error;
  });
}

/** The system's clock, ahead of or behind it by `offsetMs`, which may be changed. */
export interface ShiftedClock extends Clock {
  offsetMs: number;
}

export function shiftedClock(offsetMs: number): ShiftedClock {
  const clock = ownClock();
  const shifted: ShiftedClock = { ...clock, offsetMs, now: () => clock.now() + shifted.offsetMs };
  return shifted;
}

export interface LivingCity extends Composed {
  readonly world: PhoneWorld;
  /** A bus of the city: its code as text and bytes, short code and plate. */
  readonly bus: {
    readonly code: string;
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly shortCode: string;
    readonly plate: string;
  };
  /** The newest one-time code sent to a number (E.164 digits). */
  otpOf(digits: string): Promise<string>;
  remove(): Promise<void>;
}

export async function startLivingCity(options: Partial<ComposeOptions> = {}): Promise<LivingCity> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tongche-page-'));
  const clock = options.clock ?? ownClock();
  const city = await composeCity({
    dataDir,
    clock,
    engineSettings: { shared_buffers: '32MB' },
    ...options,
    adjust: {
      registrar: (config) => ({ ...config, relay: { minDelayMs: 0, maxDelayMs: relayMs, tickMs: 500 } }),
      ...options.adjust,
    },
  });
  const inbox = otpInbox();
  const stopListening = city.sink.onChange((message) => inbox.receive(message));
  const world: PhoneWorld = {
    suite: nodeSuite,
    consentVersion: 1,
    registrar: openCaller(city.urls.registrar),
    platform: openCaller(city.urls.platform),
    now: () => clock.now(),
    dayOf: (ms) => dayOf(ms, zone),
    otpFor: (digits, ask) => inbox.otpFor(digits, ask),
  };
  const bus = await demoBus(city.installation.settings.city, clock.now());
  if (bus?.plate === undefined) throw new Error('the demo city has no bus with a code');
  return {
    ...city,
    world,
    bus: { ...bus, plate: bus.plate, bytes: unwrap(decodeCode(bus.code)) },
    async otpOf(digits) {
      const { promise, resolve } = Promise.withResolvers<string>();
      const look = (): void => {
        const text = city.sink.messages().findLast((message) => message.to === digits)?.text;
        const otp = text === undefined ? undefined : /(?<!\d)(\d{6})(?!\d)/.exec(text)?.[1];
        if (otp !== undefined) resolve(otp);
      };
      const stop = city.sink.onChange(look);
      look();
      return promise.finally(stop);
    },
    async remove() {
      stopListening();
      await Promise.all([world.registrar.close(), world.platform.close()]);
      await city.close();
      removeData(join(dataDir, 'postgres'));
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
