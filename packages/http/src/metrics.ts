// Counts and latencies of a process in Prometheus text format. Labels are route templates and statuses: nothing that
// tells about a person or a ride.
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Metrics {
  /** Counts one answered request. `ms` is the time to the answer. */
  request(method: string, route: string, status: number, ms: number): void;
  /** Adds to a counter of the process's own, e.g. `tongche_rides_total`. */
  count(name: string, by?: number): void;
  /** A value read when the metrics are asked for, e.g. the length of a queue. */
  gauge(name: string, read: () => number): void;
  /** Prometheus text exposition format 0.0.4. */
  text(): string;
}

/** Upper bounds in milliseconds: from a cached answer to the client's own time-out. */
const bucketsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
/** Templates times statuses; far above what exists, so that a mistake cannot fill the memory. */
const maxSeries = 2000;
const namePattern = /^[a-z][a-z0-9_]{0,80}$/;

interface Series {
  readonly method: string;
  readonly status: number;
  readonly labels: string;
  readonly buckets: number[];
  count: number;
  sumMs: number;
}

function checkName(name: string): void {
  if (!namePattern.test(name)) throw new RangeError(`metric name ${name}`);
}

function label(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** One registry for a process; its servers share it. */
export function createMetrics(): Metrics {
  /** By route: making a key of all three labels for every request would cost more than the counting. */
  const byRoute = new Map<string, Series[]>();
  let seriesCount = 0;
  const counters = new Map<string, number>();
  const gauges = new Map<string, () => number>();
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();

  function histogramLines(): string[] {
    const lines = ['# TYPE tongche_http_request_ms histogram'];
    for (const { labels, buckets, count, sumMs } of [...byRoute.values()].flat()) {
      let below = 0;
      for (const [index, bound] of bucketsMs.entries()) {
        below += buckets[index] ?? 0;
        lines.push(`tongche_http_request_ms_bucket{${labels},le="${bound}"} ${below}`);
      }
      lines.push(`tongche_http_request_ms_bucket{${labels},le="+Inf"} ${count}`);
      lines.push(`tongche_http_request_ms_sum{${labels}} ${sumMs.toFixed(3)}`);
      lines.push(`tongche_http_request_ms_count{${labels}} ${count}`);
    }
    return lines;
  }

  return {
    request(method, route, status, ms) {
      let ofRoute = byRoute.get(route);
      let found = ofRoute?.find((one) => one.status === status && one.method === method);
      if (found === undefined) {
        if (seriesCount >= maxSeries) return;
        const labels = `method="${label(method)}",route="${label(route)}",status="${status}"`;
        found = { method, status, labels, buckets: Array.from(bucketsMs, () => 0), count: 0, sumMs: 0 };
        if (ofRoute === undefined) byRoute.set(route, (ofRoute = []));
        ofRoute.push(found);
        seriesCount += 1;
      }
      const index = bucketsMs.findIndex((bound) => ms <= bound);
      if (index >= 0) found.buckets[index] = (found.buckets[index] ?? 0) + 1;
      found.count += 1;
      found.sumMs += ms;
    },
    count(name, by = 1) {
      checkName(name);
      counters.set(name, (counters.get(name) ?? 0) + by);
    },
    gauge(name, read) {
      checkName(name);
      gauges.set(name, read);
    },
    text() {
      const lines = histogramLines();
      for (const [name, value] of counters) lines.push(`# TYPE ${name} counter`, `${name} ${value}`);
      for (const [name, read] of gauges) lines.push(`# TYPE ${name} gauge`, `${name} ${read()}`);
      const lagMs = lag.percentile(99) / 1e6;
      lines.push('# TYPE tongche_event_loop_lag_p99_ms gauge', `tongche_event_loop_lag_p99_ms ${lagMs.toFixed(3)}`);
      lines.push('# TYPE tongche_memory_rss_bytes gauge', `tongche_memory_rss_bytes ${process.memoryUsage.rss()}`);
      return `${lines.join('\n')}\n`;
    },
  };
}
