// Prints over HTTP as the console asks for them: who may, what is refused, what the PDF holds, when it is gone.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { PrintJob } from '@tongche/contract';
import { readPages } from '@tongche/print/test-kit';
import { toBase64Url } from '@tongche/protocol';
import { signedIn } from '../staff-kit.ts';
import { codeBytes, errorOf, openBench } from '../test-kit.ts';
import { PRINT_KEPT_MS } from './prints.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongche-prints-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const code = (n: number): string => toBase64Url(codeBytes(n));
const template = 'bus-90x120';

writeFileSync(join(folder, 'print-left-over.pdf.part'), 'half');
writeFileSync(join(folder, 'kept.txt'), 'not ours');
const bench = await openBench({ adjust: (config) => ({ ...config, printsFolder: folder }) });
let admin = await signedIn(bench, 'admin');

/** Asks as a page would until the print is made; one of these takes about a second. */
async function finished(body: object): Promise<PrintJob> {
  let answer = await admin('POST', '/operator/api/prints', body);
  const endMs = Date.now() + 30_000;
  while (answer.body['state'] === 'working' && Date.now() < endMs) {
    await wait(50);
    answer = await admin('GET', `/operator/api/prints/${String(answer.body['printId'])}`);
  }
  assert.equal(answer.status, 200, errorOf(answer));
  return answer.body as unknown as PrintJob;
}

async function fetched(job: PrintJob): Promise<Buffer> {
  const response = await admin.raw('GET', `/operator/api/prints/${job.printId}/file`);
  assert.equal(response.headers.get('content-type'), 'application/pdf');
  assert.match(response.headers.get('content-disposition') ?? '', /^attachment; filename="tongche-bus-90x120-/);
  return Buffer.from(await response.arrayBuffer());
}

test('what an earlier process left is removed at start, other files are not touched', () => {
  assert.deepEqual(readdirSync(folder), ['kept.txt']);
});

test('chosen units are printed by plate, with all their codes, and fetched as PDF', async () => {
  const job = await finished({ unitIds: ['bus-2', 'taxi-1', 'bus-1'], template });
  assert.deepEqual([job.state, job.done, job.total], ['ready', 4, 4]);
  const pdf = await fetched(job);
  assert.equal(pdf.length, job.bytes);
  assert.equal(pdf.subarray(0, 8).toString(), '%PDF-1.7');
  const pages = readPages(pdf).map(({ texts }) => texts.map(({ text }) => text));
  const plates = ['粤B·12345D', '粤B·12345D', '粤B·12346D', '粤B·T1234'];
  assert.equal(pages.length, plates.length);
  for (const [index, texts] of pages.entries()) assert.ok(texts.includes(plates[index] ?? ''), texts.join('|'));
  const [first = [], crew = []] = pages;
  assert.ok(first.includes('扫码登记') && crew.includes('司乘人员专用'));
  assert.ok(first.includes('M133路'));
  assert.ok(first.some((text) => text.endsWith('127.0.0.1:8600')));
  assert.equal(first.filter((text) => /^\d{6}-1\/1$/.test(text)).length, 1);
});

test('a batch is printed without the codes replaced since', async () => {
  const batch = await admin('POST', '/operator/api/codes', {
    unitIds: ['bus-1', 'bus-2'],
    perUnit: 2,
    purpose: 'passenger',
  });
  const batchId = Number(batch.body['batchId']);
  const all = await finished({ batchId, template });
  assert.equal(all.total, 4);
  const list = await admin.raw('GET', `/operator/api/batches/${batchId}/codes.csv`);
  const replaced = (await list.text()).split(/\r?\n/)[1]?.split(',')[0] ?? '';
  const change = await admin('POST', `/operator/api/codes/${replaced}/replace`, {});
  assert.equal(change.status, 200, errorOf(change));
  assert.equal((await finished({ batchId, template })).total, 3);
  assert.equal((await finished({ codes: [String(change.body['code'])], template })).total, 1);
  assert.equal(errorOf(await admin('POST', '/operator/api/prints', { codes: [replaced], template })), 'code-revoked');
});

test('requests that fit nothing are refused', async () => {
  const refused = async (body: object): Promise<string> => errorOf(await admin('POST', '/operator/api/prints', body));
  assert.equal(await refused({ batchId: 4711, template }), 'not-found');
  assert.equal(await refused({ unitIds: ['bus-9'], template }), 'unknown-unit');
  assert.equal(await refused({ codes: [code(99)], template }), 'unknown-code');
  assert.equal(await refused({ unitIds: [], template }), 'no-units');
  assert.equal(await refused({ template }), 'bad-request');
  assert.equal(await refused({ batchId: 1, unitIds: ['bus-1'], template }), 'bad-request');
  assert.equal(await refused({ unitIds: ['bus-1'], template: 'postcard' }), 'bad-request');
  assert.equal(errorOf(await admin('GET', '/operator/api/prints/AAAAAAAAAAAA')), 'not-found');
  assert.equal(errorOf(await admin('GET', '/operator/api/prints/AAAAAAAAAAAA/file')), 'not-found');
});

test('only admins print, from our own page', async () => {
  const driver = await signedIn(bench, 'driver');
  const body = { unitIds: ['bus-1'], template };
  assert.equal(errorOf(await driver('POST', '/operator/api/prints', body)), 'forbidden');
  assert.equal(errorOf(await admin.anonymous('POST', '/operator/api/prints', body)), 'not-signed-in');
  const job = await finished(body);
  assert.equal(errorOf(await driver('GET', `/operator/api/prints/${job.printId}/file`)), 'forbidden');
  const foreign = await admin('POST', '/operator/api/prints', body, { origin: 'https://elsewhere.example' });
  assert.equal(errorOf(foreign), 'wrong-origin');
});

test('a print is gone after a day', async () => {
  const job = await finished({ unitIds: ['bus-1'], template });
  assert.ok(readdirSync(folder).includes(`print-${job.printId}.pdf`));
  await bench.clock.advance(PRINT_KEPT_MS);
  admin = await signedIn(bench, 'admin');
  assert.equal(errorOf(await admin('GET', `/operator/api/prints/${job.printId}`)), 'not-found');
  assert.deepEqual(readdirSync(folder), ['kept.txt']);
});

test('closing ends the print under way and leaves nothing', async () => {
  const units = ['bus-1', 'bus-2', 'car-1', 'car-2', 'hall', 'taxi-1'];
  const issued = await admin('POST', '/operator/api/codes', { unitIds: units, perUnit: 20, purpose: 'passenger' });
  const answer = await admin('POST', '/operator/api/prints', { batchId: issued.body['batchId'], template });
  assert.equal(answer.body['state'], 'working');
  await bench.restart(async () => {
    assert.deepEqual(readdirSync(folder), ['kept.txt']);
  });
  assert.equal(errorOf(await admin('GET', `/operator/api/prints/${String(answer.body['printId'])}`)), 'not-found');
});

test('a colour that riders would take for "registered" stops the start', async () => {
  const green = bench.restartAs((config) => ({ ...config, branding: { ...config.branding, colour: '#08703d' } }));
  await assert.rejects(green, /branding\.colour: #08703d is a green/);
  await bench.restartAs((config) => ({ ...config, branding: { ...config.branding, colour: '#b3261e' } }));
  assert.ok(existsSync(join(folder, 'kept.txt')));
});
