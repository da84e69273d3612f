// A notifier in a process of its own, to be killed. Its settings are its only argument, as JSON.
import { createLog, parseConfig, runProcess, systemClock } from '@tongche/runtime';

import { Config, Secrets, buildNotifier } from '../src/index.ts';

const [text = '{}'] = process.argv.slice(2);
const given = JSON.parse(text) as { readonly config: unknown; readonly secrets: unknown };
const clock = systemClock((error, job) => log.fault(job, error));
// Only what went wrong is worth reading between test results.
const write = (line: string): void => {
  if (!line.includes('"level":"info"')) process.stderr.write(line);
};
const log = createLog({ process: 'notifier', clock, showFaults: true, write });
const config = parseConfig(Config, given.config, 'the test');
const secrets = parseConfig(Secrets, given.secrets, 'the test');
await runProcess(() => buildNotifier({ config, secrets, clock, log }), { name: 'notifier', log });
