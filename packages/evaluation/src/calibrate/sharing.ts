// How often a number is used by two people, by how much better its days hold together when they are taken as those of two.
import { sharingOf } from '@tongche/tracing';
import type { Priors } from '@tongche/tracing';
import { askingOf } from '../ladder/setting.ts';
import type { Setting } from '../ladder/setting.ts';
import { at, rowsOf } from '../kit/columns.ts';
import { ZONE } from '../observe/timelines.ts';

/** Every so many-th number is enough to learn from. */
const NUMBER_STEP = 4;
/** Breaks mended, from one to the last, which holds for more. */
const KINDS = 4;
/** Nothing is certain. */
const MOST = 0.99;

/** Numbers seen with so many breaks mended (index 0: one), and how many of them two people used. */
export interface SeenNumbers {
  readonly all: readonly number[];
  readonly byTwo: readonly number[];
}

function repeated(value: number, times: number): number[] {
  return Array.from({ length: times }, () => value);
}

export function numbersIn(setting: Setting, base: Priors): SeenNumbers {
  const { city, registrations } = setting;
  const { presences, timelines } = askingOf(setting, base, 1, 'none');
  const [all, byTwo] = [repeated(0, KINDS), repeated(0, KINDS)];
  for (let key = 0; key < registrations.keyOf.length; key += NUMBER_STEP) {
    const rows = [...rowsOf(registrations.ofKey, key)];
    if (rows.length === 0) continue;
    const rides = rows.map((row) => presences.presence(row));
    const { mended } = sharingOf(rides, timelines, { zone: ZONE, shared: base.shared });
    if (mended === 0) continue;
    const kind = Math.min(mended, KINDS) - 1;
    const riders = new Set(rows.map((row) => at(city.stays.person, at(registrations.stay, row))));
    all[kind] = at(all, kind) + 1;
    byTwo[kind] = at(byTwo, kind) + (riders.size > 1 ? 1 : 0);
  }
  return { all, byTwo };
}

/** Shares that never fall: where one would, it and the one before are taken together. */
export function sharesOf(seen: readonly SeenNumbers[]): readonly number[] {
  const total = (name: keyof SeenNumbers, kind: number) => seen.reduce((sum, one) => sum + at(one[name], kind), 0);
  const pools: { all: number; byTwo: number; kinds: number }[] = [];
  for (let kind = 0; kind < KINDS; kind += 1) {
    let pool = { all: total('all', kind), byTwo: total('byTwo', kind), kinds: 1 };
    for (let last = pools.at(-1); last !== undefined; last = pools.at(-1)) {
      if (pool.all > 0 && last.byTwo * pool.all <= pool.byTwo * last.all) break;
      pools.pop();
      pool = { all: pool.all + last.all, byTwo: pool.byTwo + last.byTwo, kinds: pool.kinds + last.kinds };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ all, byTwo, kinds }) => {
    const share = all === 0 ? 0 : Math.min(Math.round((byTwo / all) * 1_000) / 1_000, MOST);
    return repeated(share, kinds);
  });
}
