// A day's secret keys: random, one slot each, never derived from anything and never in a database. What is destroyed
// here is gone for good, and with it every ride sealed on that day.
import { toBytes } from '@tongche/protocol';
import type { Bytes, KeyPair } from '@tongche/protocol';
import { makeNodeSuite } from '@tongche/protocol/node';
import type { Random, Slots } from '@tongche/runtime';

const KEY_BYTES = 32;

export interface DaySecrets {
  readonly kTag: Bytes;
  readonly skEnv: Bytes;
}

export interface MadeDay extends DaySecrets {
  readonly kAdm: Bytes;
  readonly env: KeyPair;
}

export interface DaySlots {
  /** Makes and stores the keys of a day; answers those already there when it was made before. */
  make(day: number): Promise<MadeDay>;
  /** What a trace needs; undefined once destroyed. */
  secrets(day: number): DaySecrets | undefined;
  /** The tag key alone, of a slot of its own; undefined once destroyed. */
  tagKey(day: number): Bytes | undefined;
  /** For the registrar and, through it, the platform; undefined once dropped. */
  admission(day: number): Bytes | undefined;
  /** The admission key is needed no longer than wallets are issued. */
  dropAdmission(day: number): void;
  /** Overwrites and removes everything of a day. */
  destroy(day: number): void;
  /** Days with any living slot, ascending. */
  days(): readonly number[];
}

const NAME = /^(?:tag|adm|env)-(\d{1,5})$/;

export function openDaySlots(slots: Slots, random: Random): DaySlots {
  const suite = makeNodeSuite((length) => toBytes(random(length)));

  function get(name: string): Bytes | undefined {
    const bytes = slots.get(name);
    return bytes === undefined ? undefined : toBytes(bytes);
  }

  function ensure(name: string): Bytes {
    const kept = get(name);
    if (kept !== undefined) return kept;
    const made = toBytes(random(KEY_BYTES));
    slots.put(name, made);
    return made;
  }

  return {
    async make(day) {
      const kept = get(`env-${day}`);
      const env =
        kept === undefined
          ? await suite.generateKeyPair()
          : { sk: toBytes(kept.subarray(0, KEY_BYTES)), pk: toBytes(kept.subarray(KEY_BYTES)) };
      if (kept === undefined) slots.put(`env-${day}`, Buffer.concat([env.sk, env.pk]));
      return { kTag: ensure(`tag-${day}`), kAdm: ensure(`adm-${day}`), env, skEnv: env.sk };
    },
    secrets(day) {
      const kTag = get(`tag-${day}`);
      const env = get(`env-${day}`);
      return kTag === undefined || env === undefined ? undefined : { kTag, skEnv: toBytes(env.subarray(0, KEY_BYTES)) };
    },
    tagKey: (day) => get(`tag-${day}`),
    admission: (day) => get(`adm-${day}`),
    dropAdmission: (day) => void slots.destroy(`adm-${day}`),
    destroy(day) {
      for (const kind of ['env', 'tag', 'adm']) slots.destroy(`${kind}-${day}`);
    },
    days() {
      const days = slots.names().flatMap((name) => {
        const match = NAME.exec(name);
        return match === null ? [] : [Number(match[1])];
      });
      return [...new Set(days)].sort((a, b) => a - b);
    },
  };
}
