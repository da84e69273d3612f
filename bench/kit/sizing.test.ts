// The formulas against cases that can be reckoned by hand, and how they answer to their inputs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASSUMPTIONS, FIGURES, PLACES, valuesOf } from './sizing-inputs.ts';
import { scaled, sizingTables } from './sizing-page.ts';
import { pagesTouched, sizeOf } from './sizing.ts';

const figures = valuesOf(FIGURES);
const assumptions = valuesOf(ASSUMPTIONS);
const place = { name: 'x', ridesPerDay: 864_000, peakPerSecond: 100 };
const simple = {
  ...assumptions,
  retentionDays: 10,
  hotDays: 2,
  notesPerRide: 1,
  utilisation: 0.5,
  fill: 0.5,
  standbys: 1,
};
const round = {
  ...figures,
  nodeMicros: 10_000,
  postgresMicros: 5_000,
  hotBytes: 300,
  sealedBytes: 200,
  noteBytes: 100,
};

test('a small place by hand', () => {
  const sizing = sizeOf(place, 1, round, simple);
  assert.equal(sizing.rows, 8_640_000);
  assert.equal(sizing.meanPerSecond, 10);
  assert.equal(sizing.dataBytes, 864_000 * (2 * 300 + 8 * 200 + 10 * 100));
  assert.equal(sizing.nodeCores, 2);
  assert.equal(sizing.platformProcesses, 3);
  assert.equal(sizing.postgresCores, 1);
  assert.equal(sizing.diskBytes, (sizing.dataBytes + sizing.walBytesPerDay) * 2);
  assert.equal(sizing.replicationBitsPerSecond, sizing.walBytesPerSecondAtPeak * 8);
  assert.deepEqual([sizing.workers, sizing.databaseServers], [0, 2]);
});

test('what is registered by fewer needs proportionally fewer rows and bytes', () => {
  const [all, some] = [1, 0.25].map((share) => sizeOf(place, share, round, simple));
  assert.ok(all !== undefined && some !== undefined);
  assert.equal(some.rows * 4, all.rows);
  assert.equal(some.dataBytes * 4, all.dataBytes);
  assert.equal(some.peakPerSecond, 25);
});

test('rare checkpoints make less WAL, and never less than the rows themselves', () => {
  const [city] = PLACES;
  assert.ok(city !== undefined);
  const wal = (checkpointMinutes: number) =>
    sizeOf(city, 1, figures, { ...assumptions, checkpointMinutes }).walBytesPerRide;
  assert.ok(wal(5) > wal(15) && wal(15) > wal(60) && wal(60) > figures.walBytes);
});

test('pages touched: few rides touch a page each, many touch every page once', () => {
  assert.equal(Math.round(pagesTouched(8_192 * 1e6, 10, 1)), 10);
  assert.equal(Math.round(pagesTouched(8_192 * 100, 1e6, 1)), 100);
  assert.equal(pagesTouched(0, 100, 1), 0);
});

test('rides are spread over workers when one server’s disk is outgrown', () => {
  const small = sizeOf(place, 1, round, { ...simple, serverBytes: 1e9 });
  assert.equal(small.workers, Math.ceil(small.diskBytes / 1e9));
  assert.equal(small.databaseServers, (small.workers + 1) * 2);
});

test('the same inputs give the same page, other inputs another', () => {
  assert.equal(sizingTables(), sizingTables(figures, assumptions));
  assert.notEqual(sizingTables(), sizingTables({ ...figures, nodeMicros: 1 }, assumptions));
  assert.deepEqual([0, 999, 1_040, 168e9, 2.76e12].map(scaled), ['0', '1,000', '1 k', '170 G', '2.8 T']);
});
