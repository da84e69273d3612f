// The list of printed codes with their states. Newest first; what only the database knows is read for one page.
import type { CodeList, CodeQuery, CodeRow } from '@tongche/contract';
import { dayOf, dayStartMs } from '@tongche/protocol';
import type { Platform } from '../platform.ts';
import { codeExtras, codesOfBatch, ridesOfCodes } from '../store/operator.ts';
import type { CodeFacts } from './code-view.ts';
import { DEAD_DAYS } from './day-counts.ts';
import { pageSize, plain, unitRef } from './refs.ts';
import type { DayRows } from './vehicles.ts';

/** The rows of these codes, in their order. */
export async function codeRows(platform: Platform, facts: readonly CodeFacts[]): Promise<CodeRow[]> {
  const { db, clock, zone } = platform;
  const ids = facts.map(({ code }) => code.codeId);
  const nowMs = clock.now();
  const rides = await ridesOfCodes(db, ids, dayStartMs(dayOf(nowMs, zone) - DEAD_DAYS, zone), nowMs + 3_600_000);
  const extras = await codeExtras(db, ids);
  return facts.map(({ code, state, unit, boundMs, lastMs }) => ({
    code: code.code8,
    shortCode: code.shortCode,
    purpose: code.purpose,
    state,
    unit: unit === undefined ? null : unitRef(unit),
    batchId: extras.get(code.codeId)?.batchId ?? null,
    aliases: extras.get(code.codeId)?.aliases ?? 0,
    issuedMs: extras.get(code.codeId)?.issuedMs ?? null,
    boundMs,
    lastMs,
    rides: rides.get(code.codeId) ?? 0,
  }));
}

function isFound({ code, unit }: CodeFacts, query: string): boolean {
  if (code.code8 === query.trim()) return true;
  const wanted = plain(query);
  return [code.shortCode, unit?.plate ?? '', unit?.label.zh ?? '', unit?.label.en ?? '', unit?.unitId ?? ''].some(
    (text) => plain(text).includes(wanted),
  );
}

export async function codeList(platform: Platform, { codes }: DayRows, query: CodeQuery): Promise<CodeList> {
  const batch = query.batch === undefined ? undefined : await codesOfBatch(platform.db, Number(query.batch));
  const found = [...codes.values()]
    .filter(
      (facts) =>
        (query.state === undefined || facts.state === query.state) &&
        (query.unit === undefined || facts.unit?.unitId === query.unit) &&
        (batch === undefined || batch.has(facts.code.codeId)) &&
        (query.q === undefined || query.q.trim() === '' || isFound(facts, query.q)),
    )
    .sort((a, b) => b.code.codeId - a.code.codeId);
  const before = /^\d{1,10}$/.test(query.after ?? '') ? Number(query.after) : Infinity;
  const rest = found.filter(({ code }) => code.codeId < before);
  const page = rest.slice(0, pageSize(query.limit));
  return {
    rows: await codeRows(platform, page),
    next: rest.length > page.length ? String(page.at(-1)?.code.codeId ?? '') : null,
    total: found.length,
  };
}
