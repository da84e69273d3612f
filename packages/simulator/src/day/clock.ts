// The clock of a simulated day: it is moved from outside, at whatever speed, and its jobs come along. What polls every few
// seconds in life then polls a few times a second of real time, however fast the day goes.
import type { Clock, Job, SettableClock, Stop } from '@tongche/runtime';
import { settableClock } from '@tongche/runtime';

/** Least real time between two turns of one repeated job. */
const leastTurnMs = 250;
/** Jobs that keep connections alive wait in real time: the browser at the other end does. */
const wireJobs = ['http.', 'smpp-', 'sole-'];

export interface DayClock extends SettableClock {
  /** Simulated milliseconds of one real one; repeated jobs take their next turn accordingly. */
  setSpeed(speed: number): void;
}

/** `wire` is the system's clock, for what waits for the network. */
export function dayClock(startMs: number, wire: Clock): DayClock {
  const clock = settableClock(startMs);
  const repeated = new Set<{ arm(): void }>();
  let speed = 1;

  function isWire(name: string): boolean {
    return wireJobs.some((prefix) => name.startsWith(prefix));
  }

  function every(name: string, ms: number, job: Job): Stop {
    if (isWire(name)) return wire.every(name, ms, job);
    let stop: Stop = () => {};
    let isStopped = false;
    async function turn(): Promise<void> {
      try {
        await job();
      } finally {
        if (!isStopped) entry.arm();
      }
    }
    const entry = {
      arm() {
        stop();
        stop = clock.after(name, Math.max(ms, speed * leastTurnMs), turn);
      },
    };
    repeated.add(entry);
    entry.arm();
    return () => {
      isStopped = true;
      repeated.delete(entry);
      stop();
    };
  }

  return {
    ...clock,
    every,
    after: (name, ms, job) => (isWire(name) ? wire.after(name, ms, job) : clock.after(name, ms, job)),
    setSpeed(next) {
      speed = next;
      for (const entry of repeated) entry.arm();
    },
  };
}
