// Key slots: the only place key material rests. One small file per key, AES-256-GCM under the folder's key (KEK),
// which rests in a file of its own under the unseal key the operator keeps elsewhere. A destroyed slot's file is
// overwritten and removed; rewrap() then also retires the KEK, so that stale blocks of the disk stay noise.
//
// Files of generation g: `kek.<g>.slot` and `<name>.<g>.slot`. The present generation is the highest whose KEK file
// has that name; a rewrap prepares `kek.<g+1>.next` and all slots beside it, and one rename is the switch. Whatever
// is not of the present generation is overwritten and removed, at the end of a rewrap or at the next opening.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config.ts';
import { diskFiles } from './slot-files.ts';
import type { SlotFiles } from './slot-files.ts';
import { bytesFrom } from './random.ts';
import type { Random } from './random.ts';

/** A slot file is damaged or of another folder: a fault, nothing a caller can mend. */
export class SlotError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SlotError';
  }
}

/**
 * Processes of one machine may share a folder. Only one at a time may open it, put or rewrap, which is the caller's to see to,
 * and has to refresh() before; they may all read, and destroy, at any time.
 */
export interface Slots {
  /** Stores or replaces a key, durably. Names are [a-z0-9-], 1 to 64 characters. */
  put(name: string, bytes: Uint8Array): void;
  /** The key, or undefined when there is no such slot. Throws SlotError when the file is damaged. */
  get(name: string): Uint8Array | undefined;
  /** Living slots, sorted. */
  names(): string[];
  /** Overwrites and removes a slot, durably. Returns whether it was there. */
  destroy(name: string): boolean;
  /**
   * A fresh KEK, every living slot under it, everything older overwritten and removed. Safe to cut off anywhere:
   * the next opening finds every slot, in the old or in the new generation, and removes the other.
   */
  rewrap(): void;
  /** Takes notice of another process's rewrap. Throws SlotError when one is under way. */
  refresh(): void;
}

export interface SlotOptions {
  readonly files?: SlotFiles;
  readonly random?: Random;
}

const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;
const version = 1;
/** Keys, key lists and sealed rosters are far smaller. */
const maxSlotBytes = 64 * 1024;
const namePattern = /^[a-z0-9-]{1,64}$/;
const filePattern = /^([a-z0-9-]{1,64})\.(\d{1,9})\.slot$/;
const marker = '.nobackup';
const markerText = new TextEncoder().encode('Key slots never enter a backup: a destroyed key must stay destroyed.\n');

function associated(label: string, generation: number): Uint8Array {
  return new TextEncoder().encode(`tongche slot ${version} ${generation} ${label}`);
}

/** version (1) · iv (12) · ciphertext · tag (16); the label and generation are authenticated beside it. */
function sealBytes(key: Uint8Array, label: string, generation: number, bytes: Uint8Array, random: Random): Uint8Array {
  const iv = random(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(associated(label, generation));
  return Buffer.concat([Buffer.of(version), iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

function openBytes(key: Uint8Array, label: string, generation: number, file: Uint8Array): Uint8Array | undefined {
  if (file.length < 1 + ivBytes + tagBytes || file[0] !== version) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, file.subarray(1, 1 + ivBytes));
  decipher.setAAD(associated(label, generation));
  decipher.setAuthTag(file.subarray(file.length - tagBytes));
  try {
    const head = decipher.update(file.subarray(1 + ivBytes, file.length - tagBytes));
    return new Uint8Array(Buffer.concat([head, decipher.final()]));
  } catch {
    return undefined;
  }
}

function prepareFolder(folder: string): void {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) chmodSync(folder, 0o700);
  const mode = statSync(folder).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new ConfigError(`${folder}: others can read these key slots (mode ${mode.toString(8)}); run chmod 700 on it`);
  }
}

/**
 * Opens (or begins) a folder of key slots.
 * Throws ConfigError for a wrong unseal key or a folder others can read.
 */
export function openSlots(folder: string, unsealKey: Uint8Array, options: SlotOptions = {}): Slots {
  if (unsealKey.length !== keyBytes) throw new ConfigError(`the unseal key must have ${keyBytes} bytes`);
  const files = options.files ?? diskFiles;
  const random = bytesFrom(options.random ?? ((n) => new Uint8Array(randomBytes(n))));
  prepareFolder(folder);
  const path = (file: string): string => join(folder, file);

  function replace(file: string, bytes: Uint8Array): void {
    files.write(path(`${file}.tmp`), bytes);
    files.rename(path(`${file}.tmp`), path(file));
  }

  /** Two may erase the same file: it is gone either way. */
  function erase(file: string): void {
    try {
      files.overwrite(path(file));
      files.unlink(path(file));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  function parsed(): { readonly file: string; readonly name: string; readonly generation: number }[] {
    return files.list(folder).flatMap((file) => {
      const match = filePattern.exec(file);
      return match === null ? [] : [{ file, name: match[1] ?? '', generation: Number(match[2]) }];
    });
  }

  function eraseOthers(generation: number): void {
    const living = new Set(
      parsed()
        .filter((slot) => slot.generation === generation)
        .map((slot) => slot.file),
    );
    for (const file of files.list(folder)) {
      const ours = /\.(slot|next|tmp)$/.test(file);
      if (ours && !living.has(file)) erase(file);
    }
  }

  /** The generation in force; undefined in a new folder. */
  function newest(): { generation: number; kek: Uint8Array } | undefined {
    const generations = parsed()
      .filter((slot) => slot.name === 'kek')
      .map((slot) => slot.generation);
    if (generations.length === 0) return undefined;
    const generation = Math.max(...generations);
    const kek = openBytes(unsealKey, 'kek', generation, files.read(path(`kek.${generation}.slot`)));
    if (kek === undefined) throw new ConfigError(`${folder}: the unseal key does not open these key slots`);
    return { generation, kek };
  }

  function begin(): { generation: number; kek: Uint8Array } {
    const found = newest();
    if (found === undefined) {
      if (parsed().length > 0) throw new SlotError(`${folder}: there are slots but no folder key`);
      const kek = random(keyBytes);
      replace(marker, markerText);
      replace('kek.1.slot', sealBytes(unsealKey, 'kek', 1, kek, random));
      eraseOthers(1);
      return { generation: 1, kek };
    }
    eraseOthers(found.generation);
    return found;
  }

  let { generation, kek } = begin();

  function fileOf(name: string): string {
    if (generation === 0) throw new SlotError(`${folder}: a rewrap was cut off; the slots must be opened again`);
    if (!namePattern.test(name) || name === 'kek') throw new RangeError('slot names are [a-z0-9-], 1 to 64, not "kek"');
    return `${name}.${generation}.slot`;
  }

  function namesOf(inGeneration: number): string[] {
    const living = parsed().filter((slot) => slot.generation === inGeneration && slot.name !== 'kek');
    return living.map((slot) => slot.name).sort();
  }

  function read(name: string, inGeneration: number): Uint8Array | undefined {
    const sealed = unlessGone(() => files.read(path(`${name}.${inGeneration}.slot`)));
    if (sealed === undefined) return undefined;
    const bytes = openBytes(kek, name, inGeneration, sealed);
    if (bytes === undefined) throw new SlotError(`the slot ${name} is damaged`);
    return bytes;
  }

  function get(name: string): Uint8Array | undefined {
    fileOf(name);
    return read(name, generation);
  }

  function names(): string[] {
    fileOf('any');
    return namesOf(generation);
  }

  function put(name: string, bytes: Uint8Array): void {
    if (bytes.length > maxSlotBytes) throw new RangeError(`the slot ${name} would exceed ${maxSlotBytes} bytes`);
    replace(fileOf(name), sealBytes(kek, name, generation, bytes, random));
  }

  function destroy(name: string): boolean {
    const file = fileOf(name);
    if (!files.list(folder).includes(file)) return false;
    // The rename decides: cut off after it, the next opening finishes the work.
    if (unlessGone(() => (files.rename(path(file), path(`${file}.tmp`)), true)) === undefined) return false;
    erase(`${file}.tmp`);
    return true;
  }

  function rewrap(): void {
    const next = generation + 1;
    const fresh = random(keyBytes);
    const before = generation;
    // Until the end it is open which generation a cut leaves; this object must not be used after a fault in here.
    generation = 0;
    eraseOthers(before);
    files.write(path(`kek.${next}.next`), sealBytes(unsealKey, 'kek', next, fresh, random));
    for (const name of namesOf(before)) {
      const bytes = read(name, before);
      if (bytes !== undefined) replace(`${name}.${next}.slot`, sealBytes(fresh, name, next, bytes, random));
    }
    files.rename(path(`kek.${next}.next`), path(`kek.${next}.slot`));
    eraseOthers(next);
    kek = fresh;
    generation = next;
  }

  function refresh(): void {
    let found: ReturnType<typeof newest>;
    try {
      found = unlessGone(newest);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
    if (found === undefined) throw new SlotError(`${folder}: the folder key cannot be read just now`);
    if (found.generation !== generation) ({ generation, kek } = found);
  }

  return { put, get, names, destroy, rewrap, refresh };
}

function isGone(error: unknown): boolean {
  return (error as { readonly code?: unknown } | null)?.code === 'ENOENT';
}

/** Undefined when another process removed the file in this moment. */
function unlessGone<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!isGone(error)) throw error;
    return undefined;
  }
}
