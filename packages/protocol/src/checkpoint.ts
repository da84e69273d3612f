// Checkpoints of the log as signed notes (C2SP tlog-checkpoint, signed-note): origin, size, root, and Ed25519 signature lines.
import { fromBase64, toBase64 } from './base64.ts';
import { concat, equalBytes, u64, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import type { FullSuite, Suite } from './suite.ts';

const ED25519_TYPE = 1;
const COSIGNATURE_TYPE = 4;
const KEY_ID_BYTES = 4;
/** A log's own signature and some witnesses'. */
const MAX_SIGNATURES = 16;
const MAX_NOTE_CHARACTERS = 4000;

export interface Checkpoint {
  /** Name of the log, one line. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Bytes;
}

export interface NoteSignature {
  readonly name: string;
  /** First 4 bytes of a hash over name, type and key: a hint which key signed. */
  readonly keyId: Bytes;
  readonly signature: Bytes;
}

export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** The signed text with its final newline. */
  readonly body: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteKey {
  readonly name: string;
  readonly pk: Bytes;
}

export interface NoteSigner extends NoteKey {
  readonly sk: Bytes;
}

/** The text that is signed: three lines. */
export function encodeCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!/^[^\n\r]{1,120}$/.test(origin) || !Number.isSafeInteger(size) || size < 0 || root.length !== 32) {
    throw new RangeError('not a checkpoint');
  }
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

async function keyIdOf(suite: Suite, { name, pk }: NoteKey, type: number): Promise<Bytes> {
  return (await suite.sha256(concat(utf8(`${name}\n`), new Uint8Array([type]), pk))).slice(0, KEY_ID_BYTES);
}

function signatureLine(name: string, keyId: Bytes, signature: Bytes): string {
  if (!/^[^\s+]{1,120}$/u.test(name)) throw new RangeError('a signer has a name without spaces and plus signs');
  return `— ${name} ${toBase64(concat(keyId, signature))}\n`;
}

/** The whole note with the log's signature. */
export async function signCheckpoint(suite: FullSuite, signer: NoteSigner, checkpoint: Checkpoint): Promise<string> {
  const body = encodeCheckpoint(checkpoint);
  const signature = await suite.signEd25519(signer.sk, utf8(body));
  return `${body}\n${signatureLine(signer.name, await keyIdOf(suite, signer, ED25519_TYPE), signature)}`;
}

function cosignedBytes(timeS: number, body: string): Bytes {
  return utf8(`cosignature/v1\ntime ${timeS}\n${body}`);
}

/** The note with a witness's line added (C2SP tlog-cosignature). The witness has checked consistency before. */
export async function cosignCheckpoint(
  suite: FullSuite,
  witness: NoteSigner,
  note: string,
  timeS: number,
): Promise<Result<string, 'bad-checkpoint'>> {
  const parsed = parseCheckpoint(note);
  if (!parsed.ok) return parsed;
  const signature = await suite.signEd25519(witness.sk, cosignedBytes(timeS, parsed.value.body));
  const keyId = await keyIdOf(suite, witness, COSIGNATURE_TYPE);
  return ok(note + signatureLine(witness.name, keyId, concat(u64(BigInt(timeS)), signature)));
}

export function parseCheckpoint(note: string): Result<SignedCheckpoint, 'bad-checkpoint'> {
  const end = note.indexOf('\n\n');
  if (note.length > MAX_NOTE_CHARACTERS || end < 0 || !note.endsWith('\n')) return err('bad-checkpoint');
  const body = note.slice(0, end + 1);
  const [origin = '', sizeText = '', rootText = '', ...extensions] = body.slice(0, -1).split('\n');
  const root = fromBase64(rootText);
  const size = Number(sizeText);
  if (origin === '' || !/^(0|[1-9]\d{0,15})$/.test(sizeText) || !Number.isSafeInteger(size))
    return err('bad-checkpoint');
  if (!root.ok || root.value.length !== 32 || extensions.length > 0) return err('bad-checkpoint');
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return err('bad-checkpoint');
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const match = /^— ([^\s+]{1,120}) ([A-Za-z0-9+/=]+)$/u.exec(line);
    const bytes = fromBase64(match?.[2] ?? '=');
    if (match?.[1] === undefined || !bytes.ok || bytes.value.length <= KEY_ID_BYTES) return err('bad-checkpoint');
    signatures.push({
      name: match[1],
      keyId: bytes.value.slice(0, KEY_ID_BYTES),
      signature: bytes.value.slice(KEY_ID_BYTES),
    });
  }
  return ok({ checkpoint: { origin, size, root: root.value }, body, signatures });
}

/** Checks the log's own signature, and cosignatures of at least `minWitnesses` of the witnesses named. */
export async function verifyCheckpoint(
  suite: FullSuite,
  note: string,
  keys: {
    readonly log: NoteKey;
    readonly origin: string;
    readonly witnesses?: readonly NoteKey[];
    readonly minWitnesses?: number;
  },
): Promise<Result<Checkpoint, 'bad-checkpoint' | 'bad-signature'>> {
  const parsed = parseCheckpoint(note);
  if (!parsed.ok) return parsed;
  if (parsed.value.checkpoint.origin !== keys.origin) return err('bad-checkpoint', 'origin');
  if (!(await isSignedBy(suite, parsed.value, keys.log))) return err('bad-signature');
  let witnessed = 0;
  for (const witness of keys.witnesses ?? []) {
    if (await isCosignedBy(suite, parsed.value, witness)) witnessed += 1;
  }
  return witnessed >= (keys.minWitnesses ?? 0) ? ok(parsed.value.checkpoint) : err('bad-signature', 'witnesses');
}

async function isSignedBy(suite: FullSuite, signed: SignedCheckpoint, key: NoteKey): Promise<boolean> {
  const keyId = await keyIdOf(suite, key, ED25519_TYPE);
  for (const { name, keyId: hint, signature } of signed.signatures) {
    if (name !== key.name || !equalBytes(hint, keyId)) continue;
    if (await suite.verifyEd25519(key.pk, utf8(signed.body), signature)) return true;
  }
  return false;
}

async function isCosignedBy(suite: FullSuite, signed: SignedCheckpoint, key: NoteKey): Promise<boolean> {
  const keyId = await keyIdOf(suite, key, COSIGNATURE_TYPE);
  for (const { name, keyId: hint, signature } of signed.signatures) {
    if (name !== key.name || !equalBytes(hint, keyId) || signature.length !== 72) continue;
    const timeS = new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0);
    if (await suite.verifyEd25519(key.pk, cosignedBytes(Number(timeS), signed.body), signature.slice(8))) return true;
  }
  return false;
}
