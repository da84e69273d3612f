// Runs named parts one after another and keeps their times: used by `npm test` and `npm run check`.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export interface PartResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
export interface Part {
  readonly name: string;
  run(): Promise<PartResult> | PartResult;
}

/** A part that is one command: passed when it exits with 0. Its output is shown only when it fails. */
export function command(name: string, file: string, args: readonly string[]): Part {
  return {
    name,
    run() {
      const done = spawnSync(file, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
      if (done.status === 0) return { passed: 1, failed: 0, skipped: 0 };
      process.stdout.write(`${done.stdout ?? ''}${done.stderr ?? ''}`);
      if (done.error) console.log(done.error.message);
      return { passed: 0, failed: 1, skipped: 0 };
    },
  };
}

/** Path of a tool's own program, run by the Node that runs us (shell wrappers would pick the machine's Node). */
export function nodeTool(name: string, program: string, args: readonly string[]): Part {
  return command(name, process.execPath, [join(root, 'node_modules', program), ...args]);
}

/** Runs the parts in order, prints each one's time, then the closing line `N passed, N failed, N skipped`. Returns the exit code. */
export async function runParts(parts: readonly Part[]): Promise<number> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const times: string[] = [];
  for (const part of parts) {
    const began = performance.now();
    const result = await part.run();
    total.passed += result.passed;
    total.failed += result.failed;
    total.skipped += result.skipped;
    const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
    const line = `${result.failed ? '✗' : '✓'} ${part.name.padEnd(14)} ${seconds} s  ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`;
    times.push(line);
    console.log(line);
  }
  console.log(`\nParts and their times:\n${times.join('\n')}\n`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0 ? 0 : 1;
}
