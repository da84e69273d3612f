// The office's work on codes: issue, move, replace, revoke. Each is one transaction and written down with who did it.
import { Refusal } from '@tongche/contract';
import type { Batch, CodeRow, IssueCodes, MoveCode } from '@tongche/contract';
import type { Unit } from '@tongche/network';
import { DAY_MS, dayOf, dayStartMs, MINUTE_MS } from '@tongche/protocol';
import { codeFacts } from '../operator/code-view.ts';
import { codeRows } from '../operator/codes.ts';
import { DEAD_DAYS } from '../operator/day-counts.ts';
import type { Platform } from '../platform.ts';
import {
  batchOf,
  boundUnit,
  insertBatch,
  insertChange,
  lastScan,
  lockCode,
  lockIssuing,
  putAliases,
  putReplacement,
  rebind,
  unitsWithCode,
} from '../store/codes.ts';
import type { LockedCode } from '../store/codes.ts';
import { revokeCode } from '../store/city.ts';
import { stateValue } from '../store/maintenance.ts';
import { serviceDays } from '../store/operator.ts';
import type { Sql } from '../store/sql.ts';
import { contentDigest, MAX_CONTENT_CHARS, normalContent } from './alias.ts';
import { makeCodes } from './make-codes.ts';

/** One print job takes as many; a city of 10,000 vehicles is issued in a few batches. */
export const MAX_BATCH_CODES = 20_000;
/** A move is planned for the next shift at most; clocks differ by less than this. */
const maxAheadMs = 3 * MINUTE_MS;

export interface Codes {
  issue(staffId: number, wish: IssueCodes): Promise<Batch>;
  move(staffId: number, code8: string, to: MoveCode): Promise<CodeRow>;
  replace(staffId: number, code8: string): Promise<CodeRow>;
  revoke(staffId: number, code8: string): Promise<CodeRow>;
  /** Another QR's content stands for the code from now on. */
  bindAlias(staffId: number, code8: string, content: string): Promise<CodeRow>;
  row(code8: string): Promise<CodeRow>;
}

function floorMinute(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

/** Units the wish names, in the city's order. Throws Refusal 'bad-request', 'unknown-unit' or 'no-units'. */
async function unitsOf(platform: Platform, tx: Sql, wish: IssueCodes): Promise<readonly Unit[]> {
  const { unitIds, lineId, kind, missing } = wish;
  if (unitIds === undefined && lineId === undefined && kind === undefined && missing !== true) {
    throw new Refusal('bad-request', { field: 'body/unitIds' });
  }
  const city = platform.city.current;
  const asked = unitIds === undefined ? undefined : new Set(unitIds);
  const unknown = [...(asked ?? [])].filter((id) => city.unit(id)?.goneMs !== undefined || city.unit(id) === undefined);
  if (unknown.length > 0) throw new Refusal('unknown-unit', { unitIds: unknown.slice(0, 20) });
  const have = missing === true ? await unitsWithCode(tx, wish.purpose, platform.clock.now()) : new Set<string>();
  const units = city.units.filter(
    (unit) =>
      unit.goneMs === undefined &&
      (asked === undefined || asked.has(unit.unitId)) &&
      (lineId === undefined || unit.usualLineId === lineId) &&
      (kind === undefined || unit.kind === kind) &&
      !have.has(unit.unitId),
  );
  if (units.length === 0) throw new Refusal('no-units');
  return units;
}

/** The code as every page of the console shows it. */
export async function codeRow(platform: Platform, code8: string): Promise<CodeRow> {
  const { db, city, clock, zone } = platform;
  const code = city.current.code(code8);
  if (code === undefined) throw new Refusal('unknown-code');
  const nowMs = clock.now();
  const today = dayOf(nowMs, zone);
  const lastMs = await lastScan(db, code.codeId);
  const firstDay = await stateValue(db, 'first-roll');
  const scans = {
    today,
    lastMs: new Map(lastMs === undefined ? [] : [[code.codeId, lastMs]]),
    serviceDays: await serviceDays(db, today - DEAD_DAYS, today - 1),
    firstMs: firstDay === undefined ? 0 : dayStartMs(firstDay, zone),
  };
  const [row] = await codeRows(platform, [codeFacts(city.current, code, scans, nowMs, zone)]);
  if (row === undefined) throw new Error('a code without a row');
  return row;
}

export function codesOffice(platform: Platform): Codes {
  const { db, clock, city, days, random, config, peers } = platform;
  const row = (code8: string): Promise<CodeRow> => codeRow(platform, code8);

  async function lock(tx: Sql, code8: string): Promise<LockedCode> {
    const code = await lockCode(tx, code8);
    if (code === undefined) throw new Refusal('unknown-code');
    return code;
  }

  /** Everybody who looks at the city sees the change, here and elsewhere; counts of moved codes are made anew. */
  async function changing<T>(name: string, work: (tx: Sql) => Promise<T>): Promise<T> {
    const value = await peers.tx(name, async (tx, tell) => {
      const done = await work(tx);
      await tell({ kind: 'city' });
      return done;
    });
    await city.reload();
    days.forget();
    return value;
  }

  return {
    row,
    async issue(staffId, wish) {
      const batchId = await changing('issue-codes', async (tx) => {
        await lockIssuing(tx);
        const nowMs = clock.now();
        const units = await unitsOf(platform, tx, wish);
        const { perUnit, purpose } = wish;
        const codes = units.length * perUnit;
        if (codes > MAX_BATCH_CODES) throw new Refusal('too-large', { max: MAX_BATCH_CODES });
        const id = await insertBatch(tx, { madeMs: nowMs, purpose, perUnit, units: units.length, codes });
        const wanted = units.flatMap(({ unitId }) => Array.from({ length: perUnit }, () => ({ unitId, purpose })));
        await makeCodes(tx, random, wanted, { batchId: id, issuedMs: nowMs, fromMs: floorMinute(nowMs) });
        await insertChange(tx, { atMs: nowMs, staffId, verb: 'issue', batchId: id });
        return id;
      });
      const batch = await batchOf(db, batchId);
      if (batch === undefined) throw new Error('the batch just made is not there');
      return batch;
    },
    async move(staffId, code8, { unitId, fromMs }) {
      const nowMs = clock.now();
      // Rides know their minute only: a code moved within a minute counts from the minute's beginning.
      const sinceMs = floorMinute(fromMs ?? nowMs);
      if (sinceMs > nowMs + maxAheadMs) throw new Refusal('bad-request', { field: 'body/fromMs' });
      if (sinceMs < nowMs - (config.retentionDays + 1) * DAY_MS) throw new Refusal('outside-retention');
      if (city.current.unit(unitId) === undefined) throw new Refusal('unknown-unit', { unitIds: [unitId] });
      await changing('move-code', async (tx) => {
        const { codeId, revokedMs } = await lock(tx, code8);
        // Where a revoked sticker had been stuck may still be put right; it is nowhere from now on.
        if (revokedMs !== null && (fromMs ?? nowMs) >= revokedMs) throw new Refusal('code-revoked');
        if ((await boundUnit(tx, codeId, sinceMs)) !== unitId || (await boundUnit(tx, codeId, nowMs)) !== unitId) {
          await rebind(tx, codeId, unitId, sinceMs);
          await insertChange(tx, { atMs: nowMs, staffId, verb: 'move', codeId, unitId, fromMs: sinceMs });
        }
      });
      return row(code8);
    },
    async replace(staffId, code8) {
      const made = await changing('replace-code', async (tx) => {
        const nowMs = clock.now();
        const old = await lock(tx, code8);
        if (old.revokedMs !== null) throw new Refusal('code-revoked');
        const unitId = (await boundUnit(tx, old.codeId, nowMs)) ?? null;
        const issued = { batchId: null, issuedMs: nowMs, fromMs: floorMinute(nowMs) };
        const [code] = await makeCodes(tx, random, [{ unitId, purpose: old.purpose }], issued);
        if (code === undefined) throw new Error('no code was made');
        await putReplacement(tx, old.codeId, code.codeId, nowMs);
        await insertChange(tx, { atMs: nowMs, staffId, verb: 'replace', codeId: old.codeId, otherId: code.codeId });
        return code.code8;
      });
      return row(made);
    },
    async revoke(staffId, code8) {
      await changing('revoke-code', async (tx) => {
        const nowMs = clock.now();
        const { codeId, revokedMs } = await lock(tx, code8);
        if (revokedMs !== null) return;
        await revokeCode(tx, codeId, nowMs);
        await insertChange(tx, { atMs: nowMs, staffId, verb: 'revoke', codeId });
      });
      return row(code8);
    },
    async bindAlias(staffId, code8, content) {
      const text = normalContent(content);
      if (text === '' || text.length > MAX_CONTENT_CHARS) throw new Refusal('bad-request', { field: 'body/content' });
      await db.tx('bind-alias', async (tx) => {
        const nowMs = clock.now();
        const { codeId, revokedMs } = await lock(tx, code8);
        if (revokedMs !== null) throw new Refusal('code-revoked');
        const put = await putAliases(tx, [{ digest: contentDigest(text), content: text, codeId }], nowMs);
        if (put > 0) await insertChange(tx, { atMs: nowMs, staffId, verb: 'alias', codeId });
      });
      return row(code8);
    },
  };
}
