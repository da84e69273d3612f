// What `demo` takes on the command line.
import { ConfigError } from '@tongche/runtime';
import { DEFAULT_DAY, MAX_RIDERS } from '@tongche/simulator';
import { readFlags, wholeNumber } from '../arguments.ts';
import { FIRST_PORT } from '../layout.ts';

export interface DemoOptions {
  readonly riders: number;
  readonly seed: number;
  /** Simulated seconds of one real second. */
  readonly speed: number;
  /** First of the ports; 0 for any free ones. */
  readonly port: number;
  /** Ends after the report instead of going on for browsers. */
  readonly isOnce: boolean;
  /** Report as one JSON line on standard output, everything else on standard error. */
  readonly isJson: boolean;
  /** Only browsers of this machine. */
  readonly isLocal: boolean;
}

/** A day of twenty hours in forty seconds. */
const defaultSpeed = 1_800;
/** Below, the day takes hours; above, no machine keeps up. */
const speeds = [60, 100_000] as const;
const lastSeed = 999_999_999;
const lastPort = 65_000;
/** Fewer do not fill a bus. */
const leastRiders = 10;

/** Throws ConfigError with one line. */
export function demoOptions(args: readonly string[]): DemoOptions {
  const flags = readFlags('demo', args, {
    riders: 'text',
    seed: 'text',
    speed: 'text',
    port: 'text',
    once: 'flag',
    json: 'flag',
    local: 'flag',
  });
  const whole = (name: 'riders' | 'seed' | 'speed' | 'port', range: readonly [number, number], otherwise: number) => {
    const text = flags[name];
    return text === undefined ? otherwise : wholeNumber('demo', name, text, range);
  };
  const port = whole('port', [0, lastPort], FIRST_PORT);
  if (port > 0 && port < 1_024) throw new ConfigError('demo: --port must be 0 (any free ones) or from 1024 to 65000');
  return {
    riders: whole('riders', [leastRiders, MAX_RIDERS], DEFAULT_DAY.riders),
    seed: whole('seed', [0, lastSeed], DEFAULT_DAY.seed),
    speed: whole('speed', [...speeds], defaultSpeed),
    port,
    isOnce: flags.once === true,
    isJson: flags.json === true,
    isLocal: flags.local === true,
  };
}
