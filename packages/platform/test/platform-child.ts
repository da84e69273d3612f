// A platform in a process of its own, to be killed. Its settings are its only argument, as JSON; its clock goes where it is told
// to, and its log goes to whoever started it.
import { createLog, parseConfig, settableClock } from '@tongche/runtime';
import { buildPlatform, Config, Secrets } from '../src/index.ts';

export interface ChildSettings {
  readonly config: unknown;
  readonly secrets: unknown;
  readonly nowMs: number;
}
/** Where the clock is to go. */
export interface ChildOrder {
  readonly toMs: number;
}
export type ChildReport =
  | { readonly kind: 'ready'; readonly url: string }
  /** Every job due on the way has run, or one has failed. */
  | { readonly kind: 'arrived'; readonly failed: boolean }
  | { readonly kind: 'event'; readonly event: string };

const report = (said: ChildReport): void => void process.send?.(said);

const [, , text = '{}'] = process.argv;
const given = JSON.parse(text) as ChildSettings;
const clock = settableClock(given.nowMs);
const log = createLog({
  process: 'platform',
  clock,
  write: (line) => report({ kind: 'event', event: (JSON.parse(line) as { readonly event: string }).event }),
});
const config = parseConfig(Config, given.config, 'the test');
const secrets = parseConfig(Secrets, given.secrets, 'the test');
const platform = await buildPlatform({ config, secrets, clock, log });
process.on('message', (order) => {
  clock.advanceTo((order as ChildOrder).toMs).then(
    () => report({ kind: 'arrived', failed: false }),
    () => report({ kind: 'arrived', failed: true }),
  );
});
process.on('disconnect', () => process.exit(0));
report({ kind: 'ready', url: platform.url });
