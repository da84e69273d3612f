// What a city of 20 million and the nation need, from the figures of sizing-inputs.ts or those given here.
// Run: npm run bench -- sizing [--node-micros N] [--hot-bytes N] … (every input of the page; whole numbers)
import { readOptions, runBench } from './kit/options.ts';
import type { NumberOption } from './kit/options.ts';
import { ASSUMPTIONS, FIGURES, valuesOf } from './kit/sizing-inputs.ts';
import { sizingTables } from './kit/sizing-page.ts';

const largest = 999_999_999;

function flagOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

await runBench(async () => {
  const figures: Record<string, number> = valuesOf(FIGURES);
  const spec: Record<string, NumberOption> = {};
  for (const [name, value] of Object.entries(figures)) {
    spec[flagOf(name)] = { default: value, min: 1, max: largest };
  }
  const options = readOptions('sizing', process.argv.slice(2), spec);
  const given = Object.fromEntries(Object.keys(figures).map((name) => [name, options[flagOf(name)]]));
  console.log(sizingTables({ ...valuesOf(FIGURES), ...given }, valuesOf(ASSUMPTIONS)));
  console.log(JSON.stringify({ bench: 'sizing', figures: given }));
});
