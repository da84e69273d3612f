// Which codes a print takes, in the order of the sheets, and what each sticker says. Only living codes that stand for
// something now.
import { Refusal } from '@tongche/contract';
import type { PrintRequest } from '@tongche/contract';
import { MAX_STICKERS } from '@tongche/print';
import type { Branding, Sticker } from '@tongche/print';
import type { City, Code } from '../city/city.ts';
import type { CityUnit } from '../store/city.ts';
import type { Platform } from '../platform.ts';
import { batchOf, codesOfBatch } from '../store/codes.ts';

/** Numbers of codes printed with this many digits at least. */
const serialDigits = 6;
/** How many wrong names an answer lists. */
const maxListed = 20;

interface Bound {
  readonly code: Code;
  readonly unit: CityUnit;
}

/** The code with its unit, when it is in use and stuck to a unit in service. */
function boundNow(city: City, code: Code, nowMs: number): Bound | undefined {
  const unit = code.revokedMs === null ? city.unitAt(code, nowMs) : undefined;
  return unit === undefined || unit.goneMs !== undefined ? undefined : { code, unit };
}

async function ofBatch({ db, city, clock }: Platform, batchId: number): Promise<readonly Bound[]> {
  if ((await batchOf(db, batchId)) === undefined) throw new Refusal('not-found');
  const nowMs = clock.now();
  // Codes replaced since are left out: their successors are printed one by one.
  return (await codesOfBatch(db, batchId)).flatMap((code8) => {
    const code = city.current.code(code8);
    return (code === undefined ? undefined : boundNow(city.current, code, nowMs)) ?? [];
  });
}

function ofUnits({ city, clock }: Platform, unitIds: readonly string[]): readonly Bound[] {
  const asked = [...new Set(unitIds)];
  const isKnown = (id: string): boolean => {
    const unit = city.current.unit(id);
    return unit !== undefined && unit.goneMs === undefined;
  };
  const unknown = asked.filter((id) => !isKnown(id));
  if (unknown.length > 0) throw new Refusal('unknown-unit', { unitIds: unknown.slice(0, maxListed) });
  const nowMs = clock.now();
  return asked.flatMap((unitId) => living(city.current, unitId, nowMs));
}

/** Codes in use on the unit now, oldest first. */
function living(city: City, unitId: string, nowMs: number): readonly Bound[] {
  return city
    .codesOf(unitId)
    .flatMap((code) => boundNow(city, code, nowMs) ?? [])
    .filter(({ unit }) => unit.unitId === unitId)
    .toSorted((a, b) => a.code.codeId - b.code.codeId);
}

function ofCodes({ city, clock }: Platform, code8s: readonly string[]): readonly Bound[] {
  const nowMs = clock.now();
  return [...new Set(code8s)].map((code8) => {
    const code = city.current.code(code8);
    if (code === undefined) throw new Refusal('unknown-code', { code: code8 });
    if (code.revokedMs !== null) throw new Refusal('code-revoked', { code: code8 });
    const bound = boundNow(city.current, code, nowMs);
    // A sticker without a vehicle would be stuck anywhere.
    if (bound === undefined) throw new Refusal('no-units', { code: code8 });
    return bound;
  });
}

const collator = new Intl.Collator('zh', { numeric: true });

/** By plate, then by name, carriage and age: the depot goes along its vehicles with a pile of stickers. */
function inOrder(a: Bound, b: Bound): number {
  return (
    collator.compare(a.unit.plate ?? a.unit.label.zh, b.unit.plate ?? b.unit.label.zh) ||
    collator.compare(a.unit.vehicleId, b.unit.vehicleId) ||
    (a.unit.carriageNo ?? 0) - (b.unit.carriageNo ?? 0) ||
    collator.compare(a.unit.unitId, b.unit.unitId) ||
    a.code.codeId - b.code.codeId
  );
}

/** "000123-2/3": the code's number, and which of the unit's stickers of this purpose it is. */
function serialOf(city: City, { code, unit }: Bound, nowMs: number): string {
  const same = living(city, unit.unitId, nowMs).filter((one) => one.code.purpose === code.purpose);
  const place = same.findIndex((one) => one.code.codeId === code.codeId) + 1;
  return `${String(code.codeId).padStart(serialDigits, '0')}-${place}/${same.length}`;
}

function stickerOf(platform: Platform, bound: Bound): Sticker {
  const { config, city, clock } = platform;
  const { code, unit } = bound;
  const line = unit.usualLineId === undefined ? undefined : city.current.line(unit.usualLineId);
  return {
    url: `${config.registrarUrl}/r/${code.code8}`,
    shortCode: code.shortCode,
    plate: unit.plate,
    label: unit.label,
    line: line?.name,
    serial: serialOf(city.current, bound, clock.now()),
    carriageNo: unit.carriageNo,
    purpose: code.purpose,
    kind: unit.kind,
  };
}

/**
 * The stickers of a request. Throws Refusal 'bad-request' unless exactly one kind of choice is made, 'not-found' for an
 * unknown batch, 'unknown-unit', 'unknown-code', 'code-revoked', 'no-units' when nothing is left, 'too-large'.
 */
export async function stickersOf(platform: Platform, wish: PrintRequest): Promise<readonly Sticker[]> {
  const { batchId, unitIds, codes } = wish;
  if ([batchId, unitIds, codes].filter((one) => one !== undefined).length !== 1) {
    throw new Refusal('bad-request', { field: 'body/batchId' });
  }
  let chosen: readonly Bound[] = [];
  if (batchId !== undefined) chosen = await ofBatch(platform, batchId);
  if (unitIds !== undefined) chosen = ofUnits(platform, unitIds);
  if (codes !== undefined) chosen = ofCodes(platform, codes);
  if (chosen.length === 0) throw new Refusal('no-units');
  if (chosen.length > MAX_STICKERS) throw new Refusal('too-large', { max: MAX_STICKERS });
  return chosen.toSorted(inOrder).map((bound) => stickerOf(platform, bound));
}

export function brandingOf({ config }: Platform): Branding {
  return { ...config.branding, host: new URL(config.registrarUrl).host };
}
