// Which providers can be reached. One that lost its connection a moment ago is waited for; one that has had none for
// long is passed over.
import type { Provider } from '@tongche/connectors';
import type { Clock } from '@tongche/runtime';

export interface Reach {
  isDown(provider: Provider): boolean;
}

export function createReach(clock: Clock, downAfterMs: number): Reach {
  const awaySinceMs = new Map<string, number>();
  return {
    isDown({ name, gateway }) {
      if (gateway.connected()) {
        awaySinceMs.delete(name);
        return false;
      }
      const nowMs = clock.now();
      const sinceMs = awaySinceMs.get(name) ?? nowMs;
      awaySinceMs.set(name, sinceMs);
      return nowMs - sinceMs >= downAfterMs;
    },
  };
}
