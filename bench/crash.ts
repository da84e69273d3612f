// Kill after kill under load: is every acknowledged ride there, exactly once?
// Run: npm run crash -- [--rounds 50] [--seed N] [--phones 64] [--buses 200] [--folder PATH]
import { crashRounds } from './kit/crash.ts';
import { NO_TIME } from './load/connection.ts';
import { readOptions, runBench } from './kit/options.ts';

await runBench(async () => {
  const options = readOptions('crash', process.argv.slice(2), {
    rounds: { default: 50, min: 1, max: 10_000 },
    seed: { default: 4, min: 1, max: 999_999_999 },
    phones: { default: 64, min: 1, max: 2_000 },
    buses: { default: 200, min: 1, max: 20_000 },
    folder: 'path',
  });
  const outcome = await crashRounds({ ...options, print: (line) => console.log(line) });
  const { rounds, acknowledged, lost, duplicated, ...more } = outcome;
  console.log(JSON.stringify({ crash: 'kill', rounds, acknowledged, lost, duplicated, seed: options.seed, ...more }));
  const isWhole =
    outcome.refused === 0 &&
    outcome.outcomes[NO_TIME] === undefined &&
    outcome.daysKept &&
    outcome.expiredGone &&
    outcome.seesPlanted;
  if (lost > 0 || duplicated > 0 || !isWhole) process.exitCode = 1;
});
