// A fleet's stickers as one PDF, and how long the main thread was kept waiting meanwhile.
// Run: npm run bench -- print [--template bus-90x120] [--units 1640] [--each 3]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { printStickers, templates } from '@tongche/print';
import type { Sticker, Template } from '@tongche/print';
import { makeShortCode } from '@tongche/protocol';

const { values } = parseArgs({
  options: {
    template: { type: 'string', default: 'bus-90x120' },
    units: { type: 'string', default: '1640' },
    each: { type: 'string', default: '3' },
    /** Keeps the PDF at this path. */
    out: { type: 'string' },
  },
});
const template = values.template as Template;
if (!Object.hasOwn(templates, template)) throw new Error(`no template "${values.template}"`);
const [units, each] = [Number(values.units), Number(values.each)];
const firstPlate = 1_000;

function stickerOf(unit: number, place: number): Sticker {
  const n = unit * each + place;
  const code = Buffer.alloc(8);
  code.writeUInt32BE(Math.imul(n + 1, 2_654_435_761) >>> 0);
  code.writeUInt32BE(n, 4);
  return {
    url: `https://dengji.example.org/r/${code.toString('base64url')}`,
    shortCode: makeShortCode(n),
    plate: `粤B·${String(firstPlate + unit).padStart(5, '0')}D`,
    label: { zh: `${unit + 1}号车`, en: `Bus ${unit + 1}` },
    line: { zh: `M${100 + (unit % 300)}路`, en: `Line M${100 + (unit % 300)}` },
    serial: `${String(n + 1).padStart(6, '0')}-${place + 1}/${each}`,
    purpose: 'passenger',
    kind: 'bus',
  };
}

const stickers = Array.from({ length: units * each }, (_, n) => stickerOf(Math.floor(n / each), n % each));
const branding = {
  city: { zh: '海京市', en: 'Haijing' },
  authority: { zh: '海京市疾病预防控制中心', en: 'Haijing Centre for Disease Control' },
  host: 'dengji.example.org',
  hotline: '12328',
  colour: '#0b57d0',
};

const folder = mkdtempSync(join(tmpdir(), 'tongche-print-'));
const resolutionMs = 5;
/** How late timers of the main thread are while `work` goes on; what the measurement itself waits is taken off. */
async function delayWhile(work: () => Promise<unknown>): Promise<{ readonly p99: number; readonly max: number }> {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  await work();
  delay.disable();
  const late = (ns: number): number => Math.max(0, Math.round((ns / 1e6 - resolutionMs) * 100) / 100);
  return { p99: late(delay.percentile(99)), max: late(delay.max) };
}

const idleMs = 3_000;
let peak = 0;
const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
try {
  // What the machine does to timers without us.
  const idle = await delayWhile(() => wait(idleMs));
  const before = process.cpuUsage();
  const began = performance.now();
  const file = values.out ?? join(folder, 'print.pdf');
  let bytes = 0;
  const printing = await delayWhile(async () => {
    ({ bytes } = await printStickers({ template, stickers, branding, nowMs: Date.now(), file }));
  });
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  const round = (value: number): number => Math.round(value * 100) / 100;
  const result = {
    bench: 'print',
    template,
    pages: stickers.length,
    seconds: round(seconds),
    cpuSeconds: round((user + system) / 1e6),
    kbPerPage: round(bytes / stickers.length / 1000),
    peakMb: Math.round(peak / 1e6),
    mainThreadDelayMs: { idle, printing },
    node: process.version,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  clearInterval(watching);
  rmSync(folder, { recursive: true, force: true });
}
